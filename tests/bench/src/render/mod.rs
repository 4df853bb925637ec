//! `render` (P7): a growing answer in the window against a bare page that does the least that can be done, in the same browser
//! and the same run, while a key is pressed in the composer four times a second.

mod seen;

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::time::{sleep, sleep_until};

use crate::browser::{Browser, Engine};
use crate::fault::Fault;
use crate::pages::{Options, Pages};
use crate::process::main_thread_ns;
use crate::rows::Bound::{self, AtMost};
use crate::rows::Row;
use crate::run::{Run, runtime};
use seen::{Growth, Seen};

const PROBE: &str = include_str!("page/probe.js");
const PART: &str = include_str!("page/answer.md");
/// The last word of each answer, which stands nowhere else in it.
const MARK: &str = "endmark";
/// A token is four characters.
const TOKEN: usize = 4;
const KEY_EVERY: Duration = Duration::from_millis(250);

/// An answer and its pace.
#[derive(Clone, Copy)]
struct Pace {
    tokens: u32,
    per_second: u32,
}

impl Pace {
    fn lasts(self) -> Duration {
        Duration::from_secs(1) * self.tokens / self.per_second
    }
}

const PACES: [Pace; 3] = [
    Pace {
        tokens: 20_000,
        per_second: 1_000,
    },
    Pace {
        tokens: 20_000,
        per_second: 5_000,
    },
    Pace {
        tokens: 2_000,
        per_second: 200,
    },
];

/// Measures, shows, and writes.
pub(crate) fn run(options: &Options) -> Result<(), Fault> {
    runtime()?.block_on(measure(options))
}

async fn measure(options: &Options) -> Result<(), Fault> {
    let mut run = Run::begin("render", &options.run);
    let pages = Pages::serve(&options.window).await?;
    let (window, incr) = (pages.window("working"), pages.incr());
    for engine in Engine::ALL {
        for pace in PACES {
            let name = format!("{}.{}", engine.word(), pace.per_second);
            if !run.wants(&name) {
                continue;
            }
            let mut turns = Vec::new();
            for round in 0..run.rounds(5) {
                let ours = turn(engine, &window, pace);
                let theirs = turn(engine, &incr, pace);
                // Each round begins with the other one.
                turns.push(match round % 2 {
                    0 => (ours.await?, theirs.await?),
                    _ => {
                        let theirs = theirs.await?;
                        (ours.await?, theirs)
                    }
                });
            }
            tell(&mut run, engine, pace, &name, &turns);
        }
    }
    run.end(&json!({"key_every_ms": KEY_EVERY.as_millis()}))
}

