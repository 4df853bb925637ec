//! `start` (P9): from the start of the process to the first paint, and to a key that the composer takes, against an empty window.

use brasskey_tests::desktop::Desktop;
use serde_json::{Value, json};

use super::{Contestant, set_up};
use crate::clock::unix_ns;
use crate::fault::Fault;
use crate::process::{Running, cpu_ns, started_ago};
use crate::rows::Bound::AtMost;
use crate::rows::Row;
use crate::run::{Options, Run, runtime};
use crate::wire::SHORT_ANSWER;

/// The first paint, milliseconds after the page was begun; when that was, and whether the field has the key by now.
const LOOK: &str = "const [paint] = performance.getEntriesByName('first-contentful-paint');
    const field = document.querySelector('textarea');
    if (!field || !paint) return null;
    return { paintedAt: performance.timeOrigin + paint.startTime, now: performance.timeOrigin + performance.now(),
             isFocused: document.activeElement === field, text: field.value };";

const MOST_LOOKS: u32 = 3_000;

/// What one start took.
struct Start {
    painted_ms: f64,
    keys_ms: f64,
    cpu_ms: f64,
}

/// Measures, shows, and writes.
pub(crate) fn run(options: &Options) -> Result<(), Fault> {
    runtime()?.block_on(measure(options))
}

async fn measure(options: &Options) -> Result<(), Fault> {
    let mut run = Run::begin("start", options);
    let (_provider, address) = Running::server(&["upstream"])?;
    let mut ours = Contestant::Brasskey.desktop().await?;
    set_up(&ours, &address, SHORT_ANSWER).await?;
    let mut empty = Contestant::Empty.desktop().await?;
    let mut starts = Vec::new();
    // The first of each reads what later ones find in memory.
    for number in 0..=run.rounds(9) {
        let pair = (start(&mut ours).await?, start(&mut empty).await?);
        if number > 0 {
            starts.push(pair);
        }
    }
    let pairs = |of: fn(&Start) -> f64| {
        let both = starts.iter().map(|(ours, empty)| (of(ours), of(empty)));
        both.collect::<Vec<_>>()
    };
    let report = &mut run.report;
    let row = Row::paired(
        "start.painted",
        "ms",
        "empty window",
        &pairs(|start| start.painted_ms),
    );
    report.add(row.with(AtMost(1.25), AtMost(1.1)));
    let row = Row::paired(
        "start.keys",
        "ms",
        "empty window",
        &pairs(|start| start.keys_ms),
    );
    report.add(row.with(AtMost(1.25), AtMost(1.1)));
    // Of the program alone, without the web view's processes.
    let row = Row::paired(
        "start.cpu",
        "ms",
        "empty window",
        &pairs(|start| start.cpu_ms),
    );
    report.add(row);
    let added = starts
        .iter()
        .map(|(ours, empty)| ours.cpu_ms - empty.cpu_ms);
    let row = Row::plain("start.cpu.added", "ms", added.collect());
    report.add(row.with(AtMost(30.0), None));
    run.end(&json!({}))
}

async fn start(desktop: &mut Desktop) -> Result<Start, Fault> {
    desktop.open().await?;
    let name = desktop
        .binary()
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let processes = desktop.processes()?;
    let process = processes
        .iter()
        .find(|process| Some(&process.name) == name.as_ref())
        .and_then(|process| u32::try_from(process.id).ok())
        .ok_or_else(|| Fault::Other("the program does not run".into()))?;
    let ago = started_ago(process)?;
    #[allow(clippy::cast_precision_loss, reason = "microseconds are lost")]
    let begun = unix_ns() as f64 / 1e6 - ago.as_secs_f64() * 1e3;
    let window = desktop.window()?;
    let until = async |is_so: fn(&Value) -> bool| {
        let mut look = Value::Null;
        // Without a pause: it would be added to what is measured.
        for _ in 0..MOST_LOOKS {
            look = window.evaluate(LOOK).await?;
            if is_so(&look) {
                return Ok(look);
            }
        }
        let shows = window.text().await?;
        Err(Fault::Other(format!(
            "{look} and nothing more: {shows:.400}"
        )))
    };
    until(|look| look["isFocused"] == true).await?;
    window.press("a").await?;
    let look = until(|look| look["text"] == "a").await?;
    let used_ns = cpu_ns(process);
    desktop.kill().await?;
    let since = |name: &str| look[name].as_f64().unwrap_or_default() - begun;
    #[allow(clippy::cast_precision_loss, reason = "nanoseconds of seconds fit")]
    let cpu_ms = used_ns as f64 / 1e6;
    Ok(Start {
        painted_ms: since("paintedAt"),
        keys_ms: since("now"),
        cpu_ms,
    })
}
