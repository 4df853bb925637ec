//! What is found: rows of a value, what it is compared to, and whether that is good enough. A table for people, JSON for
//! what draws curves.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use serde::Serialize;
use serde_json::json;

use crate::fault::Fault;

/// What a ratio, or a value where there is no ratio, has to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

impl Bound {
    fn holds(self, value: f64) -> bool {
        match self {
            Self::AtMost(most) => value <= most,
            Self::AtLeast(least) => value >= least,
        }
    }
}

impl std::fmt::Display for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AtMost(most) => write!(f, "<= {most}"),
            Self::AtLeast(least) => write!(f, ">= {least}"),
        }
    }
}

impl Serialize for Bound {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// How far a row comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Met {
    /// The goal is reached; where there is none, the gate.
    Goal,
    /// The gate holds, the goal is not reached.
    Gate,
    /// The gate does not hold; where there is none, the goal is not reached.
    Missed,
}

/// One finding.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) metric: String,
    pub(crate) value: f64,
    pub(crate) unit: &'static str,
    /// What it is compared to.
    pub(crate) against: &'static str,
    /// The same of that.
    pub(crate) baseline: Option<f64>,
    /// The median of the ratios of all rounds.
    pub(crate) ratio: Option<f64>,
    pub(crate) gate: Option<Bound>,
    pub(crate) goal: Option<Bound>,
    /// Of the gate and the goal; `null` where there is neither.
    pub(crate) met: Option<Met>,
    /// The ratio, or the value, of every round.
    pub(crate) rounds: Vec<f64>,
}

impl Row {
    /// A row without a baseline, from the values of all rounds.
    pub(crate) fn plain(metric: impl Into<String>, unit: &'static str, rounds: Vec<f64>) -> Self {
        Self {
            metric: metric.into(),
            value: median(&rounds),
            unit,
            against: "",
            baseline: None,
            ratio: None,
            gate: None,
            goal: None,
            met: None,
            rounds,
        }
    }

    /// A row against a baseline, from pairs of a round each. A pair has no ratio when its baseline is nothing or when one of
    /// the two is below it: a difference that is smaller than what disturbs it.
    pub(crate) fn paired(
        metric: impl Into<String>,
        unit: &'static str,
        against: &'static str,
        pairs: &[(f64, f64)],
    ) -> Self {
        let values: Vec<f64> = pairs.iter().map(|(value, _)| *value).collect();
        let baselines: Vec<f64> = pairs.iter().map(|(_, baseline)| *baseline).collect();
        let ratios: Vec<f64> = pairs
            .iter()
            .filter(|(value, baseline)| *baseline > 0.0 && *value >= 0.0)
            .map(|(value, baseline)| value / baseline)
            .collect();
        Self {
            against,
            value: median(&values),
            baseline: Some(median(&baselines)),
            ratio: (!ratios.is_empty()).then(|| median(&ratios)),
            ..Self::plain(metric, unit, ratios)
        }
    }

    /// What it has to be.
    pub(crate) fn with(
        mut self,
        gate: impl Into<Option<Bound>>,
        goal: impl Into<Option<Bound>>,
    ) -> Self {
        (self.gate, self.goal) = (gate.into(), goal.into());
        let compared = match self.baseline {
            Some(_) => self.ratio,
            None => Some(self.value),
        };
        let holds = |bound: Option<Bound>| {
            bound.map(|bound| compared.is_some_and(|value| bound.holds(value)))
        };
        self.met = match (holds(self.gate), holds(self.goal)) {
            (None, None) => None,
            (Some(false), _) | (None, Some(false)) => Some(Met::Missed),
            (Some(true), Some(false)) => Some(Met::Gate),
            (Some(true), None) | (_, Some(true)) => Some(Met::Goal),
        };
        self
    }
}

/// The middle of some values; nothing of none.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match (sorted.get(middle.wrapping_sub(1)), sorted.get(middle)) {
        (Some(low), Some(high)) if sorted.len().is_multiple_of(2) => f64::midpoint(*low, *high),
        (_, Some(high)) => *high,
        _ => 0.0,
    }
}

/// All findings, and what could not be measured.
#[derive(Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
    left_out: Vec<(String, String)>,
}

