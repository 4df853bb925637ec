//! `long` (P8): a conversation of 5,000 messages against one of 50: opening, switching, scrolling, and what stays behind.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::browser::{Browser, Engine};
use crate::fault::Fault;
use crate::pages::{Options, Pages};
use crate::rows::Bound::AtMost;
use crate::rows::Row;
use crate::run::{Run, percentile, runtime};

const SCRIPT: &str = include_str!("page.js");
/// About 650 tokens.
const PART: &str = include_str!("../render/page/answer.md");
const PARTS: usize = 2;
/// Conversations of each length in one browser.
const EACH: usize = 3;
const FRAMES: usize = 120;

/// What one browser showed.
struct Seen {
    /// Milliseconds to open the long and the short one, of each pair.
    opened: Vec<(f64, f64)>,
    frame_p95_ms: f64,
    nodes: f64,
    /// Megabytes that stayed after the long ones were closed.
    kept_mb: Option<f64>,
}

/// Measures, shows, and writes.
pub(crate) fn run(options: &Options) -> Result<(), Fault> {
    runtime()?.block_on(measure(options))
}

async fn measure(options: &Options) -> Result<(), Fault> {
    let mut run = Run::begin("long", &options.run);
    let pages = Pages::serve(&options.window).await?;
    for engine in Engine::ALL {
        if !run.wants(engine.word()) {
            continue;
        }
        let mut rounds = Vec::new();
        for _ in 0..run.rounds(5) {
            rounds.push(round(engine, &pages.window("long")).await?);
        }
        let name = |what: &str| format!("long.{}.{what}", engine.word());
        let report = &mut run.report;
        let opened: Vec<_> = rounds.iter().flat_map(|seen| seen.opened.clone()).collect();
        let row = Row::paired(name("open.vs_50"), "ms", "50 messages", &opened);
        report.add(row.with(AtMost(1.5), None));
        let times = opened.iter().map(|(long, _)| *long).collect();
        let row = Row::plain(name("open"), "ms", times);
        report.add(row.with(AtMost(100.0), AtMost(50.0)));
        let frames = rounds.iter().map(|seen| seen.frame_p95_ms).collect();
        let row = Row::plain(name("scroll.frame_p95"), "ms", frames);
        report.add(row.with(None, AtMost(17.0)));
        let nodes = rounds.iter().map(|seen| seen.nodes).collect();
        let row = Row::plain(name("nodes"), "", nodes);
        report.add(row.with(AtMost(3_000.0), None));
        let kept: Vec<_> = rounds.iter().filter_map(|seen| seen.kept_mb).collect();
        if !kept.is_empty() {
            let row = Row::plain(name("kept"), "MB", kept);
            report.add(row.with(AtMost(5.0), None));
        }
    }
    run.end(&json!({"messages": [5_000, 50], "characters": PART.len() * PARTS}))
}

async fn round(engine: Engine, address: &str) -> Result<Seen, Fault> {
    let browser = Browser::open(engine, address).await?;
    browser
        .until("return document.querySelector('nav button[data-roving]') !== null")
        .await?;
    let long = |number: usize| format!("Long{number}");
    let short = |number: usize| format!("Short{number}");
    let lengths =
        (0..=EACH).flat_map(|number| [(long(number), json!(5_000)), (short(number), json!(50))]);
    let lengths = Value::Object(lengths.collect());
    let part = json!(PART.repeat(PARTS));
    browser
        .run(&format!("{SCRIPT}; long.fill({part}, {lengths})"))
        .await?;
    browser.until("return long.isThere('Short0')").await?;
    // What is loaded with the first conversation is loaded.
    open(&browser, &long(0)).await?;
    open(&browser, &short(0)).await?;
    let before = heap(&browser).await?;
    let mut opened = Vec::new();
    for number in 1..=EACH {
        let long = open(&browser, &long(number)).await?;
        opened.push((long, open(&browser, &short(number)).await?));
    }
    open(&browser, &long(1)).await?;
    browser.run(&format!("long.scroll({FRAMES})")).await?;
    let mut scrolled = Scrolled::deserialize(&browser.until("return long.found").await?)?;
    open(&browser, &short(0)).await?;
    let after = heap(&browser).await?;
    browser.close().await?;
    Ok(Seen {
        opened,
        frame_p95_ms: percentile(&mut scrolled.times, 95),
        nodes: scrolled.nodes,
        kept_mb: before
            .zip(after)
            .map(|(before, after)| (after - before) / 1e6),
    })
}

#[derive(Deserialize)]
struct Scrolled {
    times: Vec<f64>,
    nodes: f64,
}

/// Milliseconds from the click to the paint of the last message.
async fn open(browser: &Browser, title: &str) -> Result<f64, Fault> {
    browser.run(&format!("long.open('{title}')")).await?;
    let found = browser.until("return long.found").await?;
    Ok(found.as_f64().unwrap_or_default())
}

async fn heap(browser: &Browser) -> Result<Option<f64>, Fault> {
    Ok(browser.run("return long.heap()").await?.as_f64())
}
