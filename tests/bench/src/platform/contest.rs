//! Turns: every contestant in every round, each round beginning with another one.

use crate::fault::Fault;
use crate::load::Seen;
use crate::process::{Meter, own, succeeds};

/// What one contestant did in one round.
#[derive(Clone, Debug)]
pub(super) struct Turn {
    pub(super) seen: Seen,
    /// Processor time of the measured processes, microseconds per request.
    pub(super) cpu_us: f64,
}

impl Turn {
    pub(super) fn rate(&self) -> f64 {
        #[allow(clippy::cast_precision_loss, reason = "requests of seconds fit")]
        let requests = self.seen.requests as f64;
        requests / self.seen.seconds
    }

    pub(super) fn first_us(&self) -> f64 {
        self.seen.first.p50 / 1000.0
    }

    pub(super) fn p50_us(&self) -> f64 {
        self.seen.whole.p50 / 1000.0
    }

    pub(super) fn p99_us(&self) -> f64 {
        self.seen.whole.p99 / 1000.0
    }
}

/// Runs a load against some processes, and reads their processor time around it.
pub(super) fn load(arguments: &[String], processes: &[u32]) -> Result<Turn, Fault> {
    let arguments: Vec<&str> = std::iter::once("load")
        .chain(arguments.iter().map(String::as_str))
        .collect();
    let meter = Meter::start(processes);
    let said = succeeds(&mut own(&arguments)?)?;
    let used_ns = meter.used_ns();
    let seen: Seen = serde_json::from_str(&said)?;
    if seen.all == 0 {
        return Err(Fault::Other(format!("nothing was answered: {arguments:?}")));
    }
    #[allow(clippy::cast_precision_loss, reason = "nanoseconds of seconds fit")]
    let cpu_us = used_ns as f64 / 1000.0 / seen.all as f64;
    Ok(Turn { seen, cpu_us })
}

/// Lets contestants take turns; what is given back is one list a round, in the contestants' order.
pub(super) fn rounds<C>(
    rounds: usize,
    contestants: &[C],
    mut turn: impl FnMut(&C) -> Result<Turn, Fault>,
) -> Result<Vec<Vec<Turn>>, Fault> {
    let count = contestants.len();
    let mut all = Vec::new();
    for round in 0..rounds {
        let mut turns = Vec::new();
        for place in 0..count {
            let index = (place + round) % count;
            let contestant = contestants
                .get(index)
                .ok_or_else(|| Fault::Other("no contestant".into()))?;
            turns.push((index, turn(contestant)?));
        }
        turns.sort_unstable_by_key(|(index, _)| *index);
        all.push(turns.into_iter().map(|(_, turn)| turn).collect());
    }
    Ok(all)
}

/// A value of two contestants in every round.
pub(super) fn pairs(
    rounds: &[Vec<Turn>],
    subject: usize,
    baseline: usize,
    value: impl Fn(&Turn, &[Turn]) -> f64,
) -> Vec<(f64, f64)> {
    rounds
        .iter()
        .filter_map(|round| {
            let of = |index: usize| round.get(index).map(|turn| value(turn, round));
            Some((of(subject)?, of(baseline)?))
        })
        .collect()
}

/// A value of one contestant in every round.
pub(super) fn values(
    rounds: &[Vec<Turn>],
    subject: usize,
    value: impl Fn(&Turn, &[Turn]) -> f64,
) -> Vec<f64> {
    let pairs = pairs(rounds, subject, subject, value);
    pairs.into_iter().map(|(value, _)| value).collect()
}

/// Words of a command line.
pub(super) fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}