impl Report {
    /// Adds a row and shows it.
    pub(crate) fn add(&mut self, row: Row) {
        println!("{}", line(&row));
        self.rows.push(row);
    }

    /// Says why something is not measured.
    pub(crate) fn leave_out(&mut self, metric: &str, why: impl Into<String>) {
        let why = why.into();
        println!("{metric:<44} not measured: {why}");
        self.left_out.push((metric.to_owned(), why));
    }

    /// Says what is not met.
    pub(crate) fn conclude(&self) {
        let missed: Vec<&Row> = self
            .rows
            .iter()
            .filter(|row| row.met == Some(Met::Missed))
            .collect();
        let close = self
            .rows
            .iter()
            .filter(|row| row.met == Some(Met::Gate))
            .count();
        println!(
            "\n{} rows; {close} between gate and goal; {} not met:",
            self.rows.len(),
            missed.len()
        );
        for row in missed {
            println!("{}", line(row));
        }
        for (metric, why) in &self.left_out {
            println!("{metric:<44} not measured: {why}");
        }
    }

    /// Writes all as JSON.
    pub(crate) fn write(&self, path: &Path, about: &serde_json::Value) -> Result<(), Fault> {
        let left_out: Vec<_> = self
            .left_out
            .iter()
            .map(|(metric, why)| json!({"metric": metric, "why": why}))
            .collect();
        let whole = json!({"about": about, "rows": self.rows, "left_out": left_out});
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(Fault::file(folder))?;
        }
        let text = serde_json::to_string_pretty(&whole)?;
        File::create(path)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(Fault::file(path))
    }
}

/// The head of the table.
pub(crate) const HEAD: &str = "metric                                              value unit      baseline                        ratio   gate      goal      met";

fn line(row: &Row) -> String {
    let number = |value: f64| {
        if value.abs() >= 100.0 {
            format!("{value:.0}")
        } else {
            format!("{value:.2}")
        }
    };
    let bound =
        |bound: Option<Bound>| bound.map_or_else(|| "-".to_owned(), |bound| bound.to_string());
    let baseline = row.baseline.map_or_else(
        || "-".to_owned(),
        |value| format!("{} {}", number(value), row.against),
    );
    let met = match row.met {
        None => "-",
        Some(Met::Goal) => "goal",
        Some(Met::Gate) => "gate",
        Some(Met::Missed) => "MISSED",
    };
    format!(
        "{:<44} {:>12} {:<9} {:<30} {:>6} {:>9} {:>9} {met:>6}",
        row.metric,
        number(row.value),
        row.unit,
        baseline,
        row.ratio.map_or_else(|| "-".to_owned(), number),
        bound(row.gate),
        bound(row.goal),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::float_cmp)]
    use super::*;
    use Bound::{AtLeast, AtMost};

    #[test]
    fn a_ratio_is_the_median_of_the_rounds_and_not_of_the_values() {
        let row = Row::paired(
            "x",
            "us",
            "nginx",
            &[(10.0, 10.0), (40.0, 20.0), (90.0, 30.0)],
        );
        assert_eq!(
            (row.value, row.baseline, row.ratio),
            (40.0, Some(20.0), Some(2.0))
        );
        let without = Row::paired("x", "us", "nginx", &[(10.0, 0.0), (-10.0, 10.0)]);
        assert_eq!(without.ratio, None);
        assert_eq!(without.with(AtMost(1.0), None).met, Some(Met::Missed));
    }

    #[test]
    fn a_row_tells_goal_gate_and_neither_apart() {
        let row = |value| {
            Row::plain("x", "", vec![value])
                .with(AtMost(2.0), AtMost(1.0))
                .met
        };
        assert_eq!(row(1.0), Some(Met::Goal));
        assert_eq!(row(1.5), Some(Met::Gate));
        assert_eq!(row(2.5), Some(Met::Missed));
        let goal = |value| {
            Row::plain("x", "", vec![value])
                .with(None, AtLeast(1.0))
                .met
        };
        assert_eq!((goal(1.0), goal(0.5)), (Some(Met::Goal), Some(Met::Missed)));
        assert_eq!(Row::plain("x", "", vec![1.0]).with(None, None).met, None);
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(&[]), 0.0);
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
    }
}
