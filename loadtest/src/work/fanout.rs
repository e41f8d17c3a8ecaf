//! Few rooms with many viewers in each: what one message costs when hundreds get it.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use confab_protocol::ConversationId;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use serde::Deserialize;

use super::{Bench, WARM_UP, parameters, steady};
use crate::result::{RunResult, whole};
use crate::rooms::{self, Room};
use crate::voices::{Introduction, Phase};

/// Connections made at a time.
const PARALLEL: usize = 32;

/// A crowd of viewers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fanout {
    /// Conversations, each of a customer and an agent.
    rooms: usize,
    /// Further connections in each, spread over the edges.
    viewers: usize,
    /// Messages per second, over all rooms; each goes to everybody in its room.
    rate: u32,
    /// Measured time.
    seconds: u64,
}

impl Fanout {
    pub(super) async fn run(&self, bench: &Bench<'_>) -> Result<RunResult> {
        let stage = bench.prepare(&steady::staffing(self.rooms), self.rooms * (2 + self.viewers)).await?;
        let rooms = rooms::open(&stage.system, self.rooms).await?;
        let mut people = rooms::enter(&stage.system, &stage.voices, &rooms).await?;
        let speaking = Arc::new(people.clone());
        let (system, voices) = (&stage.system, &stage.voices);
        let seats = rooms.iter().flat_map(|room| (0..self.viewers).map(move |viewer| (room, viewer)));
        let viewers = stream::iter(seats.enumerate()).map(|(number, (room, viewer))| async move {
            // Any agent of the tenant may look on; one person may do so at many screens.
            let person = &system.agents[viewer % system.agents.len()];
            let introduction = Introduction {
                name: &format!("{}#{number}", person.id),
                person,
                urls: system.urls_from(viewer),
                channels: &[room.channel()],
                measured_as: "viewer",
            };
            Ok::<_, anyhow::Error>((voices.connect(introduction).await?, room.channel()))
        });
        let viewers: Vec<_> = viewers.buffer_unordered(PARALLEL).try_collect().await?;
        eprintln!("{} rooms are open with {} viewers", rooms.len(), viewers.len());
        people.extend(viewers);
        stage.pace(&speaking, vec![Phase { rate: self.rate, time: WARM_UP }]).await?;
        let mut result = RunResult::default();
        let watch = stage.begin().await?;
        let time = Duration::from_secs(self.seconds);
        stage.pace(&speaking, vec![Phase { rate: self.rate, time }]).await?;
        watch.end(&mut result).await?;
        // The agent's own viewers are deliveries to the author and not counted as such: one at least gets each message.
        stage.settle(1).await;
        let conversations: Vec<ConversationId> = rooms.iter().map(Room::id).collect();
        stage.conclude(&people, &conversations, &mut result).await?;
        let delivered = result.counts.get("delivered").copied().unwrap_or(0);
        result.figures.insert("deliveries_per_s".to_owned(), whole(delivered) / result.seconds);
        parameters!(result, self, rooms, viewers, rate, seconds);
        Ok(result)
    }
}
