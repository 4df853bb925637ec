//! P1 to P3: added time, processor time and throughput of the gateway, for whole and for streamed answers.

use super::Bench;
use super::contest::{Turn, load, pairs, rounds, values, words};
use super::targets::{BARE, DIRECT, GATEWAY, NGINX, Targets, YARDSTICK};
use crate::fault::Fault;
use crate::rows::Bound::{AtLeast, AtMost};
use crate::rows::Row;

const CLIENTS: [usize; 3] = [1, 16, 128];

pub(super) fn json(bench: &mut Bench) -> Result<(), Fault> {
    measure(bench, "json")
}

pub(super) fn streams(bench: &mut Bench) -> Result<(), Fault> {
    measure(bench, "stream")
}

fn measure(bench: &mut Bench, what: &str) -> Result<(), Fault> {
    let targets = Targets::start(bench.folder.path())?;
    for clients in CLIENTS {
        let all = rounds(bench.extent.rounds, &targets.ways, |target| {
            let line = format!(
                "calls --to {} --what {what} --clients {clients} --for-ms {}",
                target.address, bench.extent.window_ms
            );
            load(&words(&line), &[target.process])
        })?;
        tell(bench, what, clients, &all);
    }
    Ok(())
}

/// What a value is above the same of the straight way.
fn added(value: impl Fn(&Turn) -> f64) -> impl Fn(&Turn, &[Turn]) -> f64 {
    move |turn, round| value(turn) - round.get(DIRECT).map_or(0.0, &value)
}

fn tell(bench: &mut Bench, what: &str, clients: usize, all: &[Vec<Turn>]) {
    let name = |metric: &str| format!("gateway.{what}.c{clients}.{metric}");
    let against = |metric: &str, unit, baseline: usize, value: &dyn Fn(&Turn, &[Turn]) -> f64| {
        let (suffix, against) = match baseline {
            NGINX => (".vs_nginx", "nginx"),
            BARE => (".vs_bare", "bare"),
            _ => ("", "yardstick"),
        };
        Row::paired(
            name(metric) + suffix,
            unit,
            against,
            &pairs(all, GATEWAY, baseline, value),
        )
    };
    let first = added(Turn::first_us);
    let p99 = added(Turn::p99_us);
    let cpu = |turn: &Turn, _: &[Turn]| turn.cpu_us;
    let rate = |turn: &Turn, _: &[Turn]| turn.rate();
    let report = &mut bench.report;
    // P1. Under load every hop waits for the same cores, so that the middle is compared where nothing waits.
    if clients == 1 {
        let row = against("added_p50", "us", YARDSTICK, &first);
        report.add(row.with(AtMost(1.5), AtMost(1.15)));
        let row = against("added_p50", "us", BARE, &first);
        report.add(row.with(None, AtMost(1.15)));
        let row = against("added_p50", "us", NGINX, &first);
        report.add(row.with(AtMost(4.0), None));
    }
    if clients == 16 {
        let row = against("added_p99", "us", YARDSTICK, &p99);
        report.add(row.with(AtMost(2.0), None));
    }
    // P2.
    let row = against("cpu", "us", YARDSTICK, &cpu);
    report.add(row.with(AtMost(1.5), AtMost(1.0)));
    let row = against("cpu", "us", BARE, &cpu);
    report.add(row.with(None, AtMost(1.15)));
    report.add(against("cpu", "us", NGINX, &cpu).with(None, None));
    // P3.
    let row = against("rate", "1/s", YARDSTICK, &rate);
    report.add(row.with(AtLeast(0.7), AtLeast(0.95)));
    #[allow(clippy::cast_precision_loss, reason = "a few errors")]
    let errors = values(all, GATEWAY, |turn, _| turn.seen.errors as f64);
    let worst = errors.into_iter().fold(0.0, f64::max);
    report.add(Row::plain(name("errors"), "", vec![worst]).with(AtMost(0.0), None));
}
