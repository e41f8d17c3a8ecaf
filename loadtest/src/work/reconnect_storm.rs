//! An edge dies under many connections: how long until all follow their channels again elsewhere, and what those feel who
//! were never connected to it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use confab_protocol::ConversationId;
use futures::future::join;
use serde::Deserialize;

use super::{Bench, WARM_UP, connections, parameters, steady};
use crate::faults::Action;
use crate::result::{FaultEvent, RunResult, whole};
use crate::rooms::{self, Room};
use crate::voices::Phase;

const POLL: Duration = Duration::from_millis(20);
const VICTIM: &str = "edge-1";

/// A storm of clients who come back.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReconnectStorm {
    /// Idle connections, over all edges.
    idle: usize,
    /// New connections per second while they are made.
    connects_per_second: u32,
    /// Conversations in which is talked, over all edges.
    rooms: usize,
    /// Messages per second, over all rooms.
    rate: u32,
    /// Measured time; the edge dies after a quarter of it.
    seconds: u64,
}

impl ReconnectStorm {
    pub(super) async fn run(&self, bench: &Bench<'_>) -> Result<RunResult> {
        let stage = bench.prepare(&steady::staffing(self.rooms)).await?;
        if stage.system.urls.len() < 2 {
            bail!("the clients need an edge to go to: set system.edges=2 or more");
        }
        let rooms = rooms::open(&stage.system, self.rooms).await?;
        let mut people = rooms::enter(&stage.system, &stage.voices, &rooms).await?;
        let speaking = Arc::new(people.clone());
        people.extend(connections::connect(&stage, self.idle, self.connects_per_second).await?);
        stage.pace(&speaking, vec![Phase { rate: self.rate, time: WARM_UP }]).await?;
        let mut result = RunResult::default();
        let watch = stage.begin().await;
        let began = Instant::now();
        let killing = async {
            tokio::time::sleep(Duration::from_secs(self.seconds) / 4).await;
            let at = began.elapsed().as_secs_f64();
            let done = stage.system.strike(VICTIM, Action::Kill, true)?;
            let killed = Instant::now();
            // Those who are cut off notice within milliseconds; all are back when no more of them are missing.
            let (mut lost, mut back) = (0, 0);
            let limit = Duration::from_secs(self.seconds);
            while killed.elapsed() < limit && (lost == 0 || back < lost) {
                tokio::time::sleep(POLL).await;
                lost = stage.measurements.counts.disconnected.load(std::sync::atomic::Ordering::Relaxed);
                back = stage.measurements.samples("resume");
            }
            Ok::<_, anyhow::Error>((
                FaultEvent { at, what: format!("{VICTIM} {done}") },
                killed.elapsed(),
                lost,
                back,
            ))
        };
        let phases = vec![Phase { rate: self.rate, time: Duration::from_secs(self.seconds) }];
        let (written, storm) = join(stage.pace(&speaking, phases), killing).await;
        written?;
        let (fault, took, lost, back) = storm?;
        watch.end(&mut result).await?;
        stage.settle(1).await;
        let conversations: Vec<ConversationId> = rooms.iter().map(Room::id).collect();
        stage.conclude(&people, &conversations, &mut result).await?;
        result.faults.push(fault);
        for (figure, value) in [
            ("cut_off", whole(lost)),
            ("not_resumed", whole(lost.saturating_sub(back))),
            ("all_resumed_s", took.as_secs_f64()),
        ] {
            result.figures.insert(figure.to_owned(), value);
        }
        parameters!(result, self, idle, connects_per_second, rooms, rate, seconds);
        Ok(result)
    }
}
