//! P3 and P4: every byte is the provider's, each piece comes when it was sent, and a client that leaves is heard of.

use super::Bench;
use super::contest::{Turn, load, pairs, rounds, values, words};
use super::targets::{BARE, DIRECT, GATEWAY, NGINX, Targets, YARDSTICK};
use crate::fault::Fault;
use crate::rows::Bound::{AtLeast, AtMost};
use crate::rows::Row;

/// Streams at a time, and the pause between two pieces of each: 100 a second.
const STREAMS: usize = 128;
const EVERY_US: u64 = 10_000;

pub(super) fn bytes(bench: &mut Bench) -> Result<(), Fault> {
    let targets = Targets::start(bench.folder.path())?;
    let mut seen = Vec::new();
    for target in &targets.ways {
        let line = format!("verify --to {} --answers 256 --clients 16", target.address);
        seen.push(load(&words(&line), &[target.process])?.seen);
    }
    let [direct, .., gateway] = seen.as_slice() else {
        return Err(Fault::Other("no targets".into()));
    };
    if direct.hashes.len() != 2 {
        return Err(Fault::Other(format!(
            "the provider's answers differ: {:?}",
            direct.hashes
        )));
    }
    let is_same = gateway.hashes == direct.hashes && gateway.errors == 0;
    let row = Row::plain("gateway.bytes.same_as_direct", "", vec![f64::from(is_same)]);
    bench.report.add(row.with(AtLeast(1.0), None));
    Ok(())
}

pub(super) fn paced(bench: &mut Bench) -> Result<(), Fault> {
    let targets = Targets::start(bench.folder.path())?;
    // A window holds two streams of each client at least.
    let for_ms = bench.extent.window_ms.max(1500);
    let all = rounds(bench.extent.rounds, &targets.ways, |target| {
        let line = format!(
            "paced --to {} --clients {STREAMS} --every-us {EVERY_US} --for-ms {for_ms}",
            target.address
        );
        load(&words(&line), &[target.process])
    })?;
    let added =
        |turn: &Turn, round: &[Turn]| turn.p50_us() - round.get(DIRECT).map_or(0.0, Turn::p50_us);
    let p99 = |turn: &Turn, _: &[Turn]| turn.p99_us();
    let cpu = |turn: &Turn, _: &[Turn]| turn.cpu_us;
    let rate = |turn: &Turn, _: &[Turn]| turn.rate();
    let report = &mut bench.report;
    let row = |metric: &str, unit, against, pairs: &[(f64, f64)]| {
        Row::paired(format!("gateway.paced.{metric}"), unit, against, pairs)
    };
    let lag = row(
        "added_lag_p50",
        "us",
        "yardstick",
        &pairs(&all, GATEWAY, YARDSTICK, added),
    );
    report.add(lag.with(AtMost(1.3), None));
    // Absolute, and therefore of an idle machine alone.
    let lag = Row::plain(
        "gateway.paced.added_lag_p50.idle",
        "us",
        values(&all, GATEWAY, added),
    );
    report.add(lag.with(None, AtMost(100.0)));
    let tail = row(
        "lag_p99.vs_nginx",
        "us",
        "nginx",
        &pairs(&all, GATEWAY, NGINX, p99),
    );
    report.add(tail.with(AtMost(2.0), None));
    let pace = row(
        "pace",
        "pieces/s",
        "direct",
        &pairs(&all, GATEWAY, DIRECT, rate),
    );
    report.add(pace.with(AtLeast(0.99), None));
    let paid = row(
        "cpu",
        "us",
        "yardstick",
        &pairs(&all, GATEWAY, YARDSTICK, cpu),
    );
    report.add(paid.with(AtMost(1.5), AtMost(1.0)));
    let paid = row(
        "cpu.vs_bare",
        "us",
        "bare",
        &pairs(&all, GATEWAY, BARE, cpu),
    );
    report.add(paid.with(None, AtMost(1.15)));
    let paid = row(
        "cpu.vs_nginx",
        "us",
        "nginx",
        &pairs(&all, GATEWAY, NGINX, cpu),
    );
    report.add(paid.with(None, None));
    Ok(())
}

pub(super) fn cancel(bench: &mut Bench) -> Result<(), Fault> {
    let targets = Targets::start(bench.folder.path())?;
    let all = rounds(bench.extent.rounds, &targets.ways, |target| {
        let line = format!(
            "cancel --to {} --upstream {} --times {}",
            target.address, targets.upstream, bench.extent.cancels
        );
        load(&words(&line), &[target.process])
    })?;
    let added = |turn: &Turn, round: &[Turn]| {
        (turn.p50_us() - round.get(DIRECT).map_or(0.0, Turn::p50_us)) / 1000.0
    };
    let row = Row::plain(
        "gateway.cancel.added_p50",
        "ms",
        values(&all, GATEWAY, added),
    );
    bench.report.add(row.with(None, AtMost(5.0)));
    let row = Row::paired(
        "gateway.cancel.p50.vs_nginx",
        "ms",
        "nginx",
        &pairs(&all, GATEWAY, NGINX, |turn, _| turn.p50_us() / 1000.0),
    );
    bench.report.add(row.with(None, None));
    Ok(())
}
