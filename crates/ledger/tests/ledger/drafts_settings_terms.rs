use brasskey_ledger::{ConversationId, DraftKey, LedgerError, TermsAcceptance};
use sqlx::Connection;

use crate::kit::{Place, raw, with_conversation};

#[tokio::test]
async fn drafts_survive_a_restart_each_in_its_place() {
    let place = Place::new();
    let ledger = place.open().await;
    let one = DraftKey::Conversation(with_conversation(&ledger, "c").await);
    ledger.drafts().set(&DraftKey::New, "new", 1).await.unwrap();
    ledger.drafts().set(&one, "first", 1).await.unwrap();
    ledger.drafts().set(&one, "second", 2).await.unwrap();
    drop(ledger);
    let ledger = place.open().await;
    assert_eq!(ledger.drafts().get(&DraftKey::New).await.unwrap(), "new");
    assert_eq!(ledger.drafts().get(&one).await.unwrap(), "second");
    ledger.drafts().set(&one, "", 3).await.unwrap();
    assert_eq!(ledger.drafts().get(&one).await.unwrap(), "");
}

#[tokio::test]
async fn the_draft_of_an_erased_conversation_goes_with_it() {
    let place = Place::new();
    let ledger = place.open().await;
    let (gone, kept) = (
        with_conversation(&ledger, "gone").await,
        with_conversation(&ledger, "kept").await,
    );
    for key in [
        DraftKey::New,
        DraftKey::Conversation(gone.clone()),
        DraftKey::Conversation(kept.clone()),
    ] {
        ledger.drafts().set(&key, "text", 1).await.unwrap();
    }
    ledger.conversations().delete(&gone, 2).await.unwrap();
    ledger.conversations().purge(3).await.unwrap();
    assert_eq!(
        ledger
            .drafts()
            .get(&DraftKey::Conversation(gone))
            .await
            .unwrap(),
        ""
    );
    assert_eq!(
        ledger
            .drafts()
            .get(&DraftKey::Conversation(kept))
            .await
            .unwrap(),
        "text"
    );
    assert_eq!(ledger.drafts().get(&DraftKey::New).await.unwrap(), "text");
}

#[tokio::test]
async fn a_conversation_called_new_does_not_share_the_draft_of_none() {
    let place = Place::new();
    let ledger = place.open().await;
    ledger
        .drafts()
        .set(
            &DraftKey::Conversation(ConversationId::new("new")),
            "its own",
            1,
        )
        .await
        .unwrap();
    assert_eq!(ledger.drafts().get(&DraftKey::New).await.unwrap(), "");
}

#[tokio::test]
async fn a_setting_keeps_its_value_and_a_wrong_type_is_told() {
    let place = Place::new();
    let ledger = place.open().await;
    let settings = ledger.settings();
    assert_eq!(settings.get::<String>("billing.mode").await.unwrap(), None);
    settings.set("billing.mode", "byok").await.unwrap();
    settings.set("billing.mode", "vendor_billed").await.unwrap();
    assert_eq!(
        settings
            .get::<String>("billing.mode")
            .await
            .unwrap()
            .as_deref(),
        Some("vendor_billed")
    );
    assert!(matches!(
        settings.get::<u32>("billing.mode").await,
        Err(LedgerError::Unreadable { .. })
    ));
    settings.clear("billing.mode").await.unwrap();
    assert_eq!(settings.get::<String>("billing.mode").await.unwrap(), None);
}

fn acceptance(version: &str, at: i64) -> TermsAcceptance {
    TermsAcceptance {
        profile: "local".to_owned(),
        document: "byok".to_owned(),
        version: version.to_owned(),
        sha256: "0123456789abcdef".repeat(4),
        accepted_at: at,
        app_version: "0.1.0".to_owned(),
        surface: "first_run".to_owned(),
    }
}

#[tokio::test]
async fn acceptances_are_read_by_who_gave_them_in_the_order_in_which_they_were_given() {
    let place = Place::new();
    let ledger = place.open().await;
    let terms = ledger.terms();
    assert_eq!(terms.of("local").await.unwrap(), []);
    terms.record(&acceptance("1", 10)).await.unwrap();
    // The clock went back in between.
    terms.record(&acceptance("2", 5)).await.unwrap();
    let hers = TermsAcceptance {
        profile: "account-1".to_owned(),
        ..acceptance("2", 30)
    };
    terms.record(&hers).await.unwrap();
    assert_eq!(
        terms.of("local").await.unwrap(),
        [acceptance("1", 10), acceptance("2", 5)]
    );
    assert_eq!(terms.of("account-1").await.unwrap(), [hers]);
    let cut = TermsAcceptance {
        sha256: "0123".to_owned(),
        ..acceptance("3", 20)
    };
    assert_eq!(
        ledger.terms().record(&cut).await,
        Err(LedgerError::Conflict)
    );
}

#[tokio::test]
async fn an_acceptance_cannot_be_changed_or_deleted() {
    let place = Place::new();
    let ledger = place.open().await;
    ledger.terms().record(&acceptance("1", 10)).await.unwrap();
    let mut raw = raw(&place.path()).await;
    for statement in [
        "UPDATE terms_acceptance SET version = '2'",
        "DELETE FROM terms_acceptance",
        "INSERT OR REPLACE INTO terms_acceptance SELECT * FROM terms_acceptance",
    ] {
        let error = sqlx::query(statement).execute(&mut raw).await.unwrap_err();
        assert!(
            error.to_string().contains("append-only"),
            "{statement}: {error}"
        );
    }
    raw.close().await.unwrap();
    assert_eq!(
        ledger.terms().of("local").await.unwrap(),
        [acceptance("1", 10)]
    );
}
