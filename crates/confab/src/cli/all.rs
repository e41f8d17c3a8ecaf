//! `confab all`: everything in one process.

use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::Result;

use super::place::Place;
use crate::roles::all::{self, AllOptions};

/// What can be asked for.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    place: Place,
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Create the demo tenant, with people whose passwords everybody knows.
    #[arg(long)]
    demo: bool,
    /// Do so even though other machines can reach the hub.
    #[arg(long, requires = "demo")]
    demo_anyway: bool,
    /// Let simulated customers come, so that the demo's desk is seen at work.
    #[arg(long, requires = "demo")]
    lively: bool,
}

pub(super) async fn run(args: Args) -> Result<ExitCode> {
    let mut config = args.place.load()?;
    if let Some(address) = args.listen {
        config.server.listen = address;
    }
    let data = args.place.data().to_path_buf();
    let options = AllOptions { data, demo: args.demo, demo_anyway: args.demo_anyway, lively: args.lively };
    all::run(config, options).await
}
