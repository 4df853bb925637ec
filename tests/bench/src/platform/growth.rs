//! The cost of a renewal when the database holds more and more accounts: it has to stay what it is.

use super::Bench;
use super::contest::{load, pairs, rounds, words};
use super::licences::renewals;
use super::seed;
use super::service::{Database, Service};
use crate::fault::Fault;
use crate::rows::Bound::AtMost;
use crate::rows::Row;

/// What the others are compared to.
const BASE: usize = 1;
const CLIENTS: usize = 16;

pub(super) fn measure(bench: &mut Bench) -> Result<(), Fault> {
    for database in Database::both(bench)? {
        measure_on(bench, &database)?;
    }
    Ok(())
}

fn measure_on(bench: &mut Bench, database: &Database) -> Result<(), Fault> {
    let kind = database.name();
    let mut services = Vec::new();
    for accounts in bench.extent.accounts {
        let label = format!("growth_{kind}_{accounts}");
        let url = database.make(bench, &label)?;
        let service = Service::start(bench, &label, 0, &url)?;
        seed::accounts(&url, *accounts)?;
        let credentials = service.enrol(bench, &label, bench.extent.devices)?;
        services.push((service, credentials));
    }
    let all = rounds(bench.extent.rounds, &services, |(service, credentials)| {
        let line = renewals(
            &[&service.address],
            credentials,
            CLIENTS,
            bench.extent.window_ms,
        );
        let processes: Vec<u32> = database
            .process()
            .into_iter()
            .chain([service.process()])
            .collect();
        load(&words(&line), &processes)
    })?;
    for (index, accounts) in bench.extent.accounts.iter().enumerate() {
        let name = |metric: &str| format!("licence.growth.{kind}.{accounts}.{metric}");
        // Of the service and of the database together: a table that is read from end to end costs the database.
        let cpu = pairs(&all, index, BASE, |turn, _| turn.cpu_us);
        let p50 = pairs(&all, index, BASE, |turn, _| turn.p50_us());
        let gate = (index > BASE).then_some(AtMost(1.1));
        let row = Row::paired(name("cpu_with_database"), "us", "10000", &cpu);
        bench.report.add(row.with(gate, None));
        let row = Row::paired(name("p50"), "us", "10000", &p50);
        bench.report.add(row.with(gate, None));
    }
    Ok(())
}
