//! Names of metrics in queries and rules, held against the one list of metrics and against what rules record.

use std::collections::BTreeSet;

/// The one file that names metrics.
pub(super) const METRICS: &str = "crates/telemetry/src/metrics.rs";

/// Every metric of the file that names them.
pub(super) fn of_metrics(source: &str) -> BTreeSet<String> {
    source
        .split('"')
        .skip(1)
        .step_by(2)
        .filter(|literal| is_ours(literal) && literal.chars().all(part))
        .map(str::to_owned)
        .collect()
}

/// What rules record.
pub(super) fn recorded(rules: &str) -> BTreeSet<String> {
    rules
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- record:"))
        .map(|name| name.trim().to_owned())
        .collect()
}

/// The lines of rules that can hold expressions.
pub(super) fn expressions(rules: &str) -> String {
    let other = ["#", "- name:", "- record:", "- alert:", "summary:", "description:"];
    let lines = rules.lines().filter(|line| !other.iter().any(|start| line.trim_start().starts_with(start)));
    lines.collect::<Vec<_>>().join("\n")
}

/// Names in an expression that nobody knows.
pub(super) fn unknown<'a>(expression: &'a str, known: &'a BTreeSet<String>) -> impl Iterator<Item = &'a str> {
    names(expression).filter(|name| known_as(name, known).is_none())
}

/// The metrics that an expression names.
pub(super) fn mentioned(expression: &str, metrics: &BTreeSet<String>) -> BTreeSet<String> {
    names(expression).filter_map(|name| known_as(name, metrics)).map(str::to_owned).collect()
}

/// A name itself, or the histogram whose series it is.
fn known_as<'a>(name: &'a str, known: &BTreeSet<String>) -> Option<&'a str> {
    let histogram = || {
        let stems = ["_bucket", "_sum", "_count"].map(|series| name.strip_suffix(series));
        stems.into_iter().flatten().find(|stem| known.contains(*stem))
    };
    if known.contains(name) { Some(name) } else { histogram() }
}

/// Our names in an expression; what stands in quotes is none.
fn names(expression: &str) -> impl Iterator<Item = &str> {
    let outside = expression.split('"').step_by(2);
    outside.flat_map(|text| text.split(|symbol| !part(symbol))).filter(|word| is_ours(word))
}

fn is_ours(word: &str) -> bool {
    word.starts_with("confab_") || word.starts_with("confab:")
}

fn part(symbol: char) -> bool {
    symbol.is_ascii_alphanumeric() || matches!(symbol, '_' | ':')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn names_are_read_from_code_and_rules() {
        let code = "pub const A: &str = \"confab_a_total\";\nmetric(A, \"confab_a is 1\", \"seconds\")";
        assert_eq!(of_metrics(code), set(&["confab_a_total"]));
        let rules = "groups:\n  - name: confab_group\n    rules:\n      - record: confab:a:sum\n        expr: sum(confab_a_total) # one\n";
        assert_eq!(recorded(rules), set(&["confab:a:sum"]));
        assert_eq!(names(&expressions(rules)).collect::<Vec<_>>(), ["confab_a_total"]);
    }

    #[test]
    fn a_name_that_nobody_knows_is_found() {
        let known = set(&["confab_a_seconds", "confab:b:sum"]);
        let query = "histogram_quantile(0.9, rate(confab_a_seconds_bucket{x=\"confab_z\"}[1m])) / confab:b:sum + confab_c + confab:b";
        assert_eq!(unknown(query, &known).collect::<Vec<_>>(), ["confab_c", "confab:b"]);
        assert_eq!(mentioned(query, &known), known);
    }
}
