//! The check of dashboards and alerts: the rules' own tests, and every panel's query against a real Prometheus that
//! reads a hub under load. A panel without data fails it, and so does a metric that doesn't exist.

mod board;
mod names;
mod scene;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::prometheus::{self, CONFIGURATION, Prometheus};
use crate::workspace::Workspace;
use crate::{build, setup, step};
use board::{Board, Query};
use scene::Scene;

/// The dashboards, and what writes them.
const BOARDS: &str = "dashboards/grafana";
const WRITER: &str = "dashboards/grafana.py";
/// How long the load may take to make every panel show something.
const PATIENCE: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_secs(2);

/// Builds the hub and checks.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let nats_server = setup::run(workspace)?;
    build::run(workspace, build::Wanted::Hub)?;
    check(workspace, &nats_server)
}

/// Checks, with the hub that is built.
pub(crate) fn check(workspace: &Workspace, nats_server: &Path) -> Result<()> {
    let begun = Instant::now();
    let programs = setup::prometheus(workspace)?;
    fresh(workspace)?;
    let rules = workspace.root.join(CONFIGURATION);
    step::run(
        "rules",
        quiet(Command::new(&programs.tool).args(["check", "config"]).arg(rules.join("prometheus.yml"))),
        "mend what promtool names",
    )?;
    let boards = read_boards(workspace)?;
    let queries = queries(workspace, &boards)?;

    let scene = Scene::start(workspace, &programs, nats_server)?;
    // While the load makes data.
    step::run(
        "tests of rules",
        quiet(Command::new(&programs.tool).args(["test", "rules"]).args(yaml_files(&rules.join("tests"))?)),
        "mend the rule, or what its test expects, as promtool says above",
    )?;
    let silent = unanswered(&programs, &scene.url, &queries)?;
    drop(scene);
    if !silent.is_empty() {
        for (query, why) in &silent {
            eprintln!("{query}\n    {}\n    {why}", query.expression);
        }
        bail!(
            "{} of {} queries show nothing\n  remedy: mend the panel in {WRITER}, or what should count",
            silent.len(),
            queries.len()
        );
    }
    println!(
        "{} dashboards, {} queries, each with data ({})",
        boards.len(),
        queries.len(),
        step::elapsed(begun.elapsed())
    );
    Ok(())
}

/// Whether the dashboards are what their descriptions make.
fn fresh(workspace: &Workspace) -> Result<()> {
    step::run(
        "freshness of dashboards",
        workspace.command("python3").args([WRITER, "--check"]),
        "run `python3 dashboards/grafana.py` and commit what it wrote",
    )
}

fn read_boards(workspace: &Workspace) -> Result<Vec<Board>> {
    let mut boards = Vec::new();
    for path in files(&workspace.root.join(BOARDS), "json")? {
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        boards.push(Board::parse(&name, &text)?);
    }
    Ok(boards)
}

/// Every query of every dashboard, once all that can be told without asking Prometheus is right.
fn queries(workspace: &Workspace, boards: &[Board]) -> Result<Vec<Query>> {
    let read = |path: &str| {
        fs::read_to_string(workspace.root.join(path)).with_context(|| format!("cannot read {path}"))
    };
    let recording = read("dashboards/prometheus/recording.rules.yml")?;
    let alerts = read("dashboards/prometheus/alerts.rules.yml")?;
    let metrics = names::of_metrics(&read(names::METRICS)?);
    let known: BTreeSet<String> = metrics.union(&names::recorded(&recording)).cloned().collect();

    let mut findings: Vec<String> = boards.iter().flat_map(|board| board.findings.clone()).collect();
    let queries: Vec<Query> = boards.iter().flat_map(|board| board.queries.clone()).collect();
    for query in &queries {
        let unknown = names::unknown(&query.expression, &known);
        findings.extend(unknown.map(|name| format!("{query}: there is no metric {name}")));
    }
    for (file, text) in [("recording.rules.yml", &recording), ("alerts.rules.yml", &alerts)] {
        let rules = names::expressions(text);
        let unknown = names::unknown(&rules, &known);
        findings.extend(unknown.map(|name| format!("{file}: there is no metric {name}")));
    }
    let shown: String = queries.iter().map(|query| query.expression.as_str()).collect::<Vec<_>>().join("\n");
    let shown = names::mentioned(&(shown + "\n" + &names::expressions(&recording)), &metrics);
    findings.extend(metrics.difference(&shown).map(|name| format!("no dashboard shows {name}")));
    if findings.is_empty() {
        return Ok(queries);
    }
    for finding in &findings {
        eprintln!("{finding}");
    }
    bail!("{} findings in dashboards and rules\n  remedy: mend {WRITER} or the rules", findings.len())
}

