//! The binary `confab`: reads arguments and configuration, starts the roles, and ends them in good order.
//!
//! Wires the crates together and decides nothing of their business.

mod backup;
mod banner;
mod cli;
mod data_dir;
mod demo;
mod doctor;
mod lifecycle;
mod lively;
mod nats_process;
mod roles;
mod terminal;
mod wiring;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;
use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Room for the database's recursive evaluation of queries.
const STACK_BYTES: usize = 8 * 1024 * 1024;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(STACK_BYTES).build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("confab: the runtime can't be started: {error}");
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(cli.run());
    // A thread may still be waiting for a line on standard input.
    runtime.shutdown_timeout(Duration::from_millis(500));
    outcome.unwrap_or_else(|error| {
        eprintln!("confab: {error:#}");
        ExitCode::FAILURE
    })
}
