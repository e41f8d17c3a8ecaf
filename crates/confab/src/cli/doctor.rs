//! `confab doctor`: arguments of the checks.

use std::process::ExitCode;

use anyhow::Result;

use super::place::Place;
use super::{admin, print};
use crate::doctor::{self, Sources};

/// What can be asked for.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    place: Place,
    /// Monitoring pages of the NATS server, as `http://127.0.0.1:8222`: shows its clock and how it syncs.
    #[arg(long, value_name = "URL")]
    nats_monitor: Option<String>,
    /// Base URL of a worker's metrics, as `http://127.0.0.1:9100`: shows the projector's lag. Not needed with `confab all`.
    #[arg(long, value_name = "URL")]
    worker_metrics: Option<String>,
}

pub(super) async fn run(args: Args) -> Result<ExitCode> {
    let mut config = match args.place.load() {
        Ok(config) => config,
        Err(error) => {
            print(&doctor::Finding::fail("configuration", format!("{error:#}"), "mend it as it says").line());
            return Ok(ExitCode::FAILURE);
        }
    };
    print(&doctor::Finding::ok("configuration", "every value is in its range").line());
    let started_nats = config.nats.url.is_empty() && admin::find_nats(&mut config, args.place.data())?;
    let sources = Sources {
        data: args.place.data().to_path_buf(),
        started_nats,
        nats_monitor: args.nats_monitor,
        worker_metrics: args.worker_metrics,
    };
    let healthy = doctor::examine(&config, &sources, |finding| print(&finding.line())).await;
    Ok(if healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
