//! `confab worker`: one worker.

use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::Result;

use super::place::ConfigFile;
use crate::roles::worker;

/// What can be asked for.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    config: ConfigFile,
    /// Serve /metrics, /health/live and /health/ready at this address.
    #[arg(long, value_name = "ADDR", env = "CONFAB_METRICS_LISTEN")]
    metrics_listen: Option<SocketAddr>,
}

pub(super) async fn run(args: Args) -> Result<ExitCode> {
    worker::run(args.config.load()?, args.metrics_listen).await
}
