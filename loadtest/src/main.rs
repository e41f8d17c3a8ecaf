//! The load tests: scenarios that are run against a hub, what they measured, and whether the hub kept its promises.

mod generator;
mod recorder;
mod report;
mod scenario;
mod steady;
mod system;

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;

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
    /// Run a scenario. Ends with 1 when the hub broke a promise.
    Run {
        #[command(subcommand)]
        scenario: scenario::Scenario,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let Cli { command: Command::Run { scenario } } = Cli::parse();
    match scenario.run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("confab-loadtest: {error:#}");
            ExitCode::from(2)
        }
    }
}
