//! Many connections that do nothing, each following one channel, while a few rooms talk: what an idle connection costs in
//! memory, how fast connections are made, and whether the others notice.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use confab_protocol::{Channel, ConversationId};
use serde::Deserialize;

use super::{Bench, Stage, WARM_UP, parameters, steady};
use crate::result::{RunResult, whole};
use crate::rooms::{self, Room};
use crate::system::{System, used};
use crate::voices::{Introduction, Phase, Voice};

/// How long memory may take to settle before it is looked at.
const REST: Duration = Duration::from_secs(2);

/// Idle connections.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Connections {
    /// How many connections, over all edges.
    idle: usize,
    /// New connections per second.
    connects_per_second: u32,
    /// Conversations in which is talked meanwhile.
    rooms: usize,
    /// Messages per second, over all rooms.
    rate: u32,
    /// Measured time after the last connection.
    seconds: u64,
}

impl Connections {
    pub(super) async fn run(&self, bench: &Bench<'_>) -> Result<RunResult> {
        let stage = bench.prepare(&steady::staffing(self.rooms), self.idle + 2 * self.rooms).await?;
        let rooms = rooms::open(&stage.system, self.rooms).await?;
        let mut people = rooms::enter(&stage.system, &stage.voices, &rooms).await?;
        let speaking = Arc::new(people.clone());
        stage.pace(&speaking, vec![Phase { rate: self.rate, time: WARM_UP }]).await?;
        let before = edge_bytes(&stage);
        let idle = connect(&stage, self.idle, self.connects_per_second, System::urls_from).await?;
        tokio::time::sleep(REST).await;
        let each = whole(edge_bytes(&stage).saturating_sub(before)) / whole(idle.len() as u64);
        people.extend(idle);
        let mut result = RunResult::default();
        let watch = stage.begin().await?;
        let time = Duration::from_secs(self.seconds);
        stage.pace(&speaking, vec![Phase { rate: self.rate, time }]).await?;
        watch.end(&mut result).await?;
        stage.settle(1).await;
        let conversations: Vec<ConversationId> = rooms.iter().map(Room::id).collect();
        stage.conclude(&people, &conversations, &mut result).await?;
        result.figures.insert("edge_bytes_per_connection".to_owned(), each);
        parameters!(result, self, idle, connects_per_second, rooms, rate, seconds);
        Ok(result)
    }
}

/// Connects strangers who follow their own feed, at a fixed rate whatever becomes of those before. Connecting and
/// joining is measured as `connect`.
pub(super) async fn connect(
    stage: &Stage<'_>,
    count: usize,
    rate: u32,
    urls: fn(&System, usize) -> Vec<String>,
) -> Result<Vec<(Voice, Channel)>> {
    let began = Instant::now();
    let step = Duration::from_secs(1) / rate.max(1);
    let mut connecting = Vec::with_capacity(count);
    for number in 0..count {
        let due = began + step * u32::try_from(number)?;
        tokio::time::sleep_until(due.into()).await;
        let (system, voices) = (Arc::clone(&stage.system), stage.voices.clone());
        connecting.push(stage.voices.tasks.spawn(async move {
            let person = system.stranger(number)?;
            let channel = Channel::UserFeed(system.tenant.clone(), person.id.clone());
            let introduction = Introduction {
                name: person.id.as_str(),
                person: &person,
                urls: urls(&system, number),
                channels: std::slice::from_ref(&channel),
                measured_as: "feed",
            };
            let voice = voices.connect(introduction).await?;
            voices.measurements.record("connect", voices.measurements.stamp(due));
            Ok::<_, anyhow::Error>((voice, channel))
        }));
        if number % 1000 == 999 {
            eprintln!("{} of {count} connections begun", number + 1);
        }
    }
    let mut connected = Vec::with_capacity(count);
    for one in connecting {
        connected.push(one.await??);
    }
    eprintln!("{count} connections stand after {:.1} s", began.elapsed().as_secs_f64());
    Ok(connected)
}

/// Memory of all edges.
fn edge_bytes(stage: &Stage<'_>) -> u64 {
    let processes = stage.system.processes();
    let edges = processes.iter().filter(|(name, _)| name.starts_with("edge") || name == "hub");
    edges.filter_map(|(_, id)| used(*id)).map(|(_, bytes)| bytes).sum()
}
