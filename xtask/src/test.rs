//! Everything that is checked before a change is good, in the order of how soon it can fail.

mod tally;

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::workspace::Workspace;
use crate::{build, dashboards, fuzz, kubernetes, setup, step, tidy, web};
use tally::Tally;

/// Options of `test`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Only tests whose name contains this; leaves out formatting, tidiness, lints, dashboards and documentation tests.
    filter: Option<String>,
    /// Leave out the lints, which compile everything a second time.
    #[arg(long)]
    fast: bool,
}

/// Runs the steps, as far as they don't need one that failed, and sums up.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let mut report = Report::default();
    let outcome = steps(workspace, options, &mut report);
    report.print();
    outcome
}

fn steps(workspace: &Workspace, options: &Options, report: &mut Report) -> Result<()> {
    let whole = options.filter.is_none();
    let (nats_server, python, s3_server) = report.step("set-up", || {
        setup::hosts(workspace)?;
        Ok((setup::run(workspace)?, setup::python(workspace)?, setup::s3(workspace)?))
    })?;
    if whole {
        report.step("format", || {
            step::run("format", workspace.cargo().args(["fmt", "--all", "--check"]), "run `cargo fmt --all`")
        })?;
        report.step("tidy", || tidy::run(workspace))?;
        report.step("kubernetes", || kubernetes::check(workspace))?;
    }
    report.step("web build", || web::build(workspace))?;
    if whole {
        report.step("web checks", || web::check(workspace))?;
    }
    if whole && !options.fast {
        report.step("lints", || {
            build::prepare(workspace)?;
            let arguments = ["clippy", "--release", "--workspace", "--all-targets", "--", "-D", "warnings"];
            step::run(
                "lints",
                workspace.cargo().args(arguments),
                "mend what the lints above name; each says how",
            )
        })?;
    }
    report.step("build", || build::run(workspace, build::Wanted::All))?;
    let prepare = |mut command: Command| {
        command
            .env("CONFAB_NATS_SERVER", &nats_server)
            .env("CONFAB_PYTHON", &python)
            .env("CONFAB_S3_SERVER", &s3_server)
            .env("CONFAB_BIN_DIR", workspace.binaries());
        command
    };
    // From here on no step needs another: all are taken, whatever fails.
    let mut outcomes = Vec::new();
    if whole {
        outcomes.push(report.step("dashboards", || dashboards::check(workspace, &nats_server)));
        outcomes.push(report.step("fuzz", || fuzz::check(workspace, &nats_server, &python, fuzz::USUAL)));
        outcomes.push(report.step("web tests", || web::test(prepare, workspace)));
        outcomes.push(report.step("journeys", || web::journeys(prepare, workspace)));
    }
    let mut total = Tally::default();
    let runner = runner(workspace, options.filter.as_deref());
    outcomes.push(report.step("tests", || {
        let remedy = "read the failing test's output above; one alone: `cargo xtask test <part of its name>`";
        total.run("tests", &mut prepare(runner), remedy)
    }));
    if whole {
        outcomes.push(report.step("documentation tests", || {
            let mut command = workspace.cargo();
            command.args(["test", "--release", "--workspace", "--doc"]);
            total.run("documentation tests", &mut prepare(command), "mend the example that failed above")
        }));
    }
    report.tally = Some(total);
    let failed: Vec<String> =
        outcomes.into_iter().filter_map(Result::err).map(|error| format!("{error:#}")).collect();
    if failed.is_empty() { Ok(()) } else { bail!("{}", failed.join("\n")) }
}

/// `cargo nextest` where it is installed: it runs each test in a process of its own; otherwise `cargo test`.
fn runner(workspace: &Workspace, filter: Option<&str>) -> Command {
    let nextest = workspace.cargo().args(["nextest", "--version"]).output();
    let mut command = workspace.cargo();
    if nextest.is_ok_and(|output| output.status.success()) {
        command.args(["nextest", "run", "--release", "--workspace", "--no-fail-fast"]);
    } else {
        command.args(["test", "--release", "--workspace", "--all-targets", "--no-fail-fast"]);
    }
    command.args(filter);
    command
}

/// What was done, how long it took and how it ended.
#[derive(Debug, Default)]
struct Report {
    steps: Vec<(&'static str, Duration, bool)>,
    tally: Option<Tally>,
}

impl Report {
    fn step<T>(&mut self, name: &'static str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        step::heading(name);
        let begun = Instant::now();
        let result = work();
        self.steps.push((name, begun.elapsed(), result.is_ok()));
        result
    }

    fn print(&self) {
        step::heading("summary");
        for (name, time, good) in &self.steps {
            let verdict = if *good { "ok" } else { "FAILED" };
            eprintln!("{verdict:>6}  {name} ({})", step::elapsed(*time));
        }
        if let Some(tally) = &self.tally {
            println!("{tally}");
        }
    }
}
