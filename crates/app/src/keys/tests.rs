//! Keys over a database of the test's own, kept in memory as if the user had chosen so.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use brasskey_ledger::{KeyEntry, KeyId, NewKeyRecord, Place};
use brasskey_vault::{EntryId, Vault};
use secrecy::SecretString;
use tempfile::TempDir;

use super::view::{KeyView, NewEndpoint, PendingView, PlaceView, ProviderId};
use crate::App;
use crate::account::{NOBODYS, PlatformSettings, PlatformUrl};
use crate::billing::offer::{KnownText, Offer};
use crate::billing::view::{BillingMode, TermsAcceptance};
use crate::error::{Error, StoreStateView};

async fn open(folder: &TempDir) -> App {
    let database = folder.path().join("brasskey.db");
    let vault = Vault::system("app.brasskey.test");
    let platform = PlatformSettings {
        // Nobody listens there, and no test of keys asks.
        url: PlatformUrl::parse("http://127.0.0.1:9").unwrap(),
        roots: Vec::new(),
        computer: "Desk".to_owned(),
    };
    let app = App::open(&database, vault, platform).await.unwrap();
    app.use_session_store();
    app
}

async fn app() -> (App, TempDir) {
    let folder = TempDir::new().unwrap();
    let app = open(&folder).await;
    app.choose_billing(BillingMode::Byok).await.unwrap();
    let texts = ["terms", "byok"].map(|doc| KnownText::only(doc, "What is agreed."));
    let shown = texts.each_ref().map(|text| TermsAcceptance {
        document: text.newest.doc.clone(),
        version: text.newest.version.clone(),
        sha256: text.newest.sha256.clone(),
    });
    app.offers.replace(Offer {
        catalogue: None,
        texts: texts.to_vec(),
    });
    app.accept_terms(&shown, "test").await.unwrap();
    (app, folder)
}

fn submit(app: &App, key: &str) -> PendingView {
    let openai = NewEndpoint {
        provider: ProviderId::OpenAi,
        base_url: None,
    };
    app.submit_key(&SecretString::from(key), &openai).unwrap()
}

async fn save(app: &App) -> KeyView {
    let pending = submit(app, "sk-proj-abcdefgh1234");
    app.save_key(&pending.id, "").await.unwrap()
}

async fn place(app: &App, id: &str) -> PlaceView {
    let keys = app.keys().await.unwrap().keys;
    keys.iter().find(|key| key.id == id).unwrap().place
}

#[tokio::test]
async fn a_label_that_is_too_long_is_refused_before_the_store_is_touched() {
    let (app, _folder) = app().await;
    let pending = submit(&app, "sk-proj-abcdefgh1234");
    let refused = app.save_key(&pending.id, &"x".repeat(81)).await;
    assert!(matches!(refused, Err(Error::InvalidInput(_))));
    assert_eq!(app.ledger.key_intents().list().await.unwrap(), []);
    // The key waits: another label saves it.
    app.save_key(&pending.id, "Work").await.unwrap();
}

#[tokio::test]
async fn a_key_of_the_systems_store_is_not_missing_because_keys_are_kept_in_memory() {
    let (app, _folder) = app().await;
    let base_url = "https://api.openai.com/v1";
    let record = NewKeyRecord {
        id: KeyId::new("key-1"),
        profile: NOBODYS.to_owned(),
        provider: "openai".to_owned(),
        protocol: "openai_responses".to_owned(),
        label: "OpenAI".to_owned(),
        base_url: base_url.to_owned(),
        origin: "https://api.openai.com".to_owned(),
        place: Place::System,
        entry: Some(KeyEntry {
            id: EntryId::new("entry-1").unwrap().as_str().to_owned(),
            last4: "1234".to_owned(),
        }),
        health_json: None,
        models_json: None,
        checked_at: None,
    };
    app.ledger.keys().insert(&record, 1).await.unwrap();
    let key = app.key("key-1").await.unwrap();
    let payer = app.payer(&key).await;
    assert!(
        matches!(payer, Err(Error::Store(StoreStateView::SetAside))),
        "{payer:?}"
    );
    assert_eq!(place(&app, "key-1").await, PlaceView::SetAside);
}

#[tokio::test]
async fn a_key_that_was_replaced_or_removed_is_not_the_one_that_was_read() {
    let (app, _folder) = app().await;
    let id = save(&app).await.id;
    let read = app.key(&id).await.unwrap();
    assert!(app.is_current(&read).await);
    let pending = submit(&app, "sk-proj-abcdefgh5678");
    app.replace_key(&id, &pending.id).await.unwrap();
    assert!(!app.is_current(&read).await);
    let read = app.key(&id).await.unwrap();
    assert!(app.is_current(&read).await);
    app.remove_key(&id).await.unwrap();
    assert!(!app.is_current(&read).await);
    app.restore_key(&id).await.unwrap();
    assert!(app.is_current(&read).await);
}

#[tokio::test]
async fn keys_pass_to_the_person_who_signed_in_although_the_run_ended_before_they_did() {
    let (app, folder) = app().await;
    let key = save(&app).await;
    // As a crash between the sign-in and the passing leaves it.
    let signed_in = serde_json::json!({
        "device": "device-1",
        "holder": {"person": {"id": "acc-1", "email": null}},
    });
    app.ledger
        .settings()
        .set("account", &signed_in)
        .await
        .unwrap();
    app.quit().await;
    drop(app);
    let app = open(&folder).await;
    assert!(app.keys().await.unwrap().keys.is_empty());
    app.settle_in().await;
    let listed = app.keys().await.unwrap().keys;
    assert!(
        listed.iter().any(|listed| listed.id == key.id),
        "{listed:?}"
    );
}

#[tokio::test]
async fn a_provider_that_lists_nothing_offers_the_models_whose_prices_are_known() {
    let (app, _folder) = app().await;
    let endpoint = NewEndpoint {
        provider: ProviderId::Perplexity,
        base_url: None,
    };
    let secret = SecretString::from("pplx-0123456789abcdefghijklmnop");
    let pending = app.submit_key(&secret, &endpoint).unwrap();
    // Nothing is sent: every call there costs.
    let checked = app
        .check_pending(&pending.id, &endpoint, false)
        .await
        .unwrap();
    assert!(
        matches!(&checked, super::view::CheckView::Failed { savable: true, failure }
            if failure.provider_code.as_deref() == Some("cannot_list_models")),
        "{checked:?}"
    );
    let key = app.save_key(&pending.id, "").await.unwrap();
    let groups = app.models().await.unwrap();
    let group = groups.iter().find(|group| {
        let of_key = |model: &crate::models::view::ModelView| model.model.key_id == key.id;
        group.models.iter().any(of_key)
    });
    let models = &group.expect("models are offered").models;
    assert!(models.len() > 10 && models.iter().all(|model| model.input_price.is_some()));
}
