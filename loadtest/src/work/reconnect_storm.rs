//! An edge dies under many connections: how long until all follow their channels again elsewhere, and what those feel who
//! were never connected to it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use confab_protocol::{Channel, ConversationId};
use futures::future::join;
use serde::Deserialize;

use super::{Bench, Stage, WARM_UP, connections, parameters, steady};
use crate::faults::{Action, Fault};
use crate::result::{FaultEvent, RunResult, whole};
use crate::rooms::{self, Room};
use crate::voices::{Phase, Voice};

const POLL: Duration = Duration::from_millis(20);
const VICTIM: &str = "edge-1";

/// A storm of clients who come back.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReconnectStorm {
    /// Idle connections, all at the edge that dies.
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
        let stage = bench.prepare(&steady::staffing(self.rooms), self.idle + 2 * self.rooms).await?;
        if stage.system.urls.len() < 3 {
            bail!("rooms that never meet the edge that dies need two others: set system.edges=3 or more");
        }
        let rooms = rooms::open(&stage.system, self.rooms).await?;
        let edges = stage.system.urls.len();
        let measured_as = |room: &Room| if room.is_at(0, edges) { "delivery" } else { "others" };
        let mut people = rooms::enter_as(&stage.system, &stage.voices, &rooms, measured_as).await?;
        let speaking = Arc::new(people.clone());
        people.extend(idle(&stage, self.idle, self.connects_per_second).await?);
        stage.pace(&speaking, vec![Phase { rate: self.rate, time: WARM_UP }]).await?;
        let mut result = RunResult::default();
        let watch = stage.begin().await?;
        let began = Instant::now();
        let killing = async {
            tokio::time::sleep(Duration::from_secs(self.seconds) / 4).await;
            let at = began.elapsed().as_secs_f64();
            let fault = Fault::Process(VICTIM.to_owned(), Action::Kill);
            stage.system.strike(&fault, true)?;
            let killed = Instant::now();
            // Those who are cut off notice within milliseconds; all are back when no more of them are missing.
            let (mut lost, mut back) = (0, 0);
            let limit = Duration::from_secs(self.seconds);
            while killed.elapsed() < limit && (lost == 0 || back < lost) {
                tokio::time::sleep(POLL).await;
                lost = stage.measurements.counts.disconnected.load(std::sync::atomic::Ordering::Relaxed);
                back = stage.measurements.samples("resume");
            }
            Ok::<_, anyhow::Error>((FaultEvent { at, what: fault.told(true) }, killed.elapsed(), lost, back))
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

/// Connections that all prefer the edge that dies.
async fn idle(stage: &Stage<'_>, count: usize, rate: u32) -> Result<Vec<(Voice, Channel)>> {
    connections::connect(stage, count, rate, |system, number| system.urls_via(0, number)).await
}
