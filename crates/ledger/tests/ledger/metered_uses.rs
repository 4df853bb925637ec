//! Uses of metered features: noted with what was done, and kept until they are counted.

use brasskey_ledger::{MeteredUse, ProjectId};

use crate::kit::{PROFILE, Place};

const OTHERS: &str = "account-bob";

fn named(uses: &[MeteredUse]) -> Vec<(&str, &str, i64)> {
    uses.iter()
        .map(|each| (each.id.as_str(), each.feature.as_str(), each.at))
        .collect()
}

#[tokio::test]
async fn making_a_project_is_a_use_until_it_is_counted() {
    let place = Place::new();
    let ledger = place.open().await;
    for (id, profile, at) in [("b", PROFILE, 2), ("a", PROFILE, 1), ("c", OTHERS, 3)] {
        let id = ProjectId::new(id);
        ledger
            .projects()
            .create(&id, "Thesis", profile, at)
            .await
            .unwrap();
    }
    // A project that could not be made is no use.
    let taken = ProjectId::new("a");
    let refused = ledger.projects().create(&taken, "Other", PROFILE, 4).await;
    assert!(refused.is_err());
    // One that was deleted was made all the same.
    ledger.projects().delete(&taken, 5).await.unwrap();
    ledger.close().await;
    drop(ledger);

    let ledger = place.open().await;
    let uses = ledger.metered_uses().oldest(PROFILE, 10).await.unwrap();
    assert_eq!(named(&uses), [("a", "projects", 1), ("b", "projects", 2)]);
    let first = ledger.metered_uses().oldest(PROFILE, 1).await.unwrap();
    assert_eq!(named(&first), [("a", "projects", 1)]);

    ledger.metered_uses().forget(&first).await.unwrap();
    let left = ledger.metered_uses().oldest(PROFILE, 10).await.unwrap();
    assert_eq!(named(&left), [("b", "projects", 2)]);
    ledger.metered_uses().adopt(PROFILE, OTHERS).await.unwrap();
    ledger.metered_uses().forget(&[]).await.unwrap();
    let theirs = ledger.metered_uses().oldest(OTHERS, 10).await.unwrap();
    assert_eq!(named(&theirs), [("b", "projects", 2), ("c", "projects", 3)]);
    assert_eq!(ledger.metered_uses().oldest(PROFILE, 10).await.unwrap(), []);
}
