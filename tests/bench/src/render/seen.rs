//! What was seen of one answer, from inside the page and from its process.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::fault::Fault;
use crate::run::percentile;

/// What the probe tells.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    begun_at: f64,
    painted_at: f64,
    lags: Vec<f64>,
    keys: Vec<f64>,
    long_tasks: Vec<f64>,
}

/// Main-thread time of the first and of the last thousand tokens.
pub(super) struct Growth {
    pub(super) first_ms: f64,
    pub(super) last_ms: f64,
}

pub(super) struct Seen {
    /// How long after its last word was due the answer was painted.
    pub(super) behind_ms: f64,
    pub(super) long_tasks_percent: f64,
    pub(super) longest_task_ms: f64,
    pub(super) lag_p99_ms: f64,
    pub(super) key_p50_ms: f64,
    pub(super) key_p95_ms: f64,
    pub(super) main_thread_ms: f64,
    pub(super) growth: Growth,
}

impl Seen {
    /// `looks` is the main thread's time of each process that may be the page's, after each thousand tokens.
    pub(super) fn of(told: &Value, looks: &[Vec<u64>], lasts: Duration) -> Result<Self, Fault> {
        let mut told = Told::deserialize(told)?;
        let lasts_ms = lasts.as_secs_f64() * 1e3;
        let worked = |from: usize, until: usize| {
            let (Some(before), Some(after)) = (looks.get(from), looks.get(until)) else {
                return 0.0;
            };
            let each = before.iter().zip(after);
            let most = each
                .map(|(before, after)| after.saturating_sub(*before))
                .max();
            #[allow(clippy::cast_precision_loss, reason = "nanoseconds of seconds fit")]
            let ms = most.unwrap_or(0) as f64 / 1e6;
            ms
        };
        let last = looks.len() - 1;
        Ok(Self {
            behind_ms: told.painted_at - told.begun_at - lasts_ms,
            long_tasks_percent: told.long_tasks.iter().sum::<f64>() * 100.0 / lasts_ms,
            longest_task_ms: percentile(&mut told.long_tasks, 100),
            lag_p99_ms: percentile(&mut told.lags, 99),
            key_p50_ms: percentile(&mut told.keys, 50),
            key_p95_ms: percentile(&mut told.keys, 95),
            main_thread_ms: worked(0, last),
            growth: Growth {
                first_ms: worked(0, 1),
                // The last look is after the end, and the one before it may be at it.
                last_ms: worked(last.saturating_sub(2), last.saturating_sub(1)),
            },
        })
    }
}
