//! The cache and the audit, over a real OpenBao: one read for all who wait, and every read on record without its value.

use std::os::unix::fs::PermissionsExt;
use std::sync::{Arc, Mutex};

use brasskey_secrets::{
    Audit, AuditError, AuditFile, Clock, Managers, Policy, Read, Secret, Secrets,
};
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::openbao::{KEY, OpenBao, holds};
use crate::world::{Hand, MINUTE, reference, value};

static_assertions::assert_not_impl_any!(Secret: std::fmt::Display, serde::Serialize);
static_assertions::assert_impl_all!(Secrets: Send, Sync, Clone);

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_who_need_a_key_at_once_cause_one_read() {
    let bao = OpenBao::start().await;
    bao.put_key("key-1").await;
    let world = bao.world().await;
    let needed = (0..64).map(|_| world.get(KEY));
    for got in futures::future::join_all(needed).await {
        assert_eq!(got, value("key-1", "1"));
    }
    assert_eq!(world.reads(), ["needed read"]);
    // The provider refuses all of them: one read again, and what it found is everybody's.
    bao.put_key("key-2").await;
    let refused = world.secrets.get(&reference(KEY)).await.unwrap();
    let at = reference(KEY);
    let refreshed = (0..64).map(|_| world.secrets.refresh(&at, &refused));
    for got in futures::future::join_all(refreshed).await {
        assert!(!got.unwrap().same_value(&refused));
    }
    assert_eq!(world.reads(), ["needed read", "refused read"]);
}

#[tokio::test]
async fn a_key_is_fresh_for_ten_minutes_and_then_read_in_the_background() {
    let bao = OpenBao::start().await;
    bao.put_key("key-1").await;
    let world = bao.world().await;
    world.get(KEY).await.unwrap();
    bao.put_key("key-2").await;
    world.hand.forward(10 * MINUTE - 1);
    assert_eq!(world.get_and_wait(KEY).await, value("key-1", "1"));
    assert_eq!(world.reads(), ["needed read"]);
    world.hand.forward(1);
    assert_eq!(world.get_and_wait(KEY).await, value("key-1", "1"));
    assert_eq!(world.get(KEY).await, value("key-2", "2"));
    assert_eq!(world.reads(), ["needed read", "no_longer_fresh read"]);
}

#[tokio::test]
async fn tending_reads_anew_what_is_no_longer_fresh_so_that_nobody_gets_it_old() {
    let bao = OpenBao::start().await;
    bao.put_key("key-1").await;
    let world = bao.world().await;
    world.get(KEY).await.unwrap();
    bao.put_key("key-2").await;
    world.secrets.tend().await.unwrap();
    assert_eq!(world.get(KEY).await, value("key-1", "1"));
    world.hand.forward(10 * MINUTE);
    world.secrets.tend().await.unwrap();
    assert_eq!(world.get(KEY).await, value("key-2", "2"));
    assert_eq!(world.reads(), ["needed read", "no_longer_fresh read"]);
}

#[tokio::test]
async fn a_key_that_stays_refused_is_not_read_for_every_refusal() {
    let bao = OpenBao::start().await;
    bao.put_key("key-1").await;
    let world = bao.world().await;
    let refused = world.secrets.get(&reference(KEY)).await.unwrap();
    for _ in 0..10 {
        let same = world.secrets.refresh(&reference(KEY), &refused).await;
        assert!(same.unwrap().same_value(&refused));
    }
    assert_eq!(world.reads(), ["needed read", "refused read"]);
    world.hand.forward(5_000);
    bao.put_key("key-2").await;
    let new = world.secrets.refresh(&reference(KEY), &refused).await;
    assert!(!new.unwrap().same_value(&refused));
}

#[tokio::test]
async fn a_failure_is_repeated_for_five_seconds_and_then_looked_into_again() {
    let bao = OpenBao::start().await;
    let world = bao.world().await;
    assert_eq!(world.get(KEY).await, Err("not-found"));
    bao.put_key("key-1").await;
    assert_eq!(world.get(KEY).await, Err("not-found"));
    world.hand.forward(5_000);
    assert_eq!(world.get(KEY).await, value("key-1", "1"));
    assert_eq!(world.reads(), ["needed not-found", "needed read"]);
}

/// What the program logs.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'log> MakeWriter<'log> for Log {
    type Writer = Self;

    fn make_writer(&'log self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn every_read_is_on_record_and_no_value_is_anywhere() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    // For all threads: a place that logs is switched off for good where another test's thread, without a log, came first.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let bao = OpenBao::start().await;
    bao.put_key("canary-7d1f").await;
    let world = bao.world().await;
    let secret = world.secrets.get(&reference(KEY)).await.unwrap();
    world
        .secrets
        .refresh(&reference(KEY), &secret)
        .await
        .unwrap();
    world.get("vault://secret/elsewhere#x").await.unwrap_err();
    let audit = world.audit();
    assert_eq!(
        audit[0],
        json!({
            "time_ms": 1_790_000_000_000_u64,
            "who": "gateway",
            "why": "needed",
            "reference": KEY,
            "result": "read",
            "version": "1",
        })
    );
    assert_eq!(
        world.reads(),
        ["needed read", "refused read", "needed denied-read"]
    );
    assert!(audit[2].get("version").is_none());
    let file = std::fs::read_to_string(world.audit_file()).unwrap();
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let told = log.lines().filter(|line| line.contains("brasskey::audit"));
    assert!(told.filter(|line| line.contains(KEY)).count() >= 2);
    let debugged = format!("{secret:?} {:?} {:?}", world.secrets, bao.login().await);
    assert!(debugged.contains("version"));
    for text in [&file, &log, &debugged] {
        assert!(!holds(text, secret.value()));
    }
}

#[tokio::test]
async fn the_audit_file_is_for_its_owner_alone_and_survives_its_rotation() {
    let bao = OpenBao::start().await;
    bao.put_key("key-1").await;
    let world = bao.world().await;
    let file = world.audit_file();
    let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&file), 0o600);
    world.get(KEY).await.unwrap();
    let old = file.with_extension("1");
    std::fs::rename(&file, &old).unwrap();
    world.hand.forward(11 * MINUTE);
    world.secrets.tend().await.unwrap();
    assert_eq!(world.reads(), ["no_longer_fresh read"]);
    assert_eq!(mode(&file), 0o600);
    std::fs::set_permissions(&old, PermissionsExt::from_mode(0o640)).unwrap();
    let refused = AuditFile::open(&old).unwrap_err();
    assert!(matches!(refused, AuditError::OpenToOthers));
}

/// An audit whose disk is full.
struct Full;

impl Audit for Full {
    fn record(&self, _: &Read<'_>) -> Result<(), AuditError> {
        Err(AuditError::Write(std::io::ErrorKind::StorageFull.into()))
    }
}

#[tokio::test]
async fn what_cannot_be_put_on_record_is_not_handed_out() {
    let bao = OpenBao::start().await;
    bao.put_key("key-1").await;
    let hand = Hand::new();
    let managers = Managers::new().with_vault(bao.vault(bao.login().await, &hand));
    let clock: Clock = hand.clock();
    let secrets = Secrets::new(managers, Policy::default(), clock, "gateway", Full);
    let refused = secrets.get(&reference(KEY)).await.unwrap_err();
    assert_eq!(refused.code(), "not-on-record");
}
