//! The hub with a demo tenant, from a fresh clone to a log-in prompt with one command.

use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::workspace::Workspace;
use crate::{build, setup, web};

/// Options of `up`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Where the hub keeps its database and its logs; `.data` in the clone unless given.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Address and port that the hub listens on.
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Let simulated customers come, so that the desk is seen at work.
    #[arg(long)]
    demo: bool,
}

/// Sets up, builds, and becomes the hub.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let nats_server = setup::run(workspace)?;
    web::build_if_possible(workspace)?;
    build::run(workspace, build::Wanted::Hub)?;
    let data = match &options.data {
        Some(directory) => std::env::current_dir()?.join(directory),
        None => workspace.root.join(".data"),
    };
    let hub = workspace.binaries().join("confab");
    let mut command = workspace.command(&hub);
    command.args(["all", "--demo", "--data"]).arg(data).env("CONFAB_NATS_SERVER", nats_server);
    if options.demo {
        command.arg("--lively");
    }
    if let Some(address) = &options.listen {
        command.args(["--listen", address]);
    }
    Err(command.exec()).with_context(|| format!("cannot start {}", hub.display()))
}
