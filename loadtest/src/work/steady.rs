//! Rooms of two, the customer at one edge and the agent at another, in which both sides write in turn at a fixed rate.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use confab_domain::Policy;
use confab_protocol::ConversationId;
use serde::Deserialize;

use super::{Bench, WARM_UP, parameters};
use crate::result::RunResult;
use crate::rooms::{self, ROOMS_PER_AGENT, Room};
use crate::system::Staffing;
use crate::voices::Phase;

/// Steady traffic.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Steady {
    /// Conversations, each of a customer and an agent.
    pub(crate) rooms: usize,
    /// Messages per second, over all rooms.
    pub(crate) rate: u32,
    /// Measured time.
    pub(crate) seconds: u64,
}

/// Agents who take all rooms by hand, so that every room has the sides it is meant to have.
pub(super) fn staffing(rooms: usize) -> Staffing {
    let capacity = u32::try_from(ROOMS_PER_AGENT).unwrap_or(u32::MAX);
    Staffing { policy: Policy::Manual, agents: rooms.div_ceil(ROOMS_PER_AGENT), capacity }
}

impl Steady {
    pub(super) async fn run(&self, bench: &Bench<'_>) -> Result<RunResult> {
        let time = Duration::from_secs(self.seconds);
        let mut result = write(bench, self.rooms, self.rate, &[Phase { rate: self.rate, time }]).await?;
        parameters!(result, self, rooms, rate, seconds);
        Ok(result)
    }
}

/// Rooms in which is written at these rates one after the other, after a warm-up at the first.
pub(super) async fn write(
    bench: &Bench<'_>,
    rooms: usize,
    warm_up: u32,
    phases: &[Phase],
) -> Result<RunResult> {
    let stage = bench.prepare(&staffing(rooms), 2 * rooms).await?;
    let rooms = rooms::open(&stage.system, rooms).await?;
    let people = Arc::new(rooms::enter(&stage.system, &stage.voices, &rooms).await?);
    eprintln!("{} rooms are open, {} people are in them", rooms.len(), people.len());
    stage.pace(&people, vec![Phase { rate: warm_up, time: WARM_UP }]).await?;
    let mut result = RunResult::default();
    let watch = stage.begin().await?;
    stage.pace(&people, phases.to_vec()).await?;
    watch.end(&mut result).await?;
    stage.settle(1).await;
    let conversations: Vec<ConversationId> = rooms.iter().map(Room::id).collect();
    stage.conclude(&people, &conversations, &mut result).await?;
    Ok(result)
}
