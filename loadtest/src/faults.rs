//! Faults on purpose, at set times of the measured part of a run: of a process, of a link between two, or of a host.

mod written;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use confab_testkit::network::Condition;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use crate::result::FaultEvent;
use crate::system::System;
use written::Fields;

/// A fault: where, what, when, for how long.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Fields")]
pub(crate) struct FaultSpec {
    /// Seconds after measuring began.
    pub(crate) at: f64,
    /// What happens.
    pub(crate) fault: Fault,
    /// Seconds until it is mended; never, when absent.
    pub(crate) seconds: Option<f64>,
}

/// What happens, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// To a process: `edge-1`, `worker-1`, `database`, `nats`.
    Process(String, Action),
    /// To a link: `edge-1` to `nats`, `worker-1` to `database`, `client` to `edge-1`.
    Link(String, String, Breach),
    /// To everything that the host of a process sends and gets.
    Host(String, Condition),
    /// To the disk of a process: it is full.
    Disk(String),
    /// To the clock of a process: it is so many seconds ahead, or behind.
    Clock(String, i64),
}

/// Names for the NATS server that leads every stream, and for one that leads none.
pub(crate) const LEADER: &str = "nats-leader";
pub(crate) const FOLLOWER: &str = "nats-follower";

/// What happens to a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// It is killed, and started anew afterwards.
    Kill,
    /// It stands still with its connections open, and goes on afterwards.
    Pause,
    /// It is asked to come to an end, and started anew afterwards.
    Restart,
}

/// What happens to a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Breach {
    /// Connections break, and new ones too.
    Cut,
    /// Connections stand and nothing passes.
    Hold,
    /// Everything is this much later, in each direction.
    Delay(Duration),
}

impl Fault {
    /// What was done, in words.
    pub(crate) fn told(&self, begins: bool) -> String {
        match self {
            Self::Process(name, action) => {
                let done = match (action, begins) {
                    (Action::Kill, true) => "killed",
                    (Action::Pause, true) => "paused",
                    (Action::Pause, false) => "goes on",
                    (Action::Restart, true) => "stopped in good order",
                    (Action::Kill | Action::Restart, false) => "started again",
                };
                format!("{name} {done}")
            }
            Self::Link(from, to, breach) => {
                let done = match (breach, begins) {
                    (_, false) => "mended".to_owned(),
                    (Breach::Cut, true) => "cut".to_owned(),
                    (Breach::Hold, true) => "held up".to_owned(),
                    (Breach::Delay(delay), true) => format!("slower by {} ms", delay.as_millis()),
                };
                format!("{from} to {to} {done}")
            }
            Self::Host(name, condition) => match (condition, begins) {
                (_, false) | (Condition::Fine, _) => format!("{name} is reached as before"),
                (Condition::Cut, true) => format!("{name} cut off from all others"),
                (Condition::Delayed(delay), true) => {
                    format!("{name} slower by {} ms each way", delay.as_millis())
                }
                (Condition::Lossy(percent), true) => format!("{name} loses {percent} % of packets each way"),
            },
            Self::Disk(name) => {
                let is_full = if begins { "is full" } else { "has room again" };
                format!("the disk of {name} {is_full}")
            }
            Self::Clock(name, _) if !begins => format!("the clock of {name} is right again"),
            Self::Clock(name, step) => format!("the clock of {name} stepped by {step} s"),
        }
    }

    /// The process or host that it is of, where it is of one.
    pub(crate) fn place(&self) -> Option<&str> {
        match self {
            Self::Process(name, _) | Self::Host(name, _) | Self::Disk(name) | Self::Clock(name, _) => {
                Some(name)
            }
            Self::Link(..) => None,
        }
    }
}

/// Makes the faults in turn; what was done, and when, is answered.
pub(crate) async fn make(
    system: Arc<System>,
    faults: Vec<FaultSpec>,
    began: Instant,
    stop: CancellationToken,
) -> Result<Vec<FaultEvent>> {
    let mut steps: Vec<(f64, FaultSpec, bool)> = Vec::new();
    for fault in faults {
        if let Some(seconds) = fault.seconds {
            steps.push((fault.at + seconds, fault.clone(), false));
        }
        steps.push((fault.at, fault, true));
    }
    steps.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut events = Vec::new();
    for (at, FaultSpec { fault, .. }, begins) in steps {
        let due = tokio::time::Instant::from_std(began + Duration::from_secs_f64(at));
        // What is down is started again even when the run is over, so that it can be judged.
        if stop.run_until_cancelled(tokio::time::sleep_until(due)).await.is_none() && begins {
            continue;
        }
        if begins {
            system.settle(&fault).await?;
        }
        let what = fault.told(begins);
        let struck = Arc::clone(&system);
        let at = began.elapsed().as_secs_f64();
        // Whoever starts a server waits for it, and must not hold up those who write meanwhile.
        tokio::task::spawn_blocking(move || struck.strike(&fault, begins)).await??;
        eprintln!("{what}");
        let at = if begins { at } else { began.elapsed().as_secs_f64() };
        events.push(FaultEvent { at, what });
    }
    Ok(events)
}
