//! The terms: read by anybody, accepted by their hash, kept for good.

use std::path::Path;

use brasskey_platform::Terms;
use serde_json::json;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::databases::both;
use crate::instance::{Answer, Instance};

/// Reads a text and accepts it, as the application does.
pub(crate) async fn accept(service: &Instance, credential: &str, doc: &str, key: &str) -> Answer {
    let shown = service.get(&format!("/v1/terms/{doc}")).await;
    accept_text(service, credential, &shown, key).await
}

async fn accept_text(service: &Instance, credential: &str, shown: &Answer, key: &str) -> Answer {
    let body = json!({
        "version": shown.body["version"],
        "sha256": hash(shown.text("text")),
        "lang": shown.body["lang"],
        // Accepted without a connection, and sent later.
        "client_time": "2026-11-26T08:00:00Z",
        "surface": "first-run",
    });
    let bearer = format!("Bearer {credential}");
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", key)];
    let path = format!("/v1/terms/{}/acceptances", shown.text("doc"));
    service.post(&path, &headers, &body).await
}

fn hash(text: &str) -> String {
    Sha256::digest(text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[tokio::test]
async fn a_text_is_read_with_its_version_and_the_hash_of_its_exact_bytes() {
    for database in both() {
        let service = Instance::start(&database.url).await;
        for doc in ["terms", "byok", "vendor"] {
            let shown = service.get(&format!("/v1/terms/{doc}?lang=de")).await;
            assert_eq!(shown.status, 200);
            assert_eq!(
                (shown.text("lang"), shown.text("version")),
                ("en", "2026-11-26.1")
            );
            assert_eq!(shown.text("sha256"), hash(shown.text("text")));
            assert_eq!(shown.body["material"], true);
            assert!(
                shown.text("text").contains(shown.text("version")),
                "a text says which it is"
            );
        }
        for missing in [
            "/v1/terms/nothing",
            "/v1/terms/byok?version=2020-01-01.1",
            "/v1/terms/index.json",
        ] {
            assert_eq!(service.get(missing).await.problem(), "not-found");
        }
    }
}

#[tokio::test]
async fn a_trial_accepts_what_was_shown_once_and_nothing_else() {
    for database in both() {
        let service = Instance::start(&database.url).await;
        let trial = service.trial("dev_1", "k1").await;
        let credential = trial.text("device_token");
        let due = async || {
            let account = service.call("GET", "/v1/account", credential, &[]).await;
            let due = account.body["terms_due"].as_array().unwrap().clone();
            due.iter()
                .map(|due| due["doc"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(due().await, ["terms", "byok"], "a trial is of own keys");
        let mut changed = service.get("/v1/terms/byok").await;
        changed.body["text"] = json!(format!("{} ", changed.text("text")));
        let refused = accept_text(&service, credential, &changed, "k2").await;
        assert_eq!((refused.status, refused.problem()), (409, "terms-changed"));
        let current = service.get("/v1/terms/byok").await;
        assert_eq!(refused.body["sha256"], current.body["sha256"]);
        let first = accept(&service, credential, "byok", "k3").await;
        assert_eq!(first.status, 201, "{first:?}");
        let again = accept(&service, credential, "byok", "k3").await;
        assert_eq!(
            again.text("id"),
            first.text("id"),
            "the same request changes nothing"
        );
        let other = accept(&service, credential, "terms", "k3").await;
        assert_eq!(
            other.problem(),
            "idempotency-mismatch",
            "a key is of one request"
        );
        assert_eq!(due().await, ["terms"]);
        assert_eq!(
            accept(&service, credential, "terms", "k4").await.status,
            201
        );
        assert!(due().await.is_empty());
        let nobody = accept(&service, "bkd_0", "terms", "k5").await;
        assert_eq!((nobody.status, nobody.problem()), (401, "unauthenticated"));
        let unknown = service
            .post("/v1/terms/nothing/acceptances", &[], &json!({}))
            .await;
        assert_eq!(unknown.status, 401);
    }
}

#[tokio::test]
async fn after_a_new_version_the_old_one_stays_readable_and_is_accepted_no_more() {
    let folder = TempDir::new().unwrap();
    let terms = with_another_byok(folder.path());
    for database in both() {
        let service = Instance::start_with(&database.url, None, terms.clone()).await;
        let trial = service.trial("dev_1", "k1").await;
        let credential = trial.text("device_token");
        let old = service.get("/v1/terms/byok?version=2026-11-26.1").await;
        assert!(old.text("text").contains("# Own keys"));
        let refused = accept_text(&service, credential, &old, "k2").await;
        assert_eq!(refused.problem(), "terms-changed");
        assert_eq!(refused.body["version"], "2027-03-01.1");
        assert_eq!(accept(&service, credential, "byok", "k3").await.status, 201);
    }
}

/// The terms that ship, and one more version of one of them, which comes into force later.
fn with_another_byok(folder: &Path) -> Terms {
    let another = Newer {
        version: "2027-03-01.1",
        material: true,
        effective_at: "2027-03-31T00:00:00Z",
    };
    with_newer_byok(folder, &[another])
}

/// A version that ships with no service yet.
pub(crate) struct Newer<'a> {
    pub(crate) version: &'a str,
    pub(crate) material: bool,
    pub(crate) effective_at: &'a str,
}

/// The terms that ship, and newer versions of the text for own keys.
#[allow(clippy::disallowed_methods, reason = "files of a test, gone after it")]
pub(crate) fn with_newer_byok(folder: &Path, newer: &[Newer<'_>]) -> Terms {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/terms");
    for entry in shipped.read_dir().unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
    }
    let index = folder.join("index.json");
    let mut list: Vec<serde_json::Value> =
        serde_json::from_str(&std::fs::read_to_string(&index).unwrap()).unwrap();
    for text in newer {
        let Newer {
            version,
            material,
            effective_at,
        } = text;
        let text = format!("# Own keys, again\n\nVersion {version}.\n");
        let file = format!("byok.{version}.en.md");
        std::fs::write(folder.join(&file), &text).unwrap();
        list.push(json!({
            "doc": "byok", "version": version, "lang": "en", "file": file, "sha256": hash(&text),
            "material": material, "effective_at": effective_at,
        }));
    }
    std::fs::write(&index, serde_json::to_string(&list).unwrap()).unwrap();
    Terms::at(folder).unwrap()
}
