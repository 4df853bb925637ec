//! A text that changes: what was accepted holds until something material comes into force, and then the difference is shown and
//! accepted anew, on both sides.

use std::time::Duration;

use brasskey_app::error::ErrorCode;
use jiff::SignedDuration;
use tempfile::TempDir;

use crate::bank::days;
use crate::cable::Cable;
use crate::computer::{Computer, Where};
use crate::databases::both;
use crate::identity::Provider;
use crate::terms::{Newer, with_newer_byok};

#[tokio::test]
async fn a_material_change_is_asked_for_when_it_comes_into_force_and_shown_beside_what_was_accepted()
 {
    let provider = Provider::start();
    for database in both() {
        let service = provider.service(&database).await;
        let platform = Where::of(&service);
        let cable = Cable::to(&platform).await;
        let computer = Computer::at(cable.end(&platform)).await;
        let app = &computer.app;
        app.begin_trial().await.unwrap();
        computer.sign_in("ada@example.com").await.unwrap();
        let key = computer.add_key("sk-proj-0123456789abcdefghij-Key1").await;
        let first = computer.text("byok").await;
        assert!(first.accepted_at.is_some() && first.before.is_none());

        // Published for later: what was accepted holds until then.
        let now = service.clock.now();
        let later = (now + days(5)).to_string();
        let before = (now - days(1)).to_string();
        let material = Newer {
            version: "2027-03-01.1",
            material: true,
            effective_at: &later,
        };
        let folder = TempDir::new().unwrap();
        let service = service
            .replica_with_terms(
                provider.identity(),
                with_newer_byok(folder.path(), &[material]),
            )
            .await;
        cable.plug_into(&Where::of(&service));
        app.refresh_billing().await.unwrap();
        let shown = computer.text("byok").await;
        assert_eq!(shown.version, "2027-03-01.1");
        assert_eq!(shown.accepted_at, first.accepted_at);
        assert_eq!(shown.before.as_ref(), Some(&first.text));
        assert_eq!(computer.refusal(&key).await, None);

        // In force: nothing goes out before it is accepted. A change of words after it makes no difference.
        let terms = [
            Newer {
                version: "2027-03-01.1",
                material: true,
                effective_at: &later,
            },
            Newer {
                version: "2027-03-02.1",
                material: false,
                effective_at: &before,
            },
        ];
        let folder = TempDir::new().unwrap();
        let service = service
            .replica_with_terms(provider.identity(), with_newer_byok(folder.path(), &terms))
            .await;
        cable.plug_into(&Where::of(&service));
        app.refresh_billing().await.unwrap();
        assert_eq!(computer.refusal(&key).await, None);
        computer
            .clock
            .advance(days(5) + SignedDuration::from_secs(1));
        let shown = computer.text("byok").await;
        assert_eq!((&*shown.version, shown.accepted_at), ("2027-03-02.1", None));
        assert_eq!(shown.before.as_ref(), Some(&first.text));
        assert_eq!(computer.refusal(&key).await, Some(ErrorCode::TermsDue));
        assert_eq!(computer.keys().await, ["Key1"]);

        computer.accept("vendor").await;
        assert!(computer.text("byok").await.accepted_at.is_some());
        assert_eq!(computer.refusal(&key).await, None);
        // The service hears of it in its own time.
        let token = provider.token_of("ada@example.com").await;
        let due = async || {
            let account = service.call("GET", "/v1/account", &token, &[]).await;
            account.body["terms_due"].as_array().unwrap().clone()
        };
        while due().await.iter().any(|due| due["doc"] == "byok") {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
