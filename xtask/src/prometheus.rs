//! Running Prometheus with the rules of `dashboards/prometheus` and targets of one's own. Loopback only.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

pub(crate) use crate::setup::Prometheus;
use crate::workspace::Workspace;

/// Where the configuration and the rules lie.
pub(crate) const CONFIGURATION: &str = "dashboards/prometheus";
/// The file that names what is scraped.
const TARGETS: &str = "targets.yml";
/// Keys whose values a hurried copy replaces.
const INTERVALS: [&str; 3] = ["interval:", "scrape_interval:", "evaluation_interval:"];

/// How often a copy scrapes and evaluates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// As the files say.
    AsWritten,
    /// Everything each second.
    EverySecond,
}

/// Copies configuration and rules into a directory, with other targets.
pub(crate) fn copy_configuration(
    workspace: &Workspace,
    into: &Path,
    targets: &[String],
    pace: Pace,
) -> Result<()> {
    fs::create_dir_all(into).with_context(|| format!("cannot create {}", into.display()))?;
    for path in configuration_files(workspace)? {
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let text = if pace == Pace::EverySecond { hurried(&text) } else { text };
        fs::write(into.join(path.file_name().unwrap_or_default()), text)?;
    }
    fs::write(into.join(TARGETS), target_list(targets))?;
    Ok(())
}

/// The configuration and the rules.
fn configuration_files(workspace: &Workspace) -> Result<Vec<PathBuf>> {
    let directory = workspace.root.join(CONFIGURATION);
    let entries = fs::read_dir(&directory).with_context(|| format!("cannot read {}", directory.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "yml") {
            files.push(path);
        }
    }
    Ok(files)
}

/// The same, with every interval a second long.
fn hurried(text: &str) -> String {
    let line = |line: &str| {
        let key = line.trim_start();
        match INTERVALS.iter().find(|interval| key.starts_with(**interval)) {
            Some(interval) => format!("{}{interval} 1s\n", &line[..line.len() - key.len()]),
            None => format!("{line}\n"),
        }
    };
    text.lines().map(line).collect()
}

fn target_list(targets: &[String]) -> String {
    let quoted: Vec<String> = targets.iter().map(|target| format!("\"{target}\"")).collect();
    format!("- targets: [{}]\n", quoted.join(", "))
}

/// The server, ready to start: `configuration` was made by [`copy_configuration`].
pub(crate) fn server(
    prometheus: &Prometheus,
    configuration: &Path,
    data: &Path,
    listen: SocketAddr,
) -> Command {
    let mut command = Command::new(&prometheus.server);
    command
        .arg(format!("--config.file={}", configuration.join("prometheus.yml").display()))
        .arg(format!("--storage.tsdb.path={}", data.display()))
        .arg("--storage.tsdb.retention.time=32d")
        .arg(format!("--web.listen-address={listen}"))
        .arg("--log.level=warn");
    command
}

/// An address on loopback that nobody listens on now.
pub(crate) fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind(("127.0.0.1", 0)).context("no free port")?.local_addr()?)
}

/// Asks for the present value of an expression; the answer is JSON, the error what Prometheus said.
pub(crate) fn ask(prometheus: &Prometheus, url: &str, expression: &str) -> Result<serde_json::Value> {
    let output = Command::new(&prometheus.tool)
        .args(["query", "instant", "--format=json", url, expression])
        .output()
        .with_context(|| format!("cannot start {}", prometheus.tool.display()))?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
    serde_json::from_slice(&output.stdout).context("promtool's answer isn't JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hurried_copy_differs_in_its_intervals_alone() {
        let text = "global:\n  scrape_interval: 5s\ngroups:\n  - name: x\n    interval: 5m # long\n    rules: [interval]\n";
        let expected =
            "global:\n  scrape_interval: 1s\ngroups:\n  - name: x\n    interval: 1s\n    rules: [interval]\n";
        assert_eq!(hurried(text), expected);
    }

    #[test]
    fn a_copy_has_the_rules_and_the_targets() {
        let directory = tempfile::tempdir().unwrap();
        let workspace = Workspace::locate().unwrap();
        let targets = ["127.0.0.1:1".to_owned(), "127.0.0.1:2".to_owned()];
        copy_configuration(&workspace, directory.path(), &targets, Pace::AsWritten).unwrap();
        for file in ["prometheus.yml", "recording.rules.yml", "alerts.rules.yml"] {
            let original = fs::read_to_string(workspace.root.join(CONFIGURATION).join(file)).unwrap();
            assert_eq!(fs::read_to_string(directory.path().join(file)).unwrap(), original);
        }
        let written = fs::read_to_string(directory.path().join(TARGETS)).unwrap();
        assert_eq!(written, "- targets: [\"127.0.0.1:1\", \"127.0.0.1:2\"]\n");
    }
}
