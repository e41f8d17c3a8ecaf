//! Faults on purpose, at set times of the measured part of a run.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use crate::result::FaultEvent;
use crate::system::System;

/// A fault: which process, when, for how long.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FaultSpec {
    /// Seconds after measuring began.
    pub(crate) at: f64,
    /// `edge-1`, `worker-1`, `database`, `nats`.
    pub(crate) process: String,
    /// What happens to it.
    pub(crate) action: Action,
    /// Seconds until it is started or goes on again; never, when absent.
    #[serde(default)]
    pub(crate) seconds: Option<f64>,
}

/// What happens to a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Action {
    /// It is killed, and started anew afterwards.
    Kill,
    /// It stands still with its connections open, and goes on afterwards.
    Pause,
}

/// Makes the faults in turn; what was done, and when, is answered.
pub(crate) async fn make(
    system: Arc<System>,
    faults: Vec<FaultSpec>,
    began: Instant,
    stop: CancellationToken,
) -> anyhow::Result<Vec<FaultEvent>> {
    let mut steps: Vec<(f64, FaultSpec, bool)> = Vec::new();
    for fault in faults {
        if let Some(seconds) = fault.seconds {
            steps.push((fault.at + seconds, fault.clone(), false));
        }
        steps.push((fault.at, fault, true));
    }
    steps.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut events = Vec::new();
    for (at, fault, begins) in steps {
        let due = tokio::time::Instant::from_std(began + Duration::from_secs_f64(at));
        // What is down is started again even when the run is over, so that it can be judged.
        if stop.run_until_cancelled(tokio::time::sleep_until(due)).await.is_none() && begins {
            continue;
        }
        let done = system.strike(&fault.process, fault.action, begins)?;
        eprintln!("{} {done}", fault.process);
        events.push(FaultEvent {
            at: began.elapsed().as_secs_f64(),
            what: format!("{} {done}", fault.process),
        });
    }
    Ok(events)
}
