//! Every metric follows Prometheus' naming, carries no ids, and stands in docs/OPERATIONS.md.

use std::collections::HashSet;
use std::path::Path;

use confab_telemetry::metrics::{ALL, Kind, Metric};

#[test]
fn names_follow_the_conventions_and_differ() {
    let mut seen = HashSet::new();
    for Metric { name, kind, unit, .. } in ALL {
        assert!(seen.insert(name), "{name} stands there twice");
        assert!(name.starts_with("confab_"), "{name}");
        assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{name}");
        assert_eq!(name.ends_with("_total"), *kind == Kind::Counter, "{name}: counters alone end in _total");
        assert_eq!(name.contains("_seconds"), *unit == "seconds", "{name}: the unit belongs into the name");
        assert_eq!(name.contains("_bytes"), *unit == "bytes", "{name}: the unit belongs into the name");
    }
}

#[test]
fn no_label_is_an_id() {
    for Metric { name, labels, .. } in ALL {
        for label in *labels {
            let is_id =
                ["id", "user", "tenant", "agent", "customer", "conversation", "address", "path", "node"];
            assert!(!is_id.contains(label) && !label.ends_with("_id"), "{name} has the label {label}");
        }
    }
}

#[test]
fn every_metric_stands_in_the_operations_guide() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/OPERATIONS.md");
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let missing: Vec<String> =
        ALL.iter().map(row).filter(|row| !text.lines().any(|line| line == row)).collect();
    assert!(
        missing.is_empty(),
        "put these rows into the table of \"Metrics\" in {}:\n{}",
        path.display(),
        missing.join("\n")
    );
}

fn row(metric: &Metric) -> String {
    let labels: Vec<String> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
    let labels = if labels.is_empty() { "-".to_owned() } else { labels.join(", ") };
    let Metric { name, kind, unit, meaning, .. } = metric;
    format!("| `{name}` | {} | {labels} | {unit} | {meaning} |", kind.as_str())
}
