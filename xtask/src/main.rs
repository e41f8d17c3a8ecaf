//! Everything one does with this tree: set-up, run, test, generate, tidy.
//! Light on dependencies on purpose: it compiles in seconds, while the hub's database engine takes minutes.

mod build;
mod dashboards;
mod demo_hub;
mod fuzz;
mod generate;
mod kubernetes;
mod observe;
mod prometheus;
mod running;
mod setup;
mod step;
mod test;
mod tidy;
mod up;
mod web;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    about = "Set-up, run, test, generate, tidy: everything one does with this tree"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Get the tools that the hub and its tests need: a nats-server into `.tools/`.
    Setup,
    /// Build the web clients and every binary of the workspace.
    Build,
    /// Set up, build and run the whole hub in one process, with a demo tenant.
    Up(up::Options),
    /// Run Prometheus with the rules of the dashboards beside a hub that runs.
    Observe(observe::Options),
    /// Check rules and alerts, and every panel's query against a hub under load.
    Dashboards,
    /// Ask the API of a hub what its document allows, and what it doesn't, and hold the answers against the document.
    Fuzz(fuzz::Options),
    /// Resolve the overlays of `k8s/` and check what comes out, and that the check finds mistakes.
    Kubernetes,
    /// Check formatting, tidiness and lints, build, and run every test.
    Test(test::Options),
    /// Check the rules that compilers don't: layers, file headers, sizes, documents that name what exists.
    Tidy,
    /// Write the files that are generated from the code: the API document, its types for web clients, and the
    /// configuration's schema.
    Generate,
    /// Write the types for web clients alone, from the API document as it is: needs no build of the hub.
    GenerateTypes,
}

fn main() -> ExitCode {
    match run(&Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command) -> anyhow::Result<()> {
    let workspace = Workspace::locate()?;
    match command {
        Command::Setup => setup::run(&workspace).map(|_| ()),
        Command::Build => {
            web::build_if_possible(&workspace)?;
            build::run(&workspace, build::Wanted::All)
        }
        Command::Up(options) => up::run(&workspace, options),
        Command::Observe(options) => observe::run(&workspace, options),
        Command::Dashboards => dashboards::run(&workspace),
        Command::Fuzz(options) => fuzz::run(&workspace, options),
        Command::Kubernetes => kubernetes::check(&workspace),
        Command::Test(options) => test::run(&workspace, options),
        Command::Tidy => tidy::run(&workspace),
        Command::Generate => generate::run(&workspace),
        Command::GenerateTypes => generate::types(&workspace),
    }
}
