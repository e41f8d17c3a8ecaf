//! What a fault did to the hub, as a row of the table.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::case::Case;
use crate::result::RunResult;

/// A row.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Row {
    fault: String,
    node: String,
    /// Why there are no figures, if there are none.
    not_made: Option<String>,
    /// Whether that is as it must be: the fault can't be made of this node.
    left_out: bool,
    /// Messages that were due, and those whose authors never learned that they are stored.
    sent: u64,
    unacknowledged: u64,
    /// Promises that were broken, by kind.
    lost: u64,
    doubled: u64,
    reordered: u64,
    acknowledged_but_missing: u64,
    other_violations: u64,
    /// Objectives of the run that were missed.
    missed: Vec<String>,
    /// The longest time in which no author of any message had an acknowledgement, in seconds.
    unavailable_s: Option<f64>,
    /// How long the slowest message took until its author had its acknowledgement, in seconds.
    slowest_s: Option<f64>,
    /// Deliveries of what was due before the fault, until it was mended, and afterwards, in milliseconds.
    before_p99_ms: Option<f64>,
    during_p99_ms: Option<f64>,
    after_p99_ms: Option<f64>,
    /// Why the figures say more of the generator than of the hub, if they do.
    generator_bound: Option<String>,
}

impl Row {
    /// What a run found.
    pub(super) fn of(case: &Case, result: &RunResult) -> Self {
        let count = |name: &str| result.counts.get(name).copied().unwrap_or(0);
        let missed = result.objectives.iter().filter(|outcome| !outcome.met);
        Self {
            sent: count("sent"),
            unacknowledged: count("sent").saturating_sub(count("acknowledged")),
            lost: count("lost"),
            doubled: count("doubled"),
            reordered: count("out_of_others_order"),
            acknowledged_but_missing: count("missing"),
            other_violations: count("other_violations"),
            missed: missed.map(|outcome| outcome.objective.clone()).collect(),
            unavailable_s: result.value("longest_without_ack_s"),
            slowest_s: result.value("ack.max").map(|milliseconds| milliseconds / 1000.0),
            before_p99_ms: result.value("before_faults_p99_ms"),
            during_p99_ms: result.value("during_faults_p99_ms"),
            after_p99_ms: result.value("after_faults_p99_ms"),
            generator_bound: result.generator_bound.clone(),
            ..Self::empty(case)
        }
    }

    /// A fault that can't be made of this node.
    pub(super) fn left_out(case: &Case, why: &str) -> Self {
        Self { not_made: Some(why.to_owned()), left_out: true, ..Self::empty(case) }
    }

    /// A run that could not be made.
    pub(super) fn failed(case: &Case, why: &str) -> Self {
        Self { not_made: Some(why.to_owned()), ..Self::empty(case) }
    }

    fn empty(case: &Case) -> Self {
        Self { fault: case.kind.to_owned(), node: case.node.to_owned(), ..Self::default() }
    }

    fn broken(&self) -> u64 {
        self.lost + self.doubled + self.reordered + self.acknowledged_but_missing + self.other_violations
    }

    /// Whether the hub kept its promises.
    pub(super) fn is_kept(&self) -> bool {
        self.left_out || self.not_made.is_none() && self.broken() == 0 && self.missed.is_empty()
    }

    /// In a line.
    pub(super) fn told(&self) -> String {
        match (&self.not_made, self.is_kept()) {
            (Some(why), true) => format!("left out: {why}"),
            (Some(why), false) => format!("NOT MADE: {why}"),
            (None, true) => format!(
                "kept; {} s without an acknowledgement, the slowest message {} s",
                tenths(self.unavailable_s),
                tenths(self.slowest_s)
            ),
            (None, false) => {
                format!("BROKEN: {} violations, missed: {}", self.broken(), self.missed.join(", "))
            }
        }
    }
}

fn tenths(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.1}"))
}

fn rounded(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.0}"))
}

/// All of them, as Markdown.
pub(super) fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "| fault | node | lost | doubled | reordered | acknowledged but missing | never acknowledged | \
         without acknowledgement s | slowest message s | p99 before / during / after ms | |\n\
         |---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let Row { fault, node, lost, doubled, reordered, acknowledged_but_missing, unacknowledged, .. } = row;
        // Writing to a text does not fail.
        let _ = match &row.not_made {
            Some(why) => writeln!(text, "| {fault} | {node} | – | – | – | – | – | – | – | – | {why} |"),
            None => writeln!(
                text,
                "| {fault} | {node} | {lost} | {doubled} | {reordered} | {acknowledged_but_missing} | {unacknowledged} | \
                 {} | {} | {} / {} / {} | {} |",
                tenths(row.unavailable_s),
                tenths(row.slowest_s),
                rounded(row.before_p99_ms),
                rounded(row.during_p99_ms),
                rounded(row.after_p99_ms),
                if row.is_kept() { "kept".to_owned() } else { format!("BROKEN {}", row.missed.join(", ")) },
            ),
        };
    }
    for row in rows {
        if let Some(why) = &row.generator_bound {
            let _ = writeln!(
                text,
                "\n{} of {}: the figures say more of the load test than of the hub: {why}",
                row.fault, row.node
            );
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::case;
    use super::*;

    fn found(counts: &[(&str, u64)]) -> Row {
        let case = case::wanted(&["kill:edge".to_owned()]).expect("a fault").remove(0);
        let mut result = RunResult::default();
        result.counts.extend(counts.iter().map(|(name, count)| ((*name).to_owned(), *count)));
        result.figures.insert("longest_without_ack_s".to_owned(), 1.25);
        Row::of(&case, &result)
    }

    #[test]
    fn a_promise_that_was_broken_is_seen() {
        let kept = found(&[("sent", 10), ("acknowledged", 10)]);
        assert!(kept.is_kept() && kept.told().contains("1.2 s"), "{}", kept.told());
        for kind in ["lost", "doubled", "out_of_others_order", "missing", "other_violations"] {
            let row = found(&[("sent", 10), ("acknowledged", 10), (kind, 1)]);
            assert!(!row.is_kept() && row.told().contains("1 violation"), "{kind}: {}", row.told());
            assert!(table(&[row]).contains("BROKEN"));
        }
    }

    #[test]
    fn what_could_not_be_made_is_no_success_unless_it_never_can() {
        let case = case::wanted(&["disk:edge".to_owned()]).expect("a fault").remove(0);
        assert!(Row::left_out(&case, "no disk").is_kept());
        assert!(!Row::failed(&case, "it did not start").is_kept());
        assert!(table(&[Row::failed(&case, "it did not start")]).contains("it did not start"));
    }
}
