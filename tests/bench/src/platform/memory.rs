//! P5: memory of the gateway's process, idle, with a thousand open streams, and after many answers.

use std::process::Stdio;

use super::Bench;
use super::contest::{load, words};
use super::targets::{GATEWAY, Target, Targets};
use crate::fault::Fault;
use crate::process::{Running, own, pss_kb};
use crate::rows::Bound::AtMost;
use crate::rows::Row;

/// Streams at a time while answers are counted.
const STREAMS: usize = 128;

pub(super) fn measure(bench: &mut Bench) -> Result<(), Fault> {
    let targets = Targets::start(bench.folder.path())?;
    let mut idle = Vec::new();
    let mut open = Vec::new();
    for target in targets.ways.iter().skip(1) {
        // The first calls make pools and buffers that stay.
        calls(target, 100)?;
        let before = megabytes(target);
        idle.push((target, before));
        open.push((target.name, with_open(target, bench.extent.open)?, before));
    }
    let report = &mut bench.report;
    let pair = |list: &[f64], index: usize| list.get(index).copied().unwrap_or(0.0);
    let idle: Vec<f64> = idle.into_iter().map(|(_, megabytes)| megabytes).collect();
    let last = idle.len() - 1;
    // The whole process, and therefore more than what an application that holds a gateway has more: its program, its
    // runtime and its list of prices are there without one.
    let row = Row::plain("gateway.memory.idle", "MB", vec![pair(&idle, last)]);
    report.add(row.with(AtMost(15.0), AtMost(6.0)));
    for (index, (name, ..)) in open.iter().enumerate().take(last) {
        let row = Row::paired(
            format!("gateway.memory.idle.vs_{name}"),
            "MB",
            name,
            &[(pair(&idle, last), pair(&idle, index))],
        );
        report.add(row.with(None, None));
    }
    let with: Vec<f64> = open.iter().map(|(_, megabytes, _)| *megabytes).collect();
    for (index, (name, ..)) in open.iter().enumerate().take(last) {
        let row = Row::paired(
            format!("gateway.memory.open_streams.vs_{name}"),
            "MB",
            name,
            &[(pair(&with, last), pair(&with, index))],
        );
        report.add(row.with(None, None));
    }
    #[allow(clippy::cast_precision_loss, reason = "a thousand streams")]
    let each = (pair(&with, last) - pair(&idle, last)) * 1024.0 / bench.extent.open as f64;
    report.add(Row::plain("gateway.memory.each_open_stream", "kB", vec![each]).with(None, None));

    let gateway = targets
        .ways
        .get(GATEWAY)
        .ok_or_else(|| Fault::Other("no gateway".into()))?;
    // Warm: every buffer that so many streams at a time need is there.
    calls(gateway, bench.extent.answers / 10)?;
    let warm = megabytes(gateway);
    calls(gateway, bench.extent.answers)?;
    let grown = megabytes(gateway) - warm;
    let row = Row::plain("gateway.memory.growth", "MB", vec![grown]);
    report.add(row.with(AtMost(2.0), AtMost(0.0)));
    Ok(())
}

fn megabytes(target: &Target) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "kilobytes of memory fit")]
    let kilobytes = pss_kb(target.process) as f64;
    kilobytes / 1024.0
}

fn calls(target: &Target, answers: u64) -> Result<(), Fault> {
    let line = format!(
        "calls --to {} --what stream --clients {STREAMS} --requests {answers}",
        target.address
    );
    let turn = load(&words(&line), &[target.process])?;
    match turn.seen.errors {
        0 => Ok(()),
        errors => Err(Fault::Other(format!(
            "{errors} answers of {} were not whole",
            target.name
        ))),
    }
}

/// Megabytes while so many streams are open.
fn with_open(target: &Target, streams: usize) -> Result<f64, Fault> {
    let clients = streams.to_string();
    let mut command = own(&[
        "load",
        "open",
        "--to",
        &target.address,
        "--clients",
        &clients,
    ])?;
    command.stdout(Stdio::piped());
    let mut clients = Running::start(&mut command)?;
    let said = clients.line()?;
    if said != "open" {
        return Err(Fault::Other(format!(
            "{streams} streams over {} did not open",
            target.name
        )));
    }
    let megabytes = megabytes(target);
    clients.finish()?;
    Ok(megabytes)
}
