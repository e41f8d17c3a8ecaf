//! Few rooms with many viewers in each: what one message costs when hundreds get it. Several generators can have viewers
//! in the same rooms.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use confab_protocol::{Channel, ConversationId};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use serde::Deserialize;

use super::{Bench, Stage, WARM_UP, parameters, steady};
use crate::result::{RunResult, whole};
use crate::rooms::{self, Room};
use crate::voices::{Introduction, Phase, Voice};

/// Connections made at a time.
const PARALLEL: usize = 32;
/// How long the generator that opens the rooms may take.
const HAND_OVER: Duration = Duration::from_mins(2);
const POLL: Duration = Duration::from_millis(100);
/// For how long somebody who only listens goes on to listen.
const AFTERMATH: Duration = Duration::from_secs(3);

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
    /// File through which several generators share the rooms; none, when empty.
    #[serde(default)]
    rooms_file: String,
    /// Whether this generator opens the rooms and writes in them; the others only look on.
    #[serde(default = "leads")]
    leads: bool,
}

fn leads() -> bool {
    true
}

impl Fanout {
    pub(super) async fn run(&self, bench: &Bench<'_>) -> Result<RunResult> {
        if self.rooms_file.is_empty() && !self.leads {
            bail!("a generator that opens no rooms has to be told of others': set rooms_file");
        }
        let stage = bench.prepare(&steady::staffing(self.rooms), self.rooms * (2 + self.viewers)).await?;
        let rooms = if self.leads { rooms::open(&stage.system, self.rooms).await? } else { Vec::new() };
        let mut people = rooms::enter(&stage.system, &stage.voices, &rooms).await?;
        let speaking = Arc::new(people.clone());
        let conversations = self.share(rooms.iter().map(Room::id).collect()).await?;
        people.extend(self.viewers(&stage, &conversations).await?);
        self.write(&stage, &speaking, WARM_UP).await?;
        let mut result = RunResult::default();
        let watch = stage.begin().await?;
        self.write(&stage, &speaking, Duration::from_secs(self.seconds)).await?;
        watch.end(&mut result).await?;
        // The agent's own viewers are deliveries to the author and not counted as such: one at least gets each message.
        stage.settle(1).await;
        if !self.leads {
            tokio::time::sleep(AFTERMATH).await;
        }
        stage.conclude(&people, &conversations, &mut result).await?;
        let delivered = result.counts.get("delivered").copied().unwrap_or(0);
        result.figures.insert("deliveries_per_s".to_owned(), whole(delivered) / result.seconds);
        parameters!(result, self, rooms, viewers, rate, seconds, leads);
        Ok(result)
    }

    /// Everybody who only looks on.
    async fn viewers(
        &self,
        stage: &Stage<'_>,
        conversations: &[ConversationId],
    ) -> Result<Vec<(Voice, Channel)>> {
        let (system, voices) = (&stage.system, &stage.voices);
        let seats = conversations.iter().flat_map(|room| (0..self.viewers).map(move |viewer| (room, viewer)));
        let viewers = stream::iter(seats.enumerate()).map(|(number, (room, viewer))| async move {
            // Any agent of the tenant may look on; one person may do so at many screens.
            let person = &system.agents[viewer % system.agents.len()];
            let channel = Channel::Conversation(room.clone());
            let introduction = Introduction {
                name: &format!("{}#{number}", person.id),
                person,
                urls: system.urls_from(viewer),
                channels: std::slice::from_ref(&channel),
                measured_as: "viewer",
            };
            Ok::<_, anyhow::Error>((voices.connect(introduction).await?, channel))
        });
        let viewers: Vec<_> = viewers.buffer_unordered(PARALLEL).try_collect().await?;
        eprintln!("{} rooms are open with {} viewers", conversations.len(), viewers.len());
        Ok(viewers)
    }

    async fn write(
        &self,
        stage: &Stage<'_>,
        speaking: &Arc<Vec<(Voice, Channel)>>,
        time: Duration,
    ) -> Result<()> {
        if speaking.is_empty() {
            tokio::time::sleep(time).await;
            return Ok(());
        }
        stage.pace(speaking, vec![Phase { rate: self.rate, time }]).await
    }

    /// Tells the others of the rooms, or is told.
    async fn share(&self, own: Vec<ConversationId>) -> Result<Vec<ConversationId>> {
        let file = Path::new(&self.rooms_file);
        if self.rooms_file.is_empty() {
            return Ok(own);
        }
        if self.leads {
            let whole = file.with_extension("new");
            fs::write(&whole, serde_json::to_vec(&own)?)
                .and_then(|()| fs::rename(&whole, file))
                .with_context(|| format!("cannot write {}", file.display()))?;
            return Ok(own);
        }
        let began = Instant::now();
        while !file.exists() {
            if began.elapsed() > HAND_OVER {
                bail!(
                    "nobody has written {}: start a generator that leads with the same file",
                    file.display()
                );
            }
            tokio::time::sleep(POLL).await;
        }
        let text = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("{} lists no rooms", file.display()))
    }
}
