//! `store` (P13): what it costs to keep an answer while it streams at 100 tokens a second, and what a sudden end takes away.

mod commits;
mod kill;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use brasskey_app::chat::view::TurnEvent;
use serde_json::json;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use tokio::time::sleep;

use crate::clock::unix_ns;
use crate::core::{add_server, ask, ask_into, open};
use crate::fault::Fault;
use crate::process::Running;
use crate::rows::Bound::AtMost;
use crate::rows::Row;
use crate::run::{Options, Run, folder, percentile, runtime};
use crate::wire::Clocked;

pub(crate) use kill::{Killed, answer_until_killed};

/// A token every ten milliseconds, of which each says when it was sent.
const PER_SECOND: u32 = 100;
/// How long commits are counted.
const COUNTED: Duration = Duration::from_secs(8);
/// How long the disk takes nothing, and then takes everything again, in turns.
const HELD: Duration = Duration::from_secs(1);

/// Measures, shows, and writes.
pub(crate) fn run(options: &Options) -> Result<(), Fault> {
    let mut run = Run::begin("store", options);
    let runtime = runtime()?;
    let (_provider, address) = Running::server(&["upstream"])?;
    if run.wants("commits") {
        let folder = folder()?;
        let mut rates = Vec::new();
        for _ in 0..run.rounds(5) {
            rates.push(runtime.block_on(commits_a_second(folder.path(), &address))?);
        }
        let row = Row::plain("store.commits", "1/s", rates);
        run.report.add(row.with(AtMost(5.0), None));
    }
    if run.wants("lag") {
        let folder = folder()?;
        let (mut middles, mut tails) = (Vec::new(), Vec::new());
        for _ in 0..run.rounds(5) {
            let (mut held, mut free) = runtime.block_on(lags(folder.path(), &address))?;
            middles.push((percentile(&mut held, 50), percentile(&mut free, 50)));
            tails.push((percentile(&mut held, 99), percentile(&mut free, 99)));
        }
        for (name, pairs) in [("store.lag.p50", middles), ("store.lag.p99", tails)] {
            let row = Row::paired(name, "ms", "disk takes all", &pairs);
            run.report.add(row.with(AtMost(1.1), None));
        }
    }
    if run.wants("kill") {
        let kills = if run.quick() { 5 } else { 40 };
        let outcome = runtime.block_on(kill::lost(kills, &address))?;
        let mut lost = outcome.lost_ms.clone();
        let report = &mut run.report;
        report.add(Row::plain("store.kill.lost_p50", "ms", outcome.lost_ms));
        let worst = Row::plain(
            "store.kill.lost_most",
            "ms",
            vec![percentile(&mut lost, 100)],
        );
        report.add(worst.with(AtMost(250.0), None));
        let row = Row::plain("store.kill.receipts_lost", "", vec![outcome.receipts_lost]);
        report.add(row.with(AtMost(0.0), None));
    }
    run.end(&json!({"tokens_per_second": PER_SECOND}))
}

/// Commits a second of the whole application while an answer streams.
async fn commits_a_second(folder: &Path, provider: &str) -> Result<f64, Fault> {
    let app = open(folder).await?;
    let key = add_server(&app, provider).await?;
    let seconds = u32::try_from(COUNTED.as_secs()).unwrap_or(0) + 3;
    let mut turn = ask(&app, &key, &Clocked::for_seconds(PER_SECOND, seconds)).await?;
    turn.events.recv().await;
    // What opened the turn is written.
    sleep(Duration::from_secs(1)).await;
    let log = folder.join("brasskey.db-wal");
    let before = commits::count(&log)?;
    sleep(COUNTED).await;
    let after = commits::count(&log)?;
    turn.end().await?;
    app.quit().await;
    #[allow(clippy::cast_precision_loss, reason = "some dozen")]
    let rate = after.since(&before)? as f64 / COUNTED.as_secs_f64();
    Ok(rate)
}

/// How late each token is shown, in milliseconds: those that were sent while the disk took nothing, and the others.
async fn lags(folder: &Path, provider: &str) -> Result<(Vec<f64>, Vec<f64>), Fault> {
    let app = open(folder).await?;
    let key = add_server(&app, provider).await?;
    let shown: Arc<Mutex<Vec<(i64, String)>>> = Arc::default();
    let ended = Arc::new(tokio::sync::Notify::new());
    let sink = {
        let (shown, ended) = (shown.clone(), ended.clone());
        Box::new(move |event: TurnEvent| match event {
            TurnEvent::Delta { text, .. } => {
                let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
                shown.push((unix_ns() / 1000, text));
            }
            TurnEvent::Ended { .. } => ended.notify_one(),
            _ => {}
        })
    };
    ask_into(&app, &key, &Clocked::for_seconds(PER_SECOND, 10), sink).await?;
    sleep(HELD).await;
    let mut held = Vec::new();
    for _ in 0..4 {
        let mut writer = SqliteConnectOptions::new()
            .filename(folder.join("brasskey.db"))
            .busy_timeout(HELD)
            .disable_statement_logging()
            .connect()
            .await?;
        // Nobody else writes until this ends.
        sqlx::query("BEGIN IMMEDIATE").execute(&mut writer).await?;
        let since = unix_ns() / 1000;
        sleep(HELD).await;
        held.push(since..unix_ns() / 1000);
        sqlx::query("ROLLBACK").execute(&mut writer).await?;
        writer.close().await?;
        sleep(HELD).await;
    }
    ended.notified().await;
    app.quit().await;
    let (mut during, mut outside) = (Vec::new(), Vec::new());
    let shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
    for (at, text) in shown.iter() {
        for sent in Clocked::sent_us(text) {
            #[allow(clippy::cast_precision_loss, reason = "milliseconds fit")]
            let lag = (at - sent) as f64 / 1000.0;
            let list = match held.iter().any(|held| held.contains(&sent)) {
                true => &mut during,
                false => &mut outside,
            };
            list.push(lag);
        }
    }
    Ok((during, outside))
}
