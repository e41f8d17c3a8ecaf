//! Two runs side by side, as text: what it was before, what it is after, and the ratio.
//! Says what else differs between them, because a ratio of two things that were not alike tells nothing.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::table::{aligned, head, plain};
use super::{UNKNOWN, delivered, figure, group, mebibytes, optional, per_thousand, server_seconds, verdict};
use crate::result::{Distribution, Machine, RunResult, whole};

/// The second run against the first.
pub(crate) fn compare(before: &RunResult, after: &RunResult) -> String {
    let mut text = String::from("ratio = after / before\n");
    for (name, run) in [("before", before), ("after", after)] {
        let (scenario, version) = (plain(&run.scenario), plain(&run.version));
        let _ = writeln!(
            text,
            "{name:<7} {scenario}, {}, version {version}: {}",
            plain(&run.began),
            verdict(run)
        );
    }
    let differences = differences(before, after);
    if differences.is_empty() {
        text.push_str("Same scenario, parameters, time and machine.\n");
    } else {
        text.push_str("\nThe runs are NOT alike; what differs may be the reason for the ratios:\n");
        text.push_str(&aligned(&differences));
    }
    for (name, run) in [("before", before), ("after", after)] {
        if let Some(reason) = &run.generator_bound {
            let _ = writeln!(text, "\nWARNING: {name}, the load test was the bottleneck: {}", plain(reason));
        }
    }
    let mut rows = Vec::new();
    section(&mut rows, "Latency, ms", &distributions(&before.latencies, &after.latencies));
    section(&mut rows, "Stages inside the hub, ms", &distributions(&before.stages, &after.stages));
    section(&mut rows, "CPU ms per 1,000 delivered", &processor(before, after));
    section(&mut rows, "Peak memory, MiB", &both(&peaks(before), &peaks(after), figure));
    section(&mut rows, "Figures", &both(&figures(before), &figures(after), figure));
    section(
        &mut rows,
        "Counts",
        &both(&counts(before), &counts(after), |count| group(&format!("{count:.0}"))),
    );
    text.push_str(&aligned(&rows));
    text
}

/// What the runs differ in besides what they measured.
fn differences(before: &RunResult, after: &RunResult) -> Vec<Vec<String>> {
    let mut pairs = vec![
        ("scenario".to_owned(), before.scenario.clone(), after.scenario.clone()),
        ("measured".to_owned(), format!("{:.0} s", before.seconds), format!("{:.0} s", after.seconds)),
        ("version".to_owned(), before.version.clone(), after.version.clone()),
    ];
    let names: BTreeSet<&String> = before.parameters.keys().chain(after.parameters.keys()).collect();
    let parameter =
        |run: &RunResult, name: &str| run.parameters.get(name).cloned().unwrap_or_else(|| UNKNOWN.to_owned());
    pairs.extend(
        names.into_iter().map(|name| (name.clone(), parameter(before, name), parameter(after, name))),
    );
    let machine = |of: fn(&Machine) -> String| (of(&before.machine), of(&after.machine));
    for (name, (one, other)) in [
        ("processors", machine(|machine| machine.cores.to_string())),
        // Kernels report a few pages more or less for the same memory.
        ("memory", machine(|machine| format!("{:.1} GiB", mebibytes(machine.memory_bytes) / 1024.0))),
        ("kernel", machine(|machine| machine.kernel.clone())),
    ] {
        pairs.push((name.to_owned(), one, other));
    }
    let faults = |run: &RunResult| run.faults.len().to_string();
    pairs.push(("faults".to_owned(), faults(before), faults(after)));
    pairs
        .into_iter()
        .filter(|(_, one, other)| one != other)
        .map(|(name, one, other)| vec![format!("  {name}"), one, "->".to_owned(), other])
        .collect()
}

/// Values under their names, in the order in which they are shown.
type Values = Vec<(String, f64)>;

fn distributions(before: &[Distribution], after: &[Distribution]) -> Vec<Vec<String>> {
    let values = |all: &[Distribution]| -> Values {
        let of = |one: &Distribution| {
            [("p50", one.p50), ("p90", one.p90), ("p99", one.p99), ("p99.9", one.p999), ("max", one.max)]
                .map(|(quantile, value)| (format!("{} {quantile}", one.name), value))
        };
        all.iter().filter(|one| one.count > 0).flat_map(of).collect()
    };
    both(&values(before), &values(after), figure)
}

