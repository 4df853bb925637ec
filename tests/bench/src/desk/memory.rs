//! `memory` (P10): of the program and its web view's processes, idle after the start against an empty window, after a long
//! answer, and how it grows with many answers.

use std::time::Duration;

use brasskey_tests::desktop::Desktop;
use serde_json::json;
use tokio::time::sleep;

use super::{Contestant, megabytes, open_conversation, set_up};
use crate::fault::Fault;
use crate::process::Running;
use crate::rows::Bound::AtMost;
use crate::rows::Row;
use crate::run::{Options, Run, runtime};
use crate::wire::{Clocked, LONG_ANSWER, SHORT_ANSWER};

/// When what a start or an answer leaves to be tidied is tidied.
const IDLE: Duration = Duration::from_secs(5);
/// Longer than any answer takes here.
const TRIES: u32 = 1200;

/// Measures, shows, and writes.
pub(crate) fn run(options: &Options) -> Result<(), Fault> {
    runtime()?.block_on(measure(options))
}

async fn measure(options: &Options) -> Result<(), Fault> {
    let mut run = Run::begin("memory", options);
    let (_provider, address) = Running::server(&["upstream"])?;
    let mut idle = Vec::new();
    let mut grown = Vec::new();
    for _ in 0..run.rounds(5) {
        let mut empty = Contestant::Empty.desktop().await?;
        empty.open().await?;
        sleep(IDLE).await;
        let bare = megabytes(&empty)?;
        empty.kill().await?;
        let ours = opened(&address, LONG_ANSWER).await?;
        let before = megabytes(&ours)?;
        idle.push((before, bare));
        if run.wants("long_answer") {
            answer(&ours).await?;
            sleep(IDLE).await;
            grown.push(megabytes(&ours)? - before);
        }
    }
    let report = &mut run.report;
    let row = Row::paired("memory.idle", "MB", "empty window", &idle);
    report.add(row.with(AtMost(1.3), AtMost(1.15)));
    let row = Row::plain("memory.long_answer", "MB", grown);
    report.add(row.with(AtMost(25.0), AtMost(12.0)));
    if run.wants("slope") {
        let answers: u32 = if run.quick() { 20 } else { 200 };
        let ours = opened(&address, SHORT_ANSWER).await?;
        // What a first few answers need stays.
        for _ in 0..20 {
            answer(&ours).await?;
        }
        sleep(IDLE).await;
        let before = megabytes(&ours)?;
        for _ in 0..answers {
            answer(&ours).await?;
        }
        sleep(IDLE).await;
        let each = (megabytes(&ours)? - before) * 1024.0 / f64::from(answers);
        let row = Row::plain("memory.slope", "kB/answer", vec![each]);
        run.report.add(row.with(AtMost(50.0), AtMost(0.0)));
    }
    run.end(&json!({"long_answer": LONG_ANSWER.name()}))
}

/// The application with its conversation open, idle.
async fn opened(provider: &str, model: Clocked) -> Result<Desktop, Fault> {
    let mut desktop = Contestant::Brasskey.desktop().await?;
    set_up(&desktop, provider, model).await?;
    desktop.open().await?;
    open_conversation(&desktop).await?;
    sleep(IDLE).await;
    Ok(desktop)
}

/// Asks, and waits for the end of the answer.
async fn answer(desktop: &Desktop) -> Result<(), Fault> {
    let window = desktop.window()?;
    let is_free = "return document.querySelector('.composer .send--stop') === null";
    window
        .evaluate("document.querySelector('.composer textarea').focus()")
        .await?;
    window.type_text("And now?").await?;
    window.press("Enter").await?;
    // The answer begins with the next turn of the page.
    let mut has_begun = false;
    for _ in 0..TRIES {
        let free = window.evaluate(is_free).await? == true;
        if has_begun && free {
            return Ok(());
        }
        has_begun |= !free;
        sleep(Duration::from_millis(if has_begun { 100 } else { 5 })).await;
    }
    Err(Fault::Other(format!(
        "no answer: {:.600}",
        window.text().await?
    )))
}
