//! The gateway with the platform's authority against a bare pass-through that makes two commits: what a call that is paid
//! for cannot do without.

use serde_json::json;

use super::Bench;
use super::contest::{Turn, load, pairs, rounds, values, words};
use super::seed;
use super::service::{Database, Service};
use crate::fault::Fault;
use crate::process::{Running, write};
use crate::rows::Bound::AtMost;
use crate::rows::Row;
use crate::wire::KEY;

/// Where the service has its gateway.
const PATH: &str = "/v1/gateway/chat/completions";
/// The variable that holds the vendor's key.
const KEY_VARIABLE: &str = "BRASSKEY_BENCH_KEY";

const DIRECT: usize = 0;
const COMMITS: usize = 1;
const VENDOR: usize = 2;

pub(super) fn measure(bench: &mut Bench) -> Result<(), Fault> {
    let [database, _] = Database::both(bench)?;
    let url = database.make(bench, "vendor")?;
    let (provider, upstream) = Running::server(&["upstream"])?;
    let providers = json!([{
        "provider": "openai_compatible",
        "base_url": format!("http://{upstream}/v1"),
        "protocols": ["openai_chat"],
        "family": "openai",
        "key": format!("env://{KEY_VARIABLE}"),
    }]);
    let file = bench.folder.path().join("providers.json");
    let file = write(&file, &providers.to_string())?.display().to_string();
    let environment = [
        ("BRASSKEY_PLATFORM_GATEWAY__PROVIDERS", file.as_str()),
        ("BRASSKEY_PLATFORM_SECRETS__ENVIRONMENT", "true"),
        (KEY_VARIABLE, KEY),
    ];
    let service = Service::start_with(bench, "vendor", 0, &url, &environment)?;
    let credentials = service.enrol(bench, "vendor", bench.extent.devices)?;
    seed::vendor_billed(&url)?;
    let yard = database.make(bench, "yard_vendor")?;
    let (commits, commits_address) =
        Running::server(&["pass-through", "--upstream", &upstream, "--commits", &yard])?;
    let way = format!("--path {PATH} --credentials {}", credentials.display());
    let ways = [
        (&upstream, provider.id(), ""),
        (&commits_address, commits.id(), ""),
        (&service.address, service.process(), way.as_str()),
    ];
    for what in ["json", "stream"] {
        for clients in [1, 16, 128] {
            let all = rounds(bench.extent.rounds, &ways, |(address, process, more)| {
                let line = format!(
                    "calls --to {address} --what {what} --clients {clients} --for-ms {} {more}",
                    bench.extent.window_ms
                );
                load(&words(&line), &[*process])
            })?;
            tell(bench, what, clients, &all);
        }
    }
    Ok(())
}

fn tell(bench: &mut Bench, what: &str, clients: usize, all: &[Vec<Turn>]) {
    let name = |metric: &str| format!("vendor.{what}.c{clients}.{metric}");
    let added = |turn: &Turn, round: &[Turn]| {
        turn.first_us() - round.get(DIRECT).map_or(0.0, Turn::first_us)
    };
    let row = |metric: &str, unit, pairs: &[(f64, f64)]| {
        Row::paired(name(metric), unit, "two commits", pairs)
    };
    // Under load every hop waits for the same cores, so that the middle is compared where nothing waits.
    if clients == 1 {
        let first = row("added_p50", "us", &pairs(all, VENDOR, COMMITS, added));
        bench.report.add(first.with(None, AtMost(1.15)));
    }
    let cpu = row(
        "cpu",
        "us",
        &pairs(all, VENDOR, COMMITS, |turn, _| turn.cpu_us),
    );
    bench.report.add(cpu.with(None, AtMost(1.15)));
    let rate = row(
        "rate",
        "1/s",
        &pairs(all, VENDOR, COMMITS, |turn, _| turn.rate()),
    );
    bench.report.add(rate.with(None, None));
    #[allow(clippy::cast_precision_loss, reason = "a few errors")]
    let errors = values(all, VENDOR, |turn, _| turn.seen.errors as f64);
    let errors = errors.into_iter().fold(0.0, f64::max);
    bench
        .report
        .add(Row::plain(name("errors"), "", vec![errors]).with(AtMost(0.0), None));
}
