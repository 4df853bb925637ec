//! P16: renewals of licences, per second and per core, against an endpoint of the same service that asks no database; at
//! most of what it can; and over more than one replica.

use std::path::Path;

use super::Bench;
use super::contest::{Turn, load, pairs, rounds, values, words};
use super::service::{Database, Service};
use crate::fault::Fault;
use crate::rows::Bound::{AtLeast, AtMost};
use crate::rows::Row;

const CLIENTS: [usize; 2] = [16, 128];
const HEALTH: usize = 0;
const RENEW: usize = 1;

/// The command line of renewals.
pub(super) fn renewals(
    addresses: &[&str],
    credentials: &Path,
    clients: usize,
    for_ms: u64,
) -> String {
    let to: Vec<String> = addresses
        .iter()
        .map(|address| format!("--to {address}"))
        .collect();
    format!(
        "devices {} --errand renew --credentials {} --clients {clients} --for-ms {for_ms}",
        to.join(" "),
        credentials.display()
    )
}

pub(super) fn refresh(bench: &mut Bench) -> Result<(), Fault> {
    for database in Database::both(bench)? {
        refresh_on(bench, &database)?;
    }
    Ok(())
}

fn refresh_on(bench: &mut Bench, database: &Database) -> Result<(), Fault> {
    let kind = database.name();
    let label = format!("refresh_{kind}");
    let service = Service::start(bench, &label, 0, &database.make(bench, &label)?)?;
    let credentials = service.enrol(bench, &label, bench.extent.devices)?;
    let processes = [service.process()];
    let for_ms = bench.extent.window_ms;
    let mut most = 0.0;
    for clients in CLIENTS {
        let health = format!(
            "calls --to {} --what health --clients {clients} --for-ms {for_ms}",
            service.address
        );
        let renew = renewals(&[&service.address], &credentials, clients, for_ms);
        let all = rounds(bench.extent.rounds, &[health, renew], |line| {
            load(&words(line), &processes)
        })?;
        let name = |metric: &str| format!("licence.refresh.{kind}.c{clients}.{metric}");
        let pair = |value: fn(&Turn) -> f64| pairs(&all, RENEW, HEALTH, |turn, _| value(turn));
        let rate = Row::paired(name("rate"), "1/s", "no database", &pair(Turn::rate));
        // 0.9 times the least that a service which only reads and signs reached.
        let (gate, goal) = match database {
            Database::Postgres(_) => (Some(AtLeast(0.5)), Some(AtLeast(0.51))),
            Database::Sqlite => (None, None),
        };
        most = values(&all, RENEW, |turn, _| turn.rate())
            .into_iter()
            .fold(most, f64::max);
        bench.report.add(rate.with(gate, goal));
        let per_core = Row::paired(
            name("per_core"),
            "1/s",
            "no database",
            &pair(|turn| 1_000_000.0 / turn.cpu_us),
        );
        bench.report.add(per_core.with(None, None));
        let cpu = Row::paired(name("cpu"), "us", "no database", &pair(|turn| turn.cpu_us));
        bench.report.add(cpu.with(None, None));
        let p50 = Row::plain(
            name("p50"),
            "us",
            values(&all, RENEW, |turn, _| turn.p50_us()),
        );
        bench.report.add(p50.with(None, None));
        #[allow(clippy::cast_precision_loss, reason = "a few errors")]
        let errors = values(&all, RENEW, |turn, _| turn.seen.errors as f64);
        let errors = errors.into_iter().fold(0.0, f64::max);
        bench
            .report
            .add(Row::plain(name("errors"), "", vec![errors]).with(AtMost(0.0), None));
    }
    let line = renewals(&[&service.address], &credentials, 64, for_ms)
        + &format!(" --rate {}", most * 0.7);
    let all = rounds(bench.extent.rounds, &[line], |line| {
        load(&words(line), &processes)
    })?;
    let tail: Vec<(f64, f64)> = all
        .iter()
        .flatten()
        .map(|turn| (turn.p99_us(), turn.p50_us()))
        .collect();
    let row = Row::paired(
        format!("licence.refresh.{kind}.p99_at_70_percent"),
        "us",
        "its p50",
        &tail,
    );
    bench.report.add(row.with(AtMost(3.0), None));
    Ok(())
}

pub(super) fn replicas(bench: &mut Bench) -> Result<(), Fault> {
    const CLIENTS: usize = 32;
    let [database, _] = Database::both(bench)?;
    let url = database.make(bench, "replicas")?;
    let services: Vec<Service> = (0..4)
        .map(|number| Service::start(bench, "replicas", number, &url))
        .collect::<Result<_, _>>()?;
    let Some(first) = services.first() else {
        return Ok(());
    };
    let credentials = first.enrol(bench, "replicas", bench.extent.devices)?;
    let counts = [1, 2, 4];
    let all = rounds(bench.extent.rounds, &counts, |count| {
        let at_work = services.iter().take(*count);
        let addresses: Vec<&str> = at_work
            .clone()
            .map(|service| service.address.as_str())
            .collect();
        let processes: Vec<u32> = at_work.map(Service::process).collect();
        let line = renewals(&addresses, &credentials, CLIENTS, bench.extent.window_ms);
        load(&words(&line), &processes)
    })?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    for (index, count) in counts.iter().enumerate().skip(1) {
        let cpu = pairs(&all, index, 0, |turn, _| turn.cpu_us);
        let row = Row::paired(format!("licence.replicas.{count}.cpu"), "us", "one", &cpu);
        bench.report.add(row.with(AtMost(1.1), None));
        let rate = pairs(&all, index, 0, |turn, _| turn.rate());
        let row = Row::paired(
            format!("licence.replicas.{count}.rate"),
            "1/s",
            "one",
            &rate,
        );
        // Load, replicas and PostgreSQL share the cores: with too few of them more replicas cannot be faster.
        let gate = (*count == 2 && cores >= 8).then_some(AtLeast(1.8));
        bench.report.add(row.with(gate, None));
    }
    if cores < 8 {
        let why = format!("{cores} cores are shared by load, replicas and PostgreSQL; it takes 8");
        bench
            .report
            .leave_out("licence.replicas.2.rate as a gate", why);
    }
    Ok(())
}
