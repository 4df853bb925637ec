//! P16, the other half: events of use, taken in by the service, against a commit for each and against one for all that wait.

use super::Bench;
use super::contest::{load, pairs, rounds, values, words};
use super::service::{Database, Service};
use crate::fault::Fault;
use crate::process::Running;
use crate::rows::Bound::{AtLeast, AtMost};
use crate::rows::Row;

const SERVICE: usize = 0;
const EACH: usize = 1;
const GROUPED: usize = 2;

pub(super) fn measure(bench: &mut Bench) -> Result<(), Fault> {
    let [database, _] = Database::both(bench)?;
    let url = database.make(bench, "usage")?;
    let service = Service::start(bench, "usage", 0, &url)?;
    let credentials = service.enrol(bench, "usage", bench.extent.devices)?;
    let yard = database.make(bench, "yard_usage")?;
    let (each, each_address) = Running::server(&["intake", "--database", &yard])?;
    let (grouped, grouped_address) =
        Running::server(&["intake", "--grouped", "--database", &yard])?;
    let ways = [
        (service.address.as_str(), service.process()),
        (each_address.as_str(), each.id()),
        (grouped_address.as_str(), grouped.id()),
    ];
    for clients in [16, 128] {
        let all = rounds(bench.extent.rounds, &ways, |(address, process)| {
            let line = format!(
                "devices --to {address} --errand usage --credentials {} --clients {clients} --for-ms {}",
                credentials.display(),
                bench.extent.window_ms
            );
            load(&words(&line), &[*process])
        })?;
        let name = |metric: &str| format!("licence.usage.c{clients}.{metric}");
        let rate = pairs(&all, SERVICE, EACH, |turn, _| turn.rate());
        let least = if clients == 128 { 2.5 } else { 1.0 };
        let row = Row::paired(name("rate"), "1/s", "a commit each", &rate);
        bench.report.add(row.with(AtLeast(least), None));
        let rate = pairs(&all, SERVICE, GROUPED, |turn, _| turn.rate());
        let row = Row::paired(name("rate.vs_grouped"), "1/s", "group commit", &rate);
        bench.report.add(row.with(AtLeast(0.7), AtLeast(0.9)));
        let cpu = pairs(&all, SERVICE, EACH, |turn, _| turn.cpu_us);
        bench
            .report
            .add(Row::paired(name("cpu"), "us", "a commit each", &cpu).with(None, None));
        #[allow(clippy::cast_precision_loss, reason = "a few errors")]
        let errors = values(&all, SERVICE, |turn, _| turn.seen.errors as f64);
        let errors = errors.into_iter().fold(0.0, f64::max);
        bench
            .report
            .add(Row::plain(name("errors"), "", vec![errors]).with(AtMost(0.0), None));
    }
    Ok(())
}