fn processor(before: &RunResult, after: &RunResult) -> Vec<Vec<String>> {
    let values = |run: &RunResult| -> Values {
        let known = delivered(run);
        let each = run.processes.iter().map(|process| (process.name.clone(), process.cpu_seconds));
        let all = (!run.processes.is_empty()).then(|| ("all servers".to_owned(), server_seconds(run)));
        each.chain(all).filter_map(|(name, seconds)| Some((name, per_thousand(seconds, known)?))).collect()
    };
    both(&values(before), &values(after), figure)
}

fn peaks(run: &RunResult) -> Values {
    run.processes.iter().map(|process| (process.name.clone(), mebibytes(process.peak_bytes))).collect()
}

fn figures(run: &RunResult) -> Values {
    run.figures.iter().map(|(name, value)| (name.clone(), *value)).collect()
}

fn counts(run: &RunResult) -> Values {
    let violations = ("violations".to_owned(), whole(run.violations.len() as u64));
    run.counts.iter().map(|(name, count)| (name.clone(), whole(*count))).chain([violations]).collect()
}

/// A row for every name that either side has: those of the first run, then those that only the second has.
fn both(before: &Values, after: &Values, show: impl Fn(f64) -> String + Copy) -> Vec<Vec<String>> {
    let find = |values: &Values, name: &str| values.iter().find(|one| one.0 == name).map(|one| one.1);
    let added = after.iter().filter(|(name, _)| find(before, name).is_none());
    let row = |(name, _): &(String, f64)| {
        let (one, other) = (find(before, name), find(after, name));
        let shown = |value: Option<f64>| value.map_or_else(|| UNKNOWN.to_owned(), show);
        vec![name.clone(), shown(one), shown(other), ratio(one, other)]
    };
    before.iter().chain(added).map(row).collect()
}

fn ratio(before: Option<f64>, after: Option<f64>) -> String {
    let ratio = before.zip(after).filter(|(before, _)| *before != 0.0).map(|(before, after)| after / before);
    optional(ratio)
}

fn section(rows: &mut Vec<Vec<String>>, heading: &str, values: &[Vec<String>]) {
    if !values.is_empty() {
        rows.extend([Vec::new(), head(&[heading, "before", "after", "ratio"])]);
        rows.extend_from_slice(values);
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    fn row<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
        let line = text.lines().find(|line| line.starts_with(name)).expect("a row of this name");
        line[name.len()..].split_whitespace().collect()
    }

    #[test]
    fn a_run_against_itself_is_alike_in_everything() {
        let run = samples::run();
        let text = compare(&run, &run);
        assert!(text.contains("Same scenario, parameters, time and machine."));
        assert_eq!(row(&text, "delivery p99 ")[2], "1.00");
    }

    #[test]
    fn ratios_are_after_over_before() {
        let (before, mut after) = (samples::run(), samples::run());
        after.latencies[0].p99 = before.latencies[0].p99 * 2.0;
        after.counts.insert("refused".to_owned(), 5);
        after.figures.insert("new_s".to_owned(), 1.0);
        let text = compare(&before, &after);
        assert_eq!(row(&text, "delivery p99 ")[2], "2.00");
        assert_eq!(row(&text, "refused"), ["0", "5", UNKNOWN], "no ratio to nothing");
        assert_eq!(row(&text, "new_s"), [UNKNOWN, "1.00", UNKNOWN]);
        assert_eq!(row(&text, "violations"), ["2", "2", "1.00"]);
        assert_eq!(row(&text, "all servers")[2], "1.00");
    }

    #[test]
    fn what_differs_between_the_runs_is_said() {
        let (before, mut after) = (samples::run(), samples::run());
        after.parameters.insert("rate".to_owned(), "500".to_owned());
        after.machine.cores = 64;
        after.generator_bound = Some("no processor left".to_owned());
        let text = compare(&before, &after);
        assert!(text.contains("NOT alike"));
        assert_eq!(row(&text, "  rate"), ["2000", "->", "500"]);
        assert_eq!(row(&text, "  processors"), ["2", "->", "64"]);
        assert!(text.contains("WARNING: after, the load test was the bottleneck: no processor left"));
    }

    #[test]
    fn runs_without_anything_can_be_compared() {
        let text = compare(&RunResult::default(), &samples::without_samples());
        assert!(!text.contains("delivery p99"), "nothing was measured");
        assert!(text.contains("NOT alike"));
    }
}
