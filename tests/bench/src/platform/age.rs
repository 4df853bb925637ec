//! The cost of a renewal for devices that have renewed each day for a year, against devices that are new: it has to stay
//! what it is, too.

use super::Bench;
use super::contest::{load, pairs, rounds, words};
use super::licences::renewals;
use super::service::{Database, Service};
use crate::fault::Fault;
use crate::rows::Bound::AtMost;
use crate::rows::Row;

const NEW: usize = 0;
const OLD: usize = 1;
const CLIENTS: usize = 16;
/// Renewals of a device in a year.
const YEAR: u64 = 365;

pub(super) fn measure(bench: &mut Bench) -> Result<(), Fault> {
    // On PostgreSQL alone: a year of renewals one after the other takes SQLite many minutes.
    let [database, _] = Database::both(bench)?;
    let kind = database.name();
    let label = format!("age_{kind}");
    let service = Service::start(bench, &label, 0, &database.make(bench, &label)?)?;
    let new = service.enrol(bench, &format!("{label}_new"), bench.extent.devices)?;
    let old = service.enrol(bench, &format!("{label}_old"), CLIENTS)?;
    let processes: Vec<u32> = database
        .process()
        .into_iter()
        .chain([service.process()])
        .collect();
    let mut renewed = 0;
    while renewed < YEAR * CLIENTS as u64 {
        let line = renewals(&[&service.address], &old, CLIENTS, bench.extent.window_ms);
        renewed += load(&words(&line), &processes)?.seen.all;
    }
    let all = rounds(bench.extent.rounds, &[new, old], |credentials| {
        let line = renewals(
            &[&service.address],
            credentials,
            CLIENTS,
            bench.extent.window_ms,
        );
        load(&words(&line), &processes)
    })?;
    let row = |metric: &str, pairs: &[(f64, f64)]| {
        Row::paired(format!("licence.age.{kind}.{metric}"), "us", "new", pairs)
    };
    let cpu = row(
        "cpu_with_database",
        &pairs(&all, OLD, NEW, |turn, _| turn.cpu_us),
    );
    bench.report.add(cpu.with(AtMost(1.1), None));
    let p50 = row("p50", &pairs(&all, OLD, NEW, |turn, _| turn.p50_us()));
    bench.report.add(p50.with(AtMost(1.1), None));
    Ok(())
}