fn tell(run: &mut Run<'_>, engine: Engine, pace: Pace, name: &str, turns: &[(Seen, Seen)]) {
    let name = |what: &str| format!("render.{name}.{what}");
    let ours = |value: fn(&Seen) -> f64| turns.iter().map(|(ours, _)| value(ours)).collect();
    let pairs = |value: fn(&Seen) -> f64| {
        let both = turns.iter().map(|(ours, incr)| (value(ours), value(incr)));
        both.collect::<Vec<_>>()
    };
    let mut add = |row: Row, gate: Option<Bound>, goal: Option<Bound>| {
        run.report.add(row.with(gate, goal));
    };
    // What a goal says of both browsers, of one, or of the pace that it names.
    let in_webkit = |bound: f64| (engine == Engine::WebKit).then_some(AtMost(bound));
    let in_chromium = |bound: f64| (engine == Engine::Chromium).then_some(AtMost(bound));

    let row = Row::plain(name("behind"), "ms", ours(|seen| seen.behind_ms));
    add(row, Some(AtMost(100.0)), None);
    let row = Row::paired(
        name("behind.vs_incr"),
        "ms",
        "incr",
        &pairs(|seen| seen.behind_ms),
    );
    add(row, None, None);
    if engine == Engine::Chromium {
        let row = Row::plain(
            name("long_tasks"),
            "%",
            ours(|seen| seen.long_tasks_percent),
        );
        add(row, Some(AtMost(2.0)), Some(AtMost(0.0)));
        let row = Row::plain(
            name("longest_task"),
            "ms",
            ours(|seen| seen.longest_task_ms),
        );
        add(row, Some(AtMost(100.0)), None);
    }
    let row = Row::paired(
        name("lag_p99"),
        "ms",
        "incr",
        &pairs(|seen| seen.lag_p99_ms),
    );
    add(row, in_webkit(2.0), in_webkit(1.1));
    let row = Row::paired(
        name("key_p50"),
        "ms",
        "incr",
        &pairs(|seen| seen.key_p50_ms),
    );
    add(row, None, None);
    let row = Row::paired(
        name("key_p95"),
        "ms",
        "incr",
        &pairs(|seen| seen.key_p95_ms),
    );
    add(row, in_chromium(1.5), in_chromium(1.1));
    let row = Row::paired(
        name("main_thread"),
        "ms",
        "incr",
        &pairs(|seen| seen.main_thread_ms),
    );
    add(row, None, None);
    if pace.tokens / pace.per_second >= 10 && pace.tokens >= 10_000 {
        let of = |growth: &Growth| (growth.last_ms, growth.first_ms);
        let growth: Vec<_> = turns.iter().map(|(ours, _)| of(&ours.growth)).collect();
        let row = Row::paired(name("growth"), "ms", "the first 1,000", &growth);
        add(row, Some(AtMost(1.3)), None);
        let growth: Vec<_> = turns.iter().map(|(_, incr)| of(&incr.growth)).collect();
        add(
            Row::paired(name("growth.of_incr"), "ms", "the first 1,000", &growth),
            None,
            None,
        );
    }
}

/// One answer in a browser of its own.
async fn turn(engine: Engine, address: &str, pace: Pace) -> Result<Seen, Fault> {
    let browser = Browser::open(engine, address).await?;
    browser
        .until("return document.querySelector('textarea') !== null && 'fake' in window")
        .await?;
    let next =
        json!({"text": text(pace.tokens), "charactersPerSecond": pace.per_second as usize * TOKEN});
    let look_after = pace.lasts().mul_f64(0.95).as_millis();
    browser
        .run(&format!(
            "{PROBE}; fake.nextAnswer = {next}; probe.arm('{MARK}', {look_after});
             document.querySelector('textarea').focus();"
        ))
        .await?;
    browser.press('x').await?;
    let processes = browser.pages()?;
    let worked = || {
        processes
            .iter()
            .map(|process| main_thread_ns(*process))
            .collect::<Vec<_>>()
    };
    let thousand = Duration::from_secs(1_000) / pace.per_second;
    let mut looks = vec![worked()];
    browser.press_enter().await?;
    let begun = Instant::now();
    let mut key_at = KEY_EVERY;
    let mut look_at = thousand;
    while begun.elapsed() < pace.lasts() {
        let next = key_at.min(look_at);
        sleep_until((begun + next).into()).await;
        if next == look_at {
            looks.push(worked());
            look_at += thousand;
        }
        if next == key_at {
            browser.press('a').await?;
            key_at += KEY_EVERY;
        }
    }
    let seen = browser
        .until("const seen = probe.read(); return seen.paintedAt && seen")
        .await?;
    looks.push(worked());
    browser.close().await?;
    // The connections that the next browser needs are free again.
    sleep(Duration::from_millis(200)).await;
    Seen::of(&seen, &looks, pace.lasts())
}

/// Markdown of so many tokens that ends in the mark.
fn text(tokens: u32) -> String {
    let length = tokens as usize * TOKEN;
    let mut text = String::with_capacity(length + PART.len());
    for number in 1.. {
        if text.len() >= length {
            break;
        }
        text.push_str(&PART.replace("NUMBER", &number.to_string()));
    }
    // The part is ASCII alone.
    text.truncate(length - MARK.len() - 2);
    text + "\n\n" + MARK
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_as_long_as_it_is_said_and_names_its_end_once() {
        let text = text(2_000);
        assert_eq!(text.len(), 8_000);
        assert_eq!(text.matches(MARK).count(), 1);
        assert!(text.ends_with(MARK));
    }
}
