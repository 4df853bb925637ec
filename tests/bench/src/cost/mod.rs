//! `cost` (P15): what a price takes against plain integer arithmetic, and what a report takes over a million receipts.

mod receipts;

use std::hint::black_box;
use std::time::Instant;

use brasskey_ledger::{KeyId, Ledger, ProjectId};
use brasskey_metering::{PriceBook, Terms, Tokens, Usage, UsageStatus};
use serde_json::json;

use crate::fault::Fault;
use crate::process::main_thread_ns;
use crate::rows::Bound::AtMost;
use crate::rows::Row;
use crate::run::{Options, Run, folder, runtime};

const FAMILY: &str = "openai";
/// Prices in one turn: of as many different calls.
const PRICES: u64 = 1_000_000;
/// Months that the receipts are spread over where they are not all of one.
const MONTHS: i64 = 24;

/// Measures, shows, and writes.
pub(crate) fn run(options: &Options) -> Result<(), Fault> {
    let mut run = Run::begin("cost", options);
    let rounds = run.rounds(7);
    if run.wants("price") {
        prices(&mut run, rounds)?;
    }
    let receipts: i64 = if run.quick() { 100_000 } else { 1_000_000 };
    if run.wants("report") {
        runtime()?.block_on(reports(&mut run, rounds, receipts))?;
    }
    run.end(&json!({"receipts": receipts, "prices": PRICES, "rounds": rounds}))
}

fn prices(run: &mut Run<'_>, rounds: usize) -> Result<(), Fault> {
    let book = PriceBook::embedded();
    let row = book
        .find(FAMILY, receipts::MODEL, receipts::START)
        .ok_or_else(|| Fault::Other(format!("{} has no price", receipts::MODEL)))?;
    let mut alone = Vec::new();
    let mut pairs = Vec::new();
    let mut whole = Vec::new();
    let mut found = Vec::new();
    for _ in 0..rounds {
        let bare = each_ns(|number| {
            let [input, cached, output] = counts(number).map(i128::from);
            let sum = input * black_box(1_250_000) + cached * 125_000 + output * 10_000_000;
            black_box(sum);
        });
        let priced = each_ns(|number| {
            let tokens = tokens(number);
            let terms = Terms::of(usage());
            black_box(row.price(black_box(&tokens), &terms, receipts::START)).ok();
        });
        let looked_up = each_ns(|number| {
            let row = book.find(FAMILY, black_box(receipts::MODEL), receipts::START);
            let terms = Terms::of(usage());
            black_box(row.map(|row| row.price(&tokens(number), &terms, receipts::START)));
        });
        let told = each_ns(|number| {
            let usage = Usage {
                tokens: tokens(number),
                status: UsageStatus::Exact,
                ..Usage::default()
            };
            black_box(book.cost(FAMILY, receipts::MODEL, receipts::START, &usage));
        });
        alone.push(priced);
        pairs.push((priced, bare));
        found.push(looked_up);
        whole.push(told);
    }
    let report = &mut run.report;
    report.add(Row::plain("cost.price", "ns", alone).with(AtMost(50.0), AtMost(20.0)));
    report.add(Row::paired("cost.price.vs_integers", "ns", "i128", &pairs));
    // Of as many receipts again: with each one's row found anew.
    #[allow(clippy::cast_precision_loss, reason = "a million")]
    let million = |ns: f64| ns * PRICES as f64 / 1e6;
    let again = found.iter().copied().map(million).collect();
    let row = Row::plain("cost.price.a_million_again", "ms", again);
    report.add(row.with(AtMost(200.0), None));
    // With the texts that say where the price is from.
    report.add(Row::plain("cost.price.with_its_source", "ns", whole));
    Ok(())
}

/// Nanoseconds of processor time of one of many: this is the program's first thread.
fn each_ns(price: impl Fn(u64)) -> f64 {
    let before = main_thread_ns(std::process::id());
    for number in 0..PRICES {
        price(number);
    }
    #[allow(clippy::cast_precision_loss, reason = "a million")]
    let each = (main_thread_ns(std::process::id()) - before) as f64 / PRICES as f64;
    each
}

/// Input, cached input and output of a call, each call's different.
fn counts(number: u64) -> [u64; 3] {
    [900 + number % 4_096, number % 8_192, 200 + number % 1_024]
}

fn tokens(number: u64) -> Tokens {
    let [input_uncached, cache_read, output] = counts(number);
    Tokens {
        input_uncached,
        cache_read,
        output,
        ..Tokens::default()
    }
}

/// Plain terms.
fn usage() -> &'static Usage {
    static USAGE: std::sync::LazyLock<Usage> = std::sync::LazyLock::new(Usage::default);
    &USAGE
}

/// The reports that there are, over a million receipts: all of this month, and of two years.
async fn reports(run: &mut Run<'_>, rounds: usize, receipts: i64) -> Result<(), Fault> {
    for (name, months) in [("report.one_month", 1), ("report.two_years", MONTHS)] {
        if !run.wants(name) {
            continue;
        }
        let folder = folder()?;
        let path = folder.path().join("brasskey.db");
        // It makes the tables.
        Ledger::open(&path).await?.close().await;
        let mut bare = receipts::fill(&path, receipts, months).await?;
        let ledger = Ledger::open(&path).await?;
        let of = ledger.receipts();
        let last = receipts::month(months - 1);
        let key = KeyId::new(receipts::KEY);
        let project = ProjectId::new(receipts::PROJECT);
        let (mut all, mut keys, mut projects) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            let theirs = timed(receipts::bare_month(&mut bare, last.clone())).await?;
            let ours = timed(async { Ok(of.total(last.clone()).await?) }).await?;
            all.push((ours, theirs));
            keys.push(timed(async { Ok(of.key_total(&key, last.clone()).await?) }).await?);
            let project = of.project_total(&project, last.clone());
            projects.push(timed(async { Ok(project.await?) }).await?);
        }
        let report = &mut run.report;
        let values = all.iter().map(|(ours, _)| *ours).collect();
        let row = Row::plain(format!("cost.{name}"), "ms", values);
        report.add(row.with(AtMost(50.0), None));
        let row = format!("cost.{name}.vs_bare_table");
        report.add(Row::paired(row, "ms", "bare table", &all));
        let row = Row::plain(format!("cost.{name}.of_a_key"), "ms", keys);
        report.add(row.with(AtMost(50.0), None));
        let row = Row::plain(format!("cost.{name}.of_a_project"), "ms", projects);
        report.add(row.with(AtMost(50.0), None));
        ledger.close().await;
    }
    Ok(())
}

/// Milliseconds.
async fn timed<T>(work: impl Future<Output = Result<T, Fault>>) -> Result<f64, Fault> {
    let begun = Instant::now();
    black_box(work.await?);
    Ok(begun.elapsed().as_secs_f64() * 1e3)
}
