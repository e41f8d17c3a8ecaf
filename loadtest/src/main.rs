//! The load tests: scenarios that are run against a hub, what they measured, and whether the hub kept its promises.

mod faults;
mod files;
mod generator;
mod machine;
mod measurements;
mod merge;
mod objective;
mod ordeals;
mod peers;
mod render;
mod result;
mod rooms;
mod scenario;
mod sources;
mod stages;
mod step;
mod system;
mod targets;
mod versus;
mod voices;
mod watch;
mod work;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Parser;
use confab_testkit::network;
use mimalloc::MiMalloc;

use crate::generator::Generator;
use crate::result::RunResult;
use crate::scenario::Scenario;
use crate::system::Target;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Load tests of the hub.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Run a scenario. Ends with 1 when an objective is missed or the hub broke a promise.
    Run(Box<Run>),
    /// Name the scenarios.
    List,
    /// Hold one result against another.
    Compare {
        /// The earlier result, as JSON.
        before: PathBuf,
        /// The later one.
        after: PathBuf,
    },
    /// Run one of the systems that the hub is compared with.
    Peer(peers::PeerRun),
    /// Run the hub and its peers in turn, several times, and print the ratios.
    Versus(versus::Versus),
    /// Add the results of generators that loaded a hub at the same time.
    Merge(merge::Merge),
    /// Make the runs that the table of targets needs, in some 25 minutes, and print it.
    Targets(targets::Targets),
    /// Make every fault in turn, each under steady load on hosts of their own, and print what it did. Ends with 1 when the
    /// hub broke a promise.
    Faults(ordeals::Ordeals),
    /// Make the report of a result anew.
    Report {
        /// The result, as JSON.
        result: PathBuf,
    },
}

/// Arguments of `run`.
#[derive(Debug, clap::Args)]
struct Run {
    /// A scenario by name, or a file with one.
    scenario: String,
    /// Another value for a parameter: `rate=500`, `system.edges=3`; several times for several.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// A setting of every node of the hub that is started, such as `worker.projector_batch=100`; several times for several.
    #[arg(long, value_name = "SETTING=VALUE")]
    hub: Vec<String>,
    /// Where the result and the report go: `<scenario>.json` and `<scenario>.html`.
    #[arg(long, value_name = "DIR", default_value = "loadtest-results")]
    out: PathBuf,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    generator: Generator,
}

#[tokio::main]
async fn main() -> ExitCode {
    match Cli::parse().command.carry_out().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("confab-loadtest: {error:#}");
            ExitCode::from(2)
        }
    }
}

impl Command {
    /// Whether everything was as it should be.
    async fn carry_out(self) -> Result<bool> {
        match self {
            Self::Run(run) => run.carry_out().await,
            Self::List => {
                for name in scenario::names() {
                    println!("{name:<18}{}", Scenario::load(name, &[])?.description);
                }
                Ok(true)
            }
            Self::Compare { before, after } => {
                print!("{}", render::compare(&read(&before)?, &read(&after)?));
                Ok(true)
            }
            Self::Peer(run) => {
                let result = run.measure().await?;
                if let Some(out) = &run.out {
                    fs::create_dir_all(out)?;
                    write(&out.join(run.name()).with_extension("json"), &result)?;
                }
                print!("{}", render::summary(&result));
                Ok(true)
            }
            Self::Versus(versus) => versus.carry_out().await,
            Self::Targets(targets) => targets.carry_out().await,
            Self::Faults(ordeals) => ordeals.carry_out().await,
            Self::Merge(merge) => {
                let result = merge.carry_out()?;
                print!("{}", render::summary(&result));
                Ok(result.is_met())
            }
            Self::Report { result } => {
                let report = result.with_extension("html");
                fs::write(&report, render::html(&read(&result)?))?;
                println!("{}", report.display());
                Ok(true)
            }
        }
    }
}

impl Run {
    async fn carry_out(&self) -> Result<bool> {
        let mut scenario = Scenario::load(&self.scenario, &self.set)?;
        for setting in &self.hub {
            let (name, value) = setting.split_once('=').context("settings are written as setting=value")?;
            scenario.system.settings.insert(name.to_owned(), value.to_owned());
        }
        if scenario.system.hosts && !network::is_apart() {
            return again();
        }
        let name = Path::new(&self.scenario).file_stem().unwrap_or_default().to_string_lossy();
        let result = work::run(&name, &scenario, &self.target, &self.generator).await?;
        print!("{}", render::summary(&result));
        fs::create_dir_all(&self.out)?;
        let file = self.out.join(name.as_ref());
        write(&file.with_extension("json"), &result)?;
        fs::write(file.with_extension("html"), render::html(&result))?;
        println!("report: {}", file.with_extension("html").display());
        Ok(result.is_met())
    }
}

/// The same run in namespaces of its own, so that its hosts can be made, and end with it.
fn again() -> Result<bool> {
    network::check().map_err(anyhow::Error::msg)?;
    match network::again()?.code() {
        Some(0) => Ok(true),
        Some(1) => Ok(false),
        _ => anyhow::bail!("the run on hosts of their own could not be made"),
    }
}

/// In lines, unless what was seen is in it: that is long, and nobody reads it.
fn write(file: &Path, result: &RunResult) -> Result<()> {
    let is_short = result.addable.is_none();
    let text = if is_short { serde_json::to_vec_pretty(result)? } else { serde_json::to_vec(result)? };
    fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}

fn read(file: &Path) -> Result<RunResult> {
    let text = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_slice(&text).with_context(|| format!("{} is no result of this suite", file.display()))
}
