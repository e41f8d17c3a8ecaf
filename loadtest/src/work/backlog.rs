//! The projector by itself: workers stand still while messages are written, then bring all of them into the database as
//! fast as they can.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use confab_protocol::ConversationId;
use serde::Deserialize;

use super::{Bench, CATCH_UP, WARM_UP, parameters, steady};
use crate::faults::{Action, Fault};
use crate::result::{RunResult, whole};
use crate::rooms::{self, Room};
use crate::voices::Phase;

/// A backlog.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Backlog {
    /// Conversations, each of a customer and an agent.
    rooms: usize,
    /// Messages per second, over all rooms, while the workers stand still.
    rate: u32,
    /// For how long. Shorter than what the work queue waits for an answer.
    seconds: u64,
}

impl Backlog {
    pub(super) async fn run(&self, bench: &Bench<'_>) -> Result<RunResult> {
        let stage = bench.prepare(&steady::staffing(self.rooms), 2 * self.rooms).await?;
        let rooms = rooms::open(&stage.system, self.rooms).await?;
        let people = Arc::new(rooms::enter(&stage.system, &stage.voices, &rooms).await?);
        let conversations: Vec<ConversationId> = rooms.iter().map(Room::id).collect();
        stage.pace(&people, vec![Phase { rate: self.rate.min(500), time: WARM_UP }]).await?;
        stage.system.caught_up(&conversations, CATCH_UP).await?;
        let workers: Vec<Fault> = stage
            .system
            .processes()
            .into_iter()
            .filter(|(name, _)| name.starts_with("worker"))
            .map(|(name, _)| Fault::Process(name, Action::Pause))
            .collect();
        let mut result = RunResult::default();
        let watch = stage.begin().await?;
        for worker in &workers {
            stage.system.strike(worker, true)?;
        }
        let time = Duration::from_secs(self.seconds);
        let written = stage.pace(&people, vec![Phase { rate: self.rate, time }]).await;
        stage.settle(1).await;
        for worker in &workers {
            stage.system.strike(worker, false)?;
        }
        written?;
        let (began, waiting) = (Instant::now(), stage.system.unprojected().await?);
        stage.system.caught_up(&conversations, CATCH_UP).await?.context("it is a hub of this program's")?;
        let took = began.elapsed().as_secs_f64();
        watch.end(&mut result).await?;
        stage.conclude(&people, &conversations, &mut result).await?;
        result.figures.insert("backlog".to_owned(), whole(waiting));
        result.figures.insert("projected_per_s".to_owned(), whole(waiting) / took);
        parameters!(result, self, rooms, rate, seconds);
        Ok(result)
    }
}