/// Asks until every query has an answer or patience ends; answers with those that have none, and why.
fn unanswered(programs: &Prometheus, url: &str, queries: &[Query]) -> Result<Vec<(Query, String)>> {
    let begun = Instant::now();
    let mut open: Vec<(Query, String)> = queries.iter().map(|query| (query.clone(), String::new())).collect();
    loop {
        let mut still = Vec::new();
        for (query, _) in open {
            match prometheus::ask(programs, url, &query.expression) {
                Ok(answer) if has_data(&answer) => {}
                Ok(_) => still.push((query, "no data".to_owned())),
                Err(error) => still.push((query, format!("{error:#}"))),
            }
        }
        open = still;
        if open.is_empty() || begun.elapsed() > PATIENCE {
            return Ok(open);
        }
        // What is wrong in itself won't be right later.
        if let Some((query, error)) = open.iter().find(|(_, why)| why.contains("bad_data")) {
            bail!("{query}\n    {}\n    {error}\n  remedy: mend it in {WRITER}", query.expression);
        }
        thread::sleep(PAUSE);
    }
}

/// Whether an answer holds a number: a division by zero is none.
fn has_data(answer: &serde_json::Value) -> bool {
    let series = answer.as_array().map(Vec::as_slice).unwrap_or_default();
    series.iter().any(|one| {
        one["value"][1]
            .as_str()
            .and_then(|value| value.parse::<f64>().ok())
            .is_some_and(|value| !value.is_nan())
    })
}

fn quiet(command: &mut Command) -> &mut Command {
    command.stdout(std::process::Stdio::null())
}

fn yaml_files(directory: &Path) -> Result<Vec<PathBuf>> {
    files(directory, "yml")
}

/// A directory's files of a kind, in order.
fn files(directory: &Path, kind: &str) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(directory).with_context(|| format!("cannot read {}", directory.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == kind) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_dashboards_hold_together() {
        let workspace = Workspace::locate().unwrap();
        fresh(&workspace).unwrap();
        let boards = read_boards(&workspace).unwrap();
        assert_eq!(boards.len(), 5);
        assert!(queries(&workspace, &boards).unwrap().len() > 50);
    }

    /// Each alert must be explained, tested to be raised, and tested to be silent.
    #[test]
    fn every_alert_has_its_line_in_the_guide_and_its_tests() {
        let root = Workspace::locate().unwrap().root;
        let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
        let guide = read("docs/OPERATIONS.md");
        let tests: String = yaml_files(&root.join(CONFIGURATION).join("tests"))
            .unwrap()
            .iter()
            .map(|path| fs::read_to_string(path).unwrap())
            .collect();
        let alerts = read("dashboards/prometheus/alerts.rules.yml");
        let alerts: BTreeSet<&str> =
            alerts.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
        assert!(alerts.len() > 10);
        for alert in alerts {
            assert!(guide.contains(&format!("| `{alert}` |")), "{alert} isn't in the guide");
            let cases: Vec<&str> = tests.split(&format!("alertname: {alert}\n")).skip(1).collect();
            let (silent, raised): (Vec<&str>, Vec<&str>) =
                cases.into_iter().partition(|case| case.trim_start().starts_with("exp_alerts: []"));
            assert!(!silent.is_empty() && !raised.is_empty(), "{alert} lacks a test");
        }
    }

    #[test]
    fn a_number_is_data_and_nothing_else_is() {
        assert!(has_data(&json!([{"metric": {}, "value": [1, "NaN"]}, {"metric": {}, "value": [1, "0"]}])));
        assert!(!has_data(&json!([{"metric": {}, "value": [1, "NaN"]}])));
        assert!(!has_data(&json!([])));
        assert!(!has_data(&json!(null)));
    }
}
