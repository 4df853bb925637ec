//! A program that uses this crate: a clock that the test moves, an audit file that it reads, and an HTTP client of its own.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use brasskey_secrets::{
    AuditFile, AuditTrace, Clock, Managers, Policy, Reference, Secret, Secrets, Vault,
};
use secrecy::ExposeSecret;
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const MINUTE: i64 = 60_000;
pub(crate) const HOUR: i64 = 60 * MINUTE;

/// A time that moves when a test says so.
#[derive(Clone)]
pub(crate) struct Hand(Arc<AtomicI64>);

impl Hand {
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicI64::new(1_790_000_000_000)))
    }

    pub(crate) fn forward(&self, milliseconds: i64) {
        self.0.fetch_add(milliseconds, Ordering::SeqCst);
    }

    pub(crate) fn clock(&self) -> Clock {
        let time = Arc::clone(&self.0);
        Clock::new(move || time.load(Ordering::SeqCst))
    }
}

/// The secrets of a program, and what it left in its audit.
pub(crate) struct World {
    pub(crate) secrets: Secrets,
    pub(crate) hand: Hand,
    folder: TempDir,
}

impl World {
    pub(crate) fn new(managers: Managers, hand: Hand) -> Self {
        let folder = TempDir::new().unwrap();
        let audit = (
            AuditFile::open(folder.path().join("audit.jsonl")).unwrap(),
            AuditTrace,
        );
        let secrets = Secrets::new(managers, Policy::default(), hand.clock(), "gateway", audit);
        Self {
            secrets,
            hand,
            folder,
        }
    }

    pub(crate) fn of_vault(vault: Vault, hand: Hand) -> Self {
        Self::new(Managers::new().with_vault(vault), hand)
    }

    pub(crate) fn audit_file(&self) -> PathBuf {
        self.folder.path().join("audit.jsonl")
    }

    /// Every line of the audit.
    pub(crate) fn audit(&self) -> Vec<Value> {
        std::fs::read_to_string(self.audit_file())
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The `why` and `result` of every line.
    pub(crate) fn reads(&self) -> Vec<String> {
        self.audit()
            .iter()
            .map(|line| {
                format!(
                    "{} {}",
                    line["why"].as_str().unwrap(),
                    line["result"].as_str().unwrap()
                )
            })
            .collect()
    }

    /// The value and version.
    pub(crate) async fn get(&self, at: &str) -> Result<(String, String), &'static str> {
        self.secrets
            .get(&reference(at))
            .await
            .map(|secret| plain(&secret))
            .map_err(|error| error.code())
    }

    /// What `get` gives once the reads that it started have ended.
    pub(crate) async fn get_and_wait(&self, at: &str) -> Result<(String, String), &'static str> {
        let outcome = self.get(at).await;
        self.secrets.close().await;
        outcome
    }
}

pub(crate) fn plain(secret: &Secret) -> (String, String) {
    (
        secret.value().expose_secret().to_owned(),
        secret.version().to_string(),
    )
}

pub(crate) fn reference(text: &str) -> Reference {
    text.parse().unwrap()
}

pub(crate) fn value(text: &str, version: &str) -> Result<(String, String), &'static str> {
    Ok((text.to_owned(), version.to_owned()))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the operator's own client in a test"
)]
pub(crate) fn client() -> reqwest::Client {
    // Another test of the process may have been first.
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// Serves a router on a port of its own, as long as the runtime of the test lives.
pub(crate) async fn serve(router: axum::Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}
