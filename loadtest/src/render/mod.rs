//! Shows what a run measured: as text in a terminal, as one self-contained HTML page, and two runs side by side.
//! Pure functions of results; knows nothing of how they were measured or where they are written.

mod bars;
mod charts;
mod compare;
mod html;
mod plot;
#[cfg(test)]
mod samples;
mod summary;
mod table;

pub(crate) use compare::compare;
pub(crate) use html::html;
pub(crate) use summary::summary;

use crate::result::{ProcessUse, RunResult, whole};

/// How the processes of the load test itself are named; what they use is not the hub's.
const GENERATOR: &str = "load test";

/// Stands for a value that is not known.
const UNKNOWN: &str = "–";

/// Headings of a table of distributions, all in milliseconds but the count.
const QUANTILES: [&str; 8] = ["ms", "count", "mean", "p50", "p90", "p99", "p99.9", "max"];

/// Headings of a table of processes.
const PROCESSES: [&str; 4] = ["process", "CPU s", "CPU ms per 1,000 delivered", "peak MiB"];

/// Rows under [`QUANTILES`].
fn quantiles(distributions: &[crate::result::Distribution]) -> Vec<Vec<String>> {
    let row = |one: &crate::result::Distribution| {
        let mut row = vec![one.name.clone(), grouped(one.count)];
        let known = [one.mean, one.p50, one.p90, one.p99, one.p999, one.max];
        row.extend(known.map(|value| if one.count == 0 { UNKNOWN.to_owned() } else { figure(value) }));
        row
    };
    distributions.iter().map(row).collect()
}

/// Rows under [`PROCESSES`], with the servers together where there are several.
fn processes(result: &RunResult) -> Vec<Vec<String>> {
    let delivered = delivered(result);
    let row = |name: &str, seconds: f64, peak: String| {
        vec![name.to_owned(), figure(seconds), optional(per_thousand(seconds, delivered)), peak]
    };
    let mut rows: Vec<_> = (result.processes.iter())
        .map(|process| row(&process.name, process.cpu_seconds, figure(mebibytes(process.peak_bytes))))
        .collect();
    if servers(result).count() > 1 {
        rows.push(row("all servers", server_seconds(result), UNKNOWN.to_owned()));
    }
    rows
}

/// The processes of the hub and what it stands on.
fn servers(result: &RunResult) -> impl Iterator<Item = &ProcessUse> {
    result.processes.iter().filter(|process| !process.name.starts_with(GENERATOR))
}

/// Processor time of all servers in seconds.
fn server_seconds(result: &RunResult) -> f64 {
    servers(result).map(|process| process.cpu_seconds).sum()
}

/// Messages that were delivered in the measured time: as counted, else as many as there are latencies of deliveries.
fn delivered(result: &RunResult) -> Option<u64> {
    let measured = || result.latencies.iter().find(|one| one.name == "delivery").map(|one| one.count);
    result.counts.get("delivered").copied().or_else(measured).filter(|count| *count > 0)
}

/// Milliseconds of processor time for a thousand deliveries, which is seconds for a million.
fn per_thousand(seconds: f64, delivered: Option<u64>) -> Option<f64> {
    Some(seconds * 1_000_000.0 / whole(delivered?))
}

/// The run in a sentence.
fn verdict(result: &RunResult) -> String {
    let missed = result.objectives.iter().filter(|outcome| !outcome.met).count();
    let objectives = match (result.objectives.len(), missed) {
        (0, _) => "no objectives set".to_owned(),
        (1, 0) => "the objective met".to_owned(),
        (all, 0) => format!("all {all} objectives met"),
        (all, missed) => format!("{missed} of {all} objectives missed"),
    };
    match result.violations.len() {
        0 => format!("{objectives}, no promise broken"),
        1 => format!("{objectives}, 1 violation of a promise"),
        all => format!("{objectives}, {} violations of promises", grouped(all as u64)),
    }
}

/// What a distribution of few samples can't tell, when one has few.
fn few_samples(result: &RunResult) -> Option<&'static str> {
    let few = |count: u64| (1..1000).contains(&count);
    let any = result.latencies.iter().chain(&result.stages).any(|one| few(one.count));
    any.then_some("Of fewer than 1,000 samples, p99.9 is the longest one; of fewer than 100, so is p99.")
}

/// Three digits that mean something: `0.123`, `1.23`, `12.3`, `1,234`.
fn figure(value: f64) -> String {
    match value.abs() {
        size if !size.is_finite() => UNKNOWN.to_owned(),
        size if size < 0.0005 && size > 0.0 => format!("{value:.1e}"),
        size if size < 0.9995 => format!("{value:.3}"),
        size if size < 9.995 => format!("{value:.2}"),
        size if size < 99.95 => format!("{value:.1}"),
        _ => group(&format!("{value:.0}")),
    }
}

/// As [`figure`], without zeros that say nothing: `0.5`, `20`.
fn short(value: f64) -> String {
    let text = figure(value);
    if text.contains('.') && !text.contains('e') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

fn optional(value: Option<f64>) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), figure)
}

/// A whole number with its thousands apart: `1,234,567`.
fn grouped(number: u64) -> String {
    group(&number.to_string())
}

fn group(digits: &str) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    let mut text = sign.to_owned();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn mebibytes(bytes: u64) -> f64 {
    whole(bytes) / 1_048_576.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_three_digits_that_mean_something() {
        let shown = [0.0, 0.000_012, 0.1234, 0.9999, 1.0, 12.34, 99.99, 1234.5, -1234.5].map(figure);
        assert_eq!(shown, ["0.000", "1.2e-5", "0.123", "1.00", "1.00", "12.3", "100", "1,234", "-1,234"]);
        assert_eq!([0.5, 20.0, 100.0, 0.0, 1e-5].map(short), ["0.5", "20", "100", "0", "1.0e-5"]);
        assert_eq!(figure(f64::NAN), UNKNOWN);
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn processor_time_of_the_load_test_is_not_the_hubs() {
        let run = samples::run();
        assert_eq!(delivered(&run), Some(40_000));
        let all: f64 = run.processes.iter().map(|process| process.cpu_seconds).sum();
        assert!(server_seconds(&run) < all);
        assert_eq!(per_thousand(4.0, Some(2000)), Some(2000.0));
        assert_eq!(per_thousand(4.0, None), None);
    }

    #[test]
    fn the_verdict_names_what_was_missed_and_broken() {
        let mut run = samples::run();
        assert_eq!(verdict(&run), "1 of 3 objectives missed, 2 violations of promises");
        run.violations.clear();
        run.objectives.retain(|outcome| outcome.met);
        assert_eq!(verdict(&run), "all 2 objectives met, no promise broken");
        assert_eq!(verdict(&RunResult::default()), "no objectives set, no promise broken");
    }
}
