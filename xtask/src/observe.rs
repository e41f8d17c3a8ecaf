//! Prometheus beside a hub that runs, with the rules that the dashboards need.

use std::net::SocketAddr;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::workspace::Workspace;
use crate::{prometheus, setup};

/// Options of `observe`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Address of a node, edge or worker, whose /metrics is read; several times for several.
    #[arg(long = "target", value_name = "HOST:PORT", default_value = "127.0.0.1:8480")]
    targets: Vec<String>,
    /// Address and port that Prometheus listens on.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:9090")]
    listen: SocketAddr,
    /// Where Prometheus keeps what it read; `.data/prometheus` in the clone unless given.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// Provides Prometheus and becomes it.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let programs = setup::prometheus(workspace)?;
    let home = match &options.data {
        Some(directory) => std::env::current_dir()?.join(directory),
        None => workspace.root.join(".data/prometheus"),
    };
    let configuration = home.join("configuration");
    prometheus::copy_configuration(workspace, &configuration, &options.targets, prometheus::Pace::AsWritten)?;
    let url = format!("http://{}", options.listen);
    println!("Prometheus reads {} and keeps it in {}.", options.targets.join(", "), home.display());
    println!("\n  queries    {url}/graph\n  alerts     {url}/alerts\n  nodes      {url}/targets");
    println!("  Grafana    add {url} as a Prometheus data source, import dashboards/grafana/*.json");
    println!("\nCtrl-C stops it.");
    let mut server = prometheus::server(&programs, &configuration, &home.join("data"), options.listen);
    Err(server.exec()).with_context(|| format!("cannot start {}", programs.server.display()))
}
