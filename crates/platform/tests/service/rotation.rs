//! Signing keys that are replaced while the service runs.

use brasskey_licence::{KeySet, Licence};
use brasskey_platform::settings::Settings;
use brasskey_platform::{Clock, KeyFolder, examine};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use utoipa_axum::router::OpenApiRouter;

use crate::databases::both;
use crate::served::Served;

impl Served {
    async fn key_set(&self) -> KeySet {
        let signed = self.get("/v1/keyset", &[]).await.text().await.unwrap();
        KeySet::read(&signed, &[self.keys.root().unwrap()]).unwrap()
    }

    /// Renews a licence, and puts the new credential in the place of the old one.
    pub(crate) async fn renewed(&self, bearer: &mut String) -> String {
        let body = json!({"app_version": "0.2.0"});
        let headers = [("authorization", bearer.as_str())];
        let answer = self
            .send(Method::POST, "/v1/licence", &headers, Some(&body))
            .await;
        let renewed: Value = answer.json().await.unwrap();
        *bearer = format!("Bearer {}", renewed["device_token"].as_str().unwrap());
        renewed["licence"].as_str().unwrap().to_owned()
    }

    /// What a minute brings.
    async fn a_minute_passes(&self) {
        self.clock.advance(SignedDuration::from_secs(61));
        self.service.do_due_work().await;
    }
}

#[tokio::test]
async fn a_rotated_key_is_taken_up_without_a_restart_and_old_licences_stay_good() {
    for database in both() {
        let service =
            Served::start(&database.url, &Settings::default(), OpenApiRouter::new()).await;
        let mut bearer = service.device("dev_1").await;
        let before = service.key_set().await;
        let old = service.renewed(&mut bearer).await;
        service.service.do_due_work().await;

        let now = service.clock.now();
        let next = service.keys.rotate(Some(&before), now).unwrap();
        service.store.keep_keyset(&next, now).await.unwrap();
        service.a_minute_passes().await;

        let after = service.key_set().await;
        assert_eq!(after.keys().len(), 2);
        let new = service.renewed(&mut bearer).await;
        assert!(
            Licence::read(&new, &before, "dev_1").is_err(),
            "another key signed it"
        );
        assert!(Licence::read(&new, &after, "dev_1").is_ok());
        assert!(Licence::read(&old, &after, "dev_1").is_ok());
    }
}

#[tokio::test]
async fn a_key_whose_secret_is_not_here_yet_is_not_taken_up_before_it_is() {
    for database in both() {
        let service =
            Served::start(&database.url, &Settings::default(), OpenApiRouter::new()).await;
        let mut bearer = service.device("dev_1").await;
        let before = service.key_set().await;
        let now = service.clock.now();
        let next = service.keys.rotate(Some(&before), now).unwrap();
        let kid = KeySet::read(&next, &[service.keys.root().unwrap()])
            .unwrap()
            .keys()[1]
            .key
            .kid()
            .to_owned();
        let here = service.keys.path().join(format!("{kid}.key"));
        let elsewhere = service.keys.path().join("elsewhere");
        std::fs::rename(&here, &elsewhere).unwrap();
        service.store.keep_keyset(&next, now).await.unwrap();
        service.a_minute_passes().await;
        let still = service.renewed(&mut bearer).await;
        assert!(
            Licence::read(&still, &before, "dev_1").is_ok(),
            "the old key signs on"
        );
        std::fs::rename(&elsewhere, &here).unwrap();
        service.a_minute_passes().await;
        let new = service.renewed(&mut bearer).await;
        assert!(Licence::read(&new, &before, "dev_1").is_err());
    }
}

#[tokio::test]
async fn the_doctor_asks_for_a_rotation_before_a_key_ends_and_for_the_right_time() {
    for database in both() {
        let folder = TempDir::new().unwrap();
        let keys = KeyFolder::at(folder.path());
        let mut settings = Settings::default();
        settings.database.url = database.url.clone().into();
        settings.keys.folder = folder.path().to_owned();
        let store = brasskey_platform::Store::open(&database.url).await.unwrap();
        store.migrate().await.unwrap();
        keys.make_root().unwrap();
        let clock = Clock::default();
        let made = clock.now() - SignedDuration::from_hours(24 * 340);
        store
            .keep_keyset(&keys.rotate(None, made).unwrap(), made)
            .await
            .unwrap();
        let wrong = async |clock: &Clock| {
            let findings = examine(&settings, clock).await;
            let wrong = findings
                .into_iter()
                .filter(|finding| finding.state.is_err());
            wrong.map(|finding| finding.to_string()).collect::<Vec<_>>()
        };
        let found = wrong(&clock).await;
        assert!(
            found.len() == 1 && found[0].contains("the active key ends at"),
            "{found:?}"
        );
        let set = keys.rotate(None, clock.now()).unwrap();
        store.keep_keyset(&set, clock.now()).await.unwrap();
        assert!(wrong(&clock).await.is_empty());
        clock.advance(SignedDuration::from_secs(60));
        let found = wrong(&clock).await;
        assert!(
            found.len() == 1 && found[0].starts_with("wrong  clock: "),
            "{found:?}"
        );
    }
}
