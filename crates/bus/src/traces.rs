//! What the streams keep of a conversation outside its own channels: the desk's and the staff's feeds, events for others,
//! timers, errands, commands that were given up. There it lies among what is of others, so it is looked for by its names and
//! taken out entry by entry.

use async_nats::jetstream::context::ConsumerInfoErrorKind;
use async_nats::jetstream::message::StreamMessage;
use confab_protocol::{Channel, ConversationId, TenantId, TicketId, UnixMillis};
use jiff::Timestamp;
use regex::bytes::Regex;
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use crate::bus::Bus;
use crate::direct::{BATCH, Batch, Wanted};
use crate::error::BusError;
use crate::events::EVENTS;
use crate::find::any_of;
use crate::projection::PROJECTOR;
use crate::subjects;

/// Batches read in one step, so that who asked for it hears of it in time.
const BATCHES: usize = 16;
/// How far the clock that stamped a conversation may be ahead of the server's.
const CLOCK_SKEW_MILLIS: UnixMillis = 5 * 60 * 1000;
/// How often it is looked whether readers are done with what they hold.
const LOOK: std::time::Duration = std::time::Duration::from_millis(20);

/// What is to be taken out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traces {
    /// Conversations, all of the tenant's.
    pub conversations: Vec<ConversationId>,
    /// Their tickets.
    pub tickets: Vec<TicketId>,
    /// When the first of them began: nothing older names one.
    pub since: UnixMillis,
}

/// How far a search has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TracesMark {
    place: usize,
    seq: u64,
}

/// What one step of a search came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TracesStep {
    /// Entries that were taken out.
    pub removed: u64,
    /// Where to go on; nothing when all is done.
    pub next: Option<TracesMark>,
}

impl Traces {
    /// Finds any of the names; nothing when there are none.
    fn pattern(&self) -> Result<Option<Regex>, BusError> {
        let conversations = self.conversations.iter().map(ConversationId::as_str);
        any_of(conversations.chain(self.tickets.iter().map(TicketId::as_str)))
    }
}

fn is_in(pattern: &Regex, message: &StreamMessage) -> bool {
    pattern.is_match(message.subject.as_bytes()) || pattern.is_match(&message.payload)
}

/// Streams, and the subjects in them that are the tenant's.
fn places(tenant: &TenantId) -> [(&'static str, String); 7] {
    [
        (subjects::FEED, format!("in.feed.desk.{tenant}")),
        (subjects::FEED, format!("in.feed.user.{tenant}.*")),
        (subjects::CHAT_LIFECYCLE, format!("chat.lifecycle.{tenant}.*")),
        (subjects::TIMERS, format!("timer.{tenant}.*")),
        (subjects::TIMERS, format!("fired.{tenant}.*")),
        (subjects::ERRANDS, format!("errand.*.{tenant}")),
        (subjects::DEAD, format!("dead.{tenant}.*")),
    ]
}

impl Bus {
    /// Takes traces out of the streams, from a mark on, a bounded number of entries at a time.
    pub async fn remove_traces(
        &self,
        tenant: &TenantId,
        traces: &Traces,
        mark: TracesMark,
    ) -> Result<TracesStep, BusError> {
        let Some(pattern) = traces.pattern()? else { return Ok(TracesStep { removed: 0, next: None }) };
        let mut removed = 0;
        if mark == TracesMark::default() {
            removed += self.remove_told(tenant, &traces.conversations).await?;
        }
        let TracesMark { mut place, mut seq } = mark;
        let places = places(tenant);
        let mut batches = 0;
        while let Some((stream, subject)) = places.get(place) {
            if batches == BATCHES {
                return Ok(TracesStep { removed, next: Some(TracesMark { place, seq }) });
            }
            batches += 1;
            let Batch { messages, pending } = self.read_from(stream, subject, seq, traces.since).await?;
            seq = messages.last().map_or(seq, |last| last.sequence + 1);
            for message in messages.iter().filter(|message| is_in(&pattern, message)) {
                let stream = self.stream(stream).await?;
                // Another who erases may have been faster.
                match stream.delete_message(message.sequence).await {
                    Ok(_) => removed += 1,
                    Err(error) if self.stored_at_all(&stream, message.sequence).await? => {
                        return Err(BusError::unavailable("an entry to be erased", error));
                    }
                    Err(_) => {}
                }
            }
            if pending == 0 {
                (place, seq) = (place + 1, 0);
            }
        }
        Ok(TracesStep { removed, next: None })
    }

    /// Waits until those who read the log for others are done with all entries of a channel. Called before the channel is
    /// purged, because the server forgets then who holds what, and somebody would write down afterwards what is to be gone.
    pub async fn settle(&self, channel: &Channel) -> Result<(), BusError> {
        let head = self.log().head(channel).await?;
        if channel.conversation().is_none() || head == 0 {
            return Ok(());
        }
        let stream = self.stream(&subjects::stream_of(self.log().shard(channel).await?)).await?;
        let deadline = Instant::now() + self.settings().publish_timeout / 2;
        for reader in [PROJECTOR, EVENTS] {
            loop {
                let info = match stream.consumer_info(reader).await {
                    Ok(info) => info,
                    Err(error) if error.kind() == ConsumerInfoErrorKind::NotFound => break,
                    Err(error) => return Err(BusError::unavailable("a reader of the log", error)),
                };
                let has_all = info.ack_floor.stream_sequence >= head;
                if has_all || (info.num_pending == 0 && info.num_ack_pending == 0) {
                    break;
                }
                if Instant::now() >= deadline {
                    // What nobody reads, because it is switched off, nobody writes down.
                    if info.num_waiting == 0 {
                        break;
                    }
                    return Err(BusError::Timeout("a reader of the log"));
                }
                sleep(LOOK).await;
            }
        }
        Ok(())
    }

    /// What others were told of the conversations' messages lies under subjects of their own.
    async fn remove_told(
        &self,
        tenant: &TenantId,
        conversations: &[ConversationId],
    ) -> Result<u64, BusError> {
        let stream = self.stream(subjects::CHAT_MESSAGES).await?;
        let mut removed = 0;
        for conversation in conversations {
            let purge = stream.purge().filter(subjects::messages(tenant, conversation));
            let purged =
                purge.await.map_err(|error| BusError::unavailable("the events of messages", error))?;
            removed += purged.purged;
        }
        Ok(removed)
    }

    async fn read_from(
        &self,
        stream: &str,
        subject: &str,
        seq: u64,
        since: UnixMillis,
    ) -> Result<Batch, BusError> {
        if seq > 0 {
            return self.read_batch(stream, &Wanted::Next { seq, next_by_subj: subject, batch: BATCH }).await;
        }
        let since = i64::try_from(since.saturating_sub(CLOCK_SKEW_MILLIS)).unwrap_or(i64::MAX);
        let start_time = Timestamp::from_millisecond(since)
            .map_err(|_| BusError::InvalidName { what: "time", text: since.to_string() })?;
        let wanted =
            Wanted::Since { start_time: start_time.to_string(), next_by_subj: subject, batch: BATCH };
        self.read_batch(stream, &wanted).await
    }

    async fn stored_at_all(
        &self,
        stream: &async_nats::jetstream::stream::Stream<()>,
        seq: u64,
    ) -> Result<bool, BusError> {
        use async_nats::jetstream::stream::DirectGetErrorKind;
        match stream.direct_get(seq).await {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == DirectGetErrorKind::NotFound => Ok(false),
            Err(error) => Err(BusError::direct_get(error)),
        }
    }
}
