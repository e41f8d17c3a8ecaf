//! A run as text for a terminal: plain, aligned, without colour, so that it reads the same in a file.

use std::fmt::Write as _;

use super::table::{aligned, head, plain};
use super::{PROCESSES, QUANTILES, few_samples, grouped, processes, quantiles, short, verdict};
use crate::result::RunResult;

/// Violations that are put into words; the first few say what is wrong.
const SHOWN: usize = 10;

/// What the run measured, and whether its objectives are met.
pub(crate) fn summary(result: &RunResult) -> String {
    let mut text = format!("{}: {}\n", plain(&result.scenario), plain(&result.description));
    let parameters: Vec<String> =
        result.parameters.iter().map(|(name, value)| format!("{} {}", plain(name), plain(value))).collect();
    let _ = writeln!(text, "{} s measured, {}", short(result.seconds), or_none(&parameters, "no parameters"));
    let counts: Vec<String> =
        result.counts.iter().map(|(name, count)| format!("{} {}", plain(name), grouped(*count))).collect();
    let _ = writeln!(text, "{}", or_none(&counts, "nothing counted"));

    let (clients, stages) = (quantiles(&result.latencies), quantiles(&result.stages));
    table(&mut text, "Latency as clients see it, from the time a message was due", &QUANTILES, &clients);
    table(&mut text, "Stages inside the hub, from its own metrics", &QUANTILES, &stages);
    if let Some(note) = few_samples(result) {
        let _ = writeln!(text, "{note}");
    }
    table(&mut text, "Processes", &PROCESSES, &processes(result));
    let figures: Vec<_> =
        result.figures.iter().map(|(name, value)| vec![name.clone(), short(*value)]).collect();
    table(&mut text, "Figures", &[], &figures);
    if !result.faults.is_empty() {
        text.push_str("\nFaults made on purpose\n");
        for fault in &result.faults {
            let _ = writeln!(text, "{:>8.1} s  {}", fault.at, plain(&fault.what));
        }
    }
    let objectives: Vec<_> = (result.objectives.iter())
        .map(|outcome| {
            let value = outcome.value.map_or_else(|| "not measured".to_owned(), short);
            let met = if outcome.met { "met" } else { "MISSED" };
            vec![outcome.objective.clone(), value, met.to_owned()]
        })
        .collect();
    table(&mut text, "Objectives", &[], &objectives);
    if let Some(reason) = &result.generator_bound {
        let _ = writeln!(
            text,
            "\nWARNING: the load test itself was the bottleneck, so the figures say more of it than of the hub: {}",
            plain(reason)
        );
    }
    if !result.violations.is_empty() {
        let _ = writeln!(text, "\n{} violations, the first:", grouped(result.violations.len() as u64));
        for violation in result.violations.iter().take(SHOWN) {
            let _ = writeln!(text, "  {}", plain(violation));
        }
    }
    let _ = writeln!(text, "\n{}", verdict(result));
    text
}

fn table(text: &mut String, heading: &str, headings: &[&str], rows: &[Vec<String>]) {
    if rows.is_empty() {
        return;
    }
    let first = (!headings.is_empty()).then(|| head(headings));
    let rows: Vec<_> = first.into_iter().chain(rows.iter().cloned()).collect();
    let _ = write!(text, "\n{heading}\n{}", aligned(&rows));
}

fn or_none(parts: &[String], none: &str) -> String {
    if parts.is_empty() { none.to_owned() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn a_run_is_told_in_full() {
        let text = summary(&samples::run());
        for part in [
            "steady: ",
            "20 s measured, rate 2000",
            "sent 40,000",
            "delivery  40,000",
            "republished",
            "edge-1  ",
            "all servers",
            "projector_behind_s",
            "edge-1 was killed",
            "delivery.p99 <= 2",
            "MISSED",
            "2 violations, the first:",
            "1 of 3 objectives missed, 2 violations of promises",
        ] {
            assert!(text.contains(part), "{part:?} is missing in:\n{text}");
        }
        assert!(!text.contains('\u{1b}'), "no colour, no control characters");
    }

    #[test]
    fn an_empty_run_says_so_and_only_so() {
        let text = summary(&RunResult::default());
        assert!(text.contains("nothing counted"));
        assert!(text.contains("no objectives set"));
        assert!(!text.contains("Latency"));
    }

    #[test]
    fn a_bottleneck_in_the_load_test_is_shouted_about() {
        let run = RunResult {
            generator_bound: Some("its clock was 80 ms late".to_owned()),
            ..RunResult::default()
        };
        assert!(summary(&run).contains("WARNING: the load test itself was the bottleneck"));
    }

    #[test]
    fn only_the_first_violations_are_put_into_words() {
        let violations = (0..1500).map(|number| format!("message {number} was lost")).collect();
        let text = summary(&RunResult { violations, ..RunResult::default() });
        assert!(text.contains("1,500 violations, the first:") && text.contains("message 9 was lost"));
        assert!(!text.contains("message 10 was lost"));
    }

    #[test]
    fn quantiles_of_nothing_are_unknown() {
        let text = summary(&samples::without_samples());
        let row = text.lines().find(|line| line.starts_with("delivery")).unwrap();
        assert_eq!(row.split_whitespace().collect::<Vec<_>>()[1..], ["0", "–", "–", "–", "–", "–", "–"]);
    }
}
