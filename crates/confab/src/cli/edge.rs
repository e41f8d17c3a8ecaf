//! `confab edge`: one stateless node for clients.

use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::Result;

use super::place::ConfigFile;
use crate::roles::edge;

/// What can be asked for.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    config: ConfigFile,
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
}

pub(super) async fn run(args: Args) -> Result<ExitCode> {
    let mut config = args.config.load()?;
    if let Some(address) = args.listen {
        config.server.listen = address;
    }
    edge::run(config).await
}
