//! Clients that write what is due and measure what arrives, and the clock that says what is due.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use confab_client::{Backoff, ChatClient, ChatEvent, ChatOptions, Credentials, LinkState, Position};
use confab_protocol::{Channel, ClientId};
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

use crate::measurements::{Measurements, count};
use crate::system::Person;

/// A message of usual length; peers are given the same.
pub(crate) const TEXT: &str =
    "Hello, my payment has been stuck since yesterday. Could you please have a look at it for me?";
/// How long connecting and joining may take.
const JOIN_LIMIT: Duration = Duration::from_secs(30);
/// Messages of one client under way at a time.
const WINDOW: usize = 64;

/// A connected client, which comes back by itself when its connection breaks.
#[derive(Debug, Clone)]
pub(crate) struct Voice {
    pub(crate) client: ChatClient,
}

/// How a client is connected, and as whom.
#[derive(Debug, Clone)]
pub(crate) struct Introduction<'a> {
    /// What the checker calls the client: one person may have several.
    pub(crate) name: &'a str,
    /// Who it is.
    pub(crate) person: &'a Person,
    /// Edges, the preferred one first.
    pub(crate) urls: Vec<String>,
    /// What it follows from the start.
    pub(crate) channels: &'a [Channel],
    /// The name under which deliveries to it are measured.
    pub(crate) measured_as: &'static str,
}

/// Connects clients and owns their tasks.
#[derive(Debug, Clone)]
pub(crate) struct Voices {
    pub(crate) measurements: Arc<Measurements>,
    pub(crate) tasks: TaskTracker,
    /// Addresses to connect from in turn; any, when there are none.
    pub(crate) sources: Arc<[IpAddr]>,
    pub(crate) turn: Arc<AtomicUsize>,
}

impl Voices {
    /// Connects somebody. Done when they follow all their channels.
    pub(crate) async fn connect(&self, introduction: Introduction<'_>) -> Result<Voice> {
        let Introduction { name, person, urls, channels, measured_as } = introduction;
        let credentials = Credentials { token: person.token.clone(), refresh_token: None };
        let mut options = ChatOptions::new(urls[0].clone(), credentials);
        options.urls = urls;
        options.window = WINDOW;
        options.receipts = false;
        options.backoff = Backoff::default();
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        options.source = turn.checked_rem(self.sources.len()).map(|place| self.sources[place]);
        let (client, mut events) = ChatClient::start(options)?;
        for channel in channels {
            self.measurements.history.follows(name, channel);
            let start = Position { seq: 0, epoch: String::new() };
            client.join(channel.clone(), Some(start)).await?;
        }
        let mut listener = Listener {
            name: name.to_owned(),
            person: person.clone(),
            measured_as,
            measurements: Arc::clone(&self.measurements),
            interrupted: None,
        };
        let joined = async {
            let mut missing = channels.len();
            while missing > 0 {
                let event = events.recv().await.context("the client has ended")?;
                match &event {
                    ChatEvent::Joined { .. } => missing -= 1,
                    ChatEvent::Trouble { message, .. } => bail!("a channel can't be joined: {message}"),
                    ChatEvent::Link(LinkState::Stopped { reason }) => bail!("{name} can't connect: {reason}"),
                    _ => {}
                }
                listener.hear(&event);
            }
            Ok(())
        };
        tokio::time::timeout(JOIN_LIMIT, joined).await.context("the hub is slow to let somebody join")??;
        self.tasks.spawn(listener.run(events));
        Ok(Voice { client })
    }
}

/// Takes what a client hears.
struct Listener {
    name: String,
    person: Person,
    measured_as: &'static str,
    measurements: Arc<Measurements>,
    /// Since when there is no connection, in microseconds since the run began.
    interrupted: Option<u64>,
}

impl Listener {
    async fn run(mut self, mut events: mpsc::Receiver<ChatEvent>) {
        while let Some(event) = events.recv().await {
            self.hear(&event);
        }
    }

    fn hear(&mut self, event: &ChatEvent) {
        let measurements = &self.measurements;
        measurements.history.note(&self.name, &self.person.id, event);
        match event {
            ChatEvent::Entry(delivery) => {
                let is_foreign = delivery.entry.author.id.as_ref() != Some(&self.person.id);
                if let Some(due) = due_of(&delivery.entry.id).filter(|_| is_foreign) {
                    measurements.delivered(self.measured_as, due);
                }
            }
            ChatEvent::Acked { client_id, .. } => {
                if let Some(due) = due_of(client_id.as_str()) {
                    measurements.acknowledged(due);
                }
            }
            ChatEvent::Refused { message, .. }
                if measurements.counts.refused.fetch_add(1, Ordering::Relaxed) == 0 =>
            {
                eprintln!("the first message that was refused: {message}");
            }
            ChatEvent::Link(LinkState::Waiting { .. }) if self.interrupted.is_none() => {
                measurements.disconnected();
                self.interrupted = Some(measurements.stamp(Instant::now()));
            }
            ChatEvent::Joined { resumed: true, .. } => {
                if let Some(since) = self.interrupted.take() {
                    measurements.record("resume", since);
                }
            }
            _ => {}
        }
    }
}

/// Id of a message: when it was due, if it counts; those of the warm-up do not.
fn id_of(number: u64, due: Option<u64>) -> String {
    due.map_or_else(|| format!("w-{number}"), |due| format!("m-{due}-{number}"))
}

/// When a message that counts was due, by its id.
fn due_of(id: &str) -> Option<u64> {
    let (due, _) = id.strip_prefix("m-")?.split_once('-')?;
    due.parse().ok()
}

/// A stretch of time with one rate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Phase {
    /// Messages per second, over all voices.
    pub(crate) rate: u32,
    pub(crate) time: Duration,
}

/// Says what is due, at fixed rates, whatever becomes of it: message after message, to the voices in turn.
///
/// Blocks, on a thread of its own, because the timers of the runtime are too coarse: they would show up as latency.
/// How late the thread itself is, is measured as `pace`.
pub(crate) fn pace(voices: &[(Voice, Channel)], phases: &[Phase], measurements: &Measurements) -> Result<()> {
    let mut at = Instant::now();
    let counts = measurements.is_measuring();
    // Ids of one run must differ, so that the log does not take them for repetitions.
    let first = measurements.stamp(at);
    let mut number = 0_u64;
    for phase in phases {
        let ends = at + phase.time;
        let step = Duration::from_secs(1) / phase.rate.max(1);
        while at < ends {
            if let Some(early) = at.checked_duration_since(Instant::now()) {
                std::thread::sleep(early);
            }
            let due = measurements.stamp(at);
            if counts {
                measurements.sent(due);
                measurements.record("pace", due);
            }
            let turn = usize::try_from(number).unwrap_or(0) % voices.len();
            let (voice, channel) = &voices[turn];
            let id = ClientId::parse(id_of(first + number, counts.then_some(due)))?;
            if !voice.client.try_send_as(channel.clone(), id, TEXT) {
                count(&measurements.counts.stalled);
            }
            number += 1;
            at += step;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_says_when_its_message_was_due_unless_it_was_for_warming_up() {
        assert_eq!(due_of(&id_of(3, Some(1_000_123))), Some(1_000_123));
        assert_eq!(due_of(&id_of(3, None)), None);
        assert_eq!(due_of("0190-of-somebody-else"), None);
    }
}
