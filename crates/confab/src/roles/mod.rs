//! What runs: everything in one process, an edge, or a worker. And what all of them begin and end with.

pub(crate) mod all;
pub(crate) mod edge;
pub(crate) mod worker;

mod health;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use confab_config::Config;
use confab_telemetry::MetricsHandle;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::lifecycle::{Ending, Shutdown};
use crate::wiring;

/// How often recorded samples are moved into their buckets.
const UPKEEP: Duration = Duration::from_secs(5);
/// Time for what comes after sessions and work: the bus, the database, the server.
const AFTERWARDS: Duration = Duration::from_secs(15);

/// What every role has: logs, metrics, signals, and the tasks that belong to none of its parts.
struct Process {
    metrics: MetricsHandle,
    shutdown: Shutdown,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Process {
    /// Sets up logs, metrics and signals.
    fn begin(config: &Config) -> Result<Self> {
        wiring::start_logs(config)?;
        let metrics = confab_telemetry::install_recorder(env!("CARGO_PKG_VERSION"))?;
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let shutdown = Shutdown::listen(&tasks)?;
        tasks.spawn(keep_up(metrics.clone(), stop.clone()));
        raise_file_limit();
        Ok(Self { metrics, shutdown, tasks, stop })
    }

    /// Carries out the steps of an ending and says how the process ends.
    async fn end(self, config: &Config, ending: impl Future<Output = ()>) -> ExitCode {
        let limit = sessions_limit(config) + work_limit(config) + AFTERWARDS;
        let ended = self.shutdown.carry_out(limit, ending).await;
        self.stop.cancel();
        tracing::info!(drained = ended == Ending::Drained, "stopped");
        match ended {
            Ending::Drained => ExitCode::SUCCESS,
            Ending::Aborted => ExitCode::FAILURE,
        }
    }
}

/// How long sessions may take to end.
fn sessions_limit(config: &Config) -> Duration {
    Duration::from_secs(config.server.drain_seconds)
}

/// How long work in flight may take to end: beyond it another worker would take it up anyway.
fn work_limit(config: &Config) -> Duration {
    Duration::from_secs(config.worker.ack_wait_seconds.min(config.server.drain_seconds.max(1)))
}

async fn keep_up(metrics: MetricsHandle, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(UPKEEP);
    while stop.run_until_cancelled(ticks.tick()).await.is_some() {
        metrics.upkeep();
    }
}

/// Every connection is an open file: takes as many as the system grants.
fn raise_file_limit() {
    let raised = getrlimit(Resource::RLIMIT_NOFILE)
        .and_then(|(_, hard)| setrlimit(Resource::RLIMIT_NOFILE, hard, hard));
    if let Err(error) = raised {
        tracing::debug!(%error, "the limit of open files stays as it is");
    }
}
