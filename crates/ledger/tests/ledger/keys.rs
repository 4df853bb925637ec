use brasskey_ledger::{
    KeyEntry, KeyId, KeyIntent, Ledger, LedgerError, NewKeyRecord, Place as KeyPlace, StoreAction,
};

use crate::kit::{PROFILE, Place, dollars, done, turn, with_conversation};

fn record(id: &str) -> NewKeyRecord {
    NewKeyRecord {
        id: KeyId::new(id),
        profile: PROFILE.to_owned(),
        provider: "openai".to_owned(),
        protocol: "open_ai_responses".to_owned(),
        label: "Work".to_owned(),
        base_url: "https://api.openai.com/v1".to_owned(),
        origin: "https://api.openai.com".to_owned(),
        entry: Some(entry(&format!("entry-{id}"))),
        place: KeyPlace::System,
        health_json: None,
        models_json: Some(r#"["gpt-6.1-sol"]"#.to_owned()),
        checked_at: None,
    }
}

fn entry(id: &str) -> KeyEntry {
    KeyEntry {
        id: id.to_owned(),
        last4: "x9Qz".to_owned(),
    }
}

async fn defaults(ledger: &Ledger) -> Vec<String> {
    let list = ledger.keys().list(PROFILE).await.unwrap();
    list.into_iter()
        .filter(|key| key.is_default)
        .map(|key| key.id.to_string())
        .collect()
}

async fn intents(ledger: &Ledger) -> Vec<(String, StoreAction)> {
    let list = ledger.key_intents().list().await.unwrap();
    list.into_iter()
        .map(|KeyIntent { entry_id, what, .. }| (entry_id, what))
        .collect()
}

#[tokio::test]
async fn a_key_belongs_to_its_profile() {
    let place = Place::new();
    let ledger = place.open().await;
    ledger.keys().insert(&record("a"), 1).await.unwrap();
    let other = NewKeyRecord {
        profile: "account-7".to_owned(),
        ..record("b")
    };
    ledger.keys().insert(&other, 2).await.unwrap();
    let mine = ledger.keys().list(PROFILE).await.unwrap();
    assert_eq!(mine.len(), 1);
    assert_eq!(
        (
            mine[0].id.as_str(),
            mine[0].last4.as_deref(),
            mine[0].added_at
        ),
        ("a", Some("x9Qz"), 1)
    );
    assert!(mine[0].is_default);
    assert_eq!(ledger.keys().all().await.unwrap().len(), 2);
}

#[tokio::test]
async fn the_intent_is_settled_with_the_record() {
    let place = Place::new();
    let ledger = place.open().await;
    ledger
        .key_intents()
        .intend("entry-a", StoreAction::Put, KeyPlace::System, 1)
        .await
        .unwrap();
    ledger
        .key_intents()
        .intend("entry-b", StoreAction::Put, KeyPlace::System, 2)
        .await
        .unwrap();
    ledger.keys().insert(&record("a"), 3).await.unwrap();
    assert_eq!(
        intents(&ledger).await,
        [("entry-b".to_owned(), StoreAction::Put)]
    );
    ledger
        .key_intents()
        .intend("entry-b", StoreAction::Delete, KeyPlace::System, 4)
        .await
        .unwrap();
    assert_eq!(
        intents(&ledger).await,
        [("entry-b".to_owned(), StoreAction::Delete)]
    );
    ledger.key_intents().clear("entry-b").await.unwrap();
    assert_eq!(intents(&ledger).await, []);
}

#[tokio::test]
async fn an_entry_serves_one_key() {
    let place = Place::new();
    let ledger = place.open().await;
    ledger.keys().insert(&record("a"), 1).await.unwrap();
    let twin = NewKeyRecord {
        id: KeyId::new("b"),
        ..record("a")
    };
    assert_eq!(
        ledger.keys().insert(&twin, 2).await,
        Err(LedgerError::Conflict)
    );
    assert_eq!(
        ledger.keys().insert(&record("a"), 2).await,
        Err(LedgerError::Conflict)
    );
    assert_eq!(ledger.keys().list(PROFILE).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_whole_key_is_not_accepted_as_last_characters() {
    let place = Place::new();
    let ledger = place.open().await;
    let whole = KeyEntry {
        id: "entry-a".to_owned(),
        last4: "sk-proj-abcdef".to_owned(),
    };
    let new = NewKeyRecord {
        entry: Some(whole),
        ..record("a")
    };
    assert_eq!(
        ledger.keys().insert(&new, 1).await,
        Err(LedgerError::Conflict)
    );
}

#[tokio::test]
async fn keyless_endpoints_stand_beside_each_other() {
    let place = Place::new();
    let ledger = place.open().await;
    for id in ["a", "b"] {
        let new = NewKeyRecord {
            provider: "ollama".to_owned(),
            entry: None,
            ..record(id)
        };
        ledger.keys().insert(&new, 1).await.unwrap();
    }
    let list = ledger.keys().list(PROFILE).await.unwrap();
    assert_eq!(list.len(), 2);
    assert!(
        list.iter()
            .all(|key| key.entry_id.is_none() && key.last4.is_none())
    );
}

#[tokio::test]
async fn a_provider_has_one_default() {
    let place = Place::new();
    let ledger = place.open().await;
    for id in ["a", "b", "c"] {
        ledger.keys().insert(&record(id), 1).await.unwrap();
    }
    let other = NewKeyRecord {
        provider: "anthropic".to_owned(),
        ..record("d")
    };
    ledger.keys().insert(&other, 1).await.unwrap();
    assert_eq!(defaults(&ledger).await, ["a", "d"]);
    ledger.keys().set_default(&KeyId::new("c")).await.unwrap();
    ledger.keys().set_default(&KeyId::new("c")).await.unwrap();
    assert_eq!(defaults(&ledger).await, ["c", "d"]);
}

#[tokio::test]
async fn a_removed_default_is_followed_by_another_and_comes_back_as_default() {
    let place = Place::new();
    let ledger = place.open().await;
    for id in ["a", "b", "c"] {
        ledger.keys().insert(&record(id), 1).await.unwrap();
    }
    let a = KeyId::new("a");
    ledger.keys().mark_removed(&a, 5).await.unwrap();
    assert_eq!(defaults(&ledger).await, ["b"]);
    assert!(ledger.keys().set_default(&a).await.is_err());
    assert!(ledger.keys().mark_removed(&a, 6).await.is_err());
    ledger.keys().restore(&a).await.unwrap();
    assert_eq!(defaults(&ledger).await, ["a"]);
    assert!(ledger.keys().restore(&a).await.is_err());

    ledger
        .keys()
        .mark_removed(&KeyId::new("c"), 7)
        .await
        .unwrap();
    assert_eq!(defaults(&ledger).await, ["a"]);
    ledger.keys().mark_removed(&a, 7).await.unwrap();
    ledger
        .keys()
        .mark_removed(&KeyId::new("b"), 7)
        .await
        .unwrap();
    assert_eq!(defaults(&ledger).await, Vec::<String>::new());
    ledger.keys().restore(&KeyId::new("c")).await.unwrap();
    assert_eq!(defaults(&ledger).await, ["c"]);
}

#[tokio::test]
async fn purging_removed_keys_hands_over_their_entries_and_intends_their_deletion() {
    let place = Place::new();
    let ledger = place.open().await;
    for id in ["a", "b"] {
        ledger.keys().insert(&record(id), 1).await.unwrap();
    }
    ledger
        .keys()
        .mark_removed(&KeyId::new("a"), 5)
        .await
        .unwrap();
    assert_eq!(
        ledger.keys().purge(5, 9).await.unwrap(),
        Vec::<(String, KeyPlace)>::new()
    );
    assert_eq!(
        ledger.keys().purge(6, 9).await.unwrap(),
        [("entry-a".to_owned(), KeyPlace::System)]
    );
    assert_eq!(
        intents(&ledger).await,
        [("entry-a".to_owned(), StoreAction::Delete)]
    );
    assert!(matches!(
        ledger.keys().restore(&KeyId::new("a")).await,
        Err(LedgerError::NotFound { .. })
    ));
    assert_eq!(ledger.keys().all().await.unwrap().len(), 1);
}

#[tokio::test]
async fn replacing_switches_the_entry_and_settles_both_intents() {
    let place = Place::new();
    let ledger = place.open().await;
    ledger.keys().insert(&record("a"), 1).await.unwrap();
    ledger
        .key_intents()
        .intend("entry-new", StoreAction::Put, KeyPlace::System, 2)
        .await
        .unwrap();
    let new = KeyEntry {
        id: "entry-new".to_owned(),
        last4: "NEW4".to_owned(),
    };
    let a = KeyId::new("a");
    ledger
        .keys()
        .set_health(&a, r#"{"state":"working"}"#, Some("[]"), 2)
        .await
        .unwrap();
    let old = ledger
        .keys()
        .replace_entry(&a, &new, KeyPlace::Session, 3)
        .await
        .unwrap();
    assert_eq!(old, Some(("entry-a".to_owned(), KeyPlace::System)));
    assert_eq!(
        intents(&ledger).await,
        [("entry-a".to_owned(), StoreAction::Delete)]
    );
    let key = ledger.keys().get(&a).await.unwrap();
    assert_eq!(
        (key.entry_id.as_deref(), key.last4.as_deref()),
        (Some("entry-new"), Some("NEW4"))
    );
    assert_eq!((key.place, key.added_at), (KeyPlace::Session, 3));
    // What a check found of the old key says nothing of the new one; the models are the provider's.
    assert_eq!((key.health_json, key.last_checked_at), (None, None));
    assert_eq!(key.models_json.as_deref(), Some("[]"));
}

#[tokio::test]
async fn a_moved_entry_settles_its_intent_and_moves_removed_keys_too() {
    let place = Place::new();
    let ledger = place.open().await;
    for id in ["a", "b"] {
        let new = NewKeyRecord {
            place: KeyPlace::Session,
            ..record(id)
        };
        ledger.keys().insert(&new, 1).await.unwrap();
    }
    let (a, b) = (KeyId::new("a"), KeyId::new("b"));
    ledger.keys().mark_removed(&a, 2).await.unwrap();
    ledger
        .key_intents()
        .intend("entry-a", StoreAction::Put, KeyPlace::System, 3)
        .await
        .unwrap();
    let keys = ledger.keys();
    let to_system = async |entry: &str| {
        keys.relocate(&[entry.to_owned()], KeyPlace::System, 4)
            .await
    };
    to_system("entry-a").await.unwrap();
    assert_eq!(intents(&ledger).await, []);
    assert_eq!(keys.get(&a).await.unwrap().place, KeyPlace::System);
    assert_eq!(keys.get(&b).await.unwrap().place, KeyPlace::Session);
    let unknown = to_system("entry-c").await;
    assert!(matches!(unknown, Err(LedgerError::NotFound { .. })));
}

#[tokio::test]
async fn entries_move_together_or_not_at_all_and_what_is_left_of_them_is_to_be_deleted() {
    let place = Place::new();
    let ledger = place.open().await;
    for id in ["a", "b"] {
        let new = NewKeyRecord {
            place: KeyPlace::Passphrase,
            ..record(id)
        };
        ledger.keys().insert(&new, 1).await.unwrap();
    }
    let keys = ledger.keys();
    let places = async || {
        let all = ledger.keys().all().await.unwrap();
        all.iter().map(|key| key.place).collect::<Vec<_>>()
    };
    let entries = |ids: [&str; 2]| ids.map(|id| format!("entry-{id}"));
    let unknown = keys
        .relocate(&entries(["a", "c"]), KeyPlace::System, 2)
        .await;
    assert!(matches!(unknown, Err(LedgerError::NotFound { .. })));
    assert_eq!(places().await, [KeyPlace::Passphrase; 2]);

    keys.relocate(&entries(["a", "b"]), KeyPlace::System, 3)
        .await
        .unwrap();
    assert_eq!(places().await, [KeyPlace::System; 2]);
    let intents = ledger.key_intents().list().await.unwrap();
    let left: Vec<_> = intents
        .iter()
        .map(|intent| (intent.entry_id.as_str(), intent.what, intent.place))
        .collect();
    let delete = |entry| (entry, StoreAction::Delete, KeyPlace::Passphrase);
    assert_eq!(left, [delete("entry-a"), delete("entry-b")]);
}

#[tokio::test]
async fn models_are_stored_without_a_check() {
    let place = Place::new();
    let ledger = place.open().await;
    ledger.keys().insert(&record("a"), 1).await.unwrap();
    let a = KeyId::new("a");
    ledger.keys().set_models(&a, r#"["mine"]"#).await.unwrap();
    let key = ledger.keys().get(&a).await.unwrap();
    assert_eq!(key.models_json.as_deref(), Some(r#"["mine"]"#));
    assert_eq!((key.health_json, key.last_checked_at), (None, None));
    ledger.keys().mark_removed(&a, 2).await.unwrap();
    let removed = ledger.keys().set_models(&a, "[]").await;
    assert!(matches!(removed, Err(LedgerError::NotFound { .. })));
}

#[tokio::test]
async fn a_check_is_kept_and_a_failed_one_keeps_the_models() {
    let place = Place::new();
    let ledger = place.open().await;
    ledger.keys().insert(&record("a"), 1).await.unwrap();
    let a = KeyId::new("a");
    ledger.keys().set_label(&a, "Home").await.unwrap();
    ledger
        .keys()
        .set_health(&a, r#"{"cause":"offline"}"#, None, 7)
        .await
        .unwrap();
    let key = ledger.keys().get(&a).await.unwrap();
    assert_eq!((key.label.as_str(), key.last_checked_at), ("Home", Some(7)));
    assert_eq!(key.health_json.as_deref(), Some(r#"{"cause":"offline"}"#));
    assert_eq!(key.models_json.as_deref(), Some(r#"["gpt-6.1-sol"]"#));
    ledger
        .keys()
        .set_health(&a, r#"{"works":0}"#, Some("[]"), 8)
        .await
        .unwrap();
    assert_eq!(
        ledger.keys().get(&a).await.unwrap().models_json.as_deref(),
        Some("[]")
    );
    assert_eq!(
        ledger.keys().set_health(&a, "not json", None, 9).await,
        Err(LedgerError::Conflict)
    );
}

#[tokio::test]
async fn a_key_was_last_used_when_it_last_paid() {
    let place = Place::new();
    let ledger = place.open().await;
    ledger.keys().insert(&record("key-1"), 1).await.unwrap();
    assert_eq!(
        ledger.keys().list(PROFILE).await.unwrap()[0].last_used_at,
        None
    );
    let id = with_conversation(&ledger, "c").await;
    for (name, at) in [("1", 40), ("2", 30)] {
        let mut turn = turn(&id, name, None);
        turn.at = at;
        ledger.turns().open(&turn).await.unwrap();
        ledger
            .turns()
            .close(&done(name, dollars("1")))
            .await
            .unwrap();
    }
    assert_eq!(
        ledger.keys().list(PROFILE).await.unwrap()[0].last_used_at,
        Some(40)
    );
}
