//! Reading a channel back. Completeness is proven from what the stream holds, never assumed.

use std::ops::ControlFlow;
use std::time::Duration;

use async_nats::jetstream::message::StreamMessage;
use confab_protocol::{Channel, UnixMillis};

use crate::direct::{BATCH, Batch, Wanted};
use crate::error::BusError;
use crate::log::entry::{Stored, millis};
use crate::log::{Log, Place};
use crate::topology::FEED_ENTRIES;

/// How far a conversation's id may be ahead of the log's time stamps: ids are made at most ten seconds ahead of a server's
/// clock, and the clocks of the servers may differ.
const CLOCK_SKEW_MILLIS: UnixMillis = 30 * 1000;
/// How often a replica that lags behind the leader is asked again, and after which wait.
const REPLICA_ATTEMPTS: u32 = 50;
const REPLICA_WAIT: Duration = Duration::from_millis(20);

/// What lies after a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replay {
    /// Every entry after the position, in order.
    Complete(Vec<Stored>),
    /// Some are no longer in the log, or there are more than was asked for: read history instead.
    Trimmed,
}

/// Where an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindOutcome {
    /// At this sequence.
    Found(u64),
    /// Nowhere after the position.
    Absent,
    /// It isn't where the log still reaches; it may have been before.
    Trimmed,
}

/// What is asked for: all of a channel after this.
#[derive(Debug, Clone, Copy)]
enum Since {
    /// An entry of the channel.
    Entry(u64),
    /// A sequence of the channel's stream.
    Place(u64),
}

impl Since {
    fn entry(seq: u64) -> Self {
        if seq == 0 { Self::Place(0) } else { Self::Entry(seq) }
    }

    fn seq(self) -> u64 {
        let (Self::Entry(seq) | Self::Place(seq)) = self;
        seq
    }
}

/// How a scan ended.
enum Scan {
    /// It saw all entries after the position.
    Complete,
    /// It cannot say that it did.
    Trimmed,
    /// Whoever looked wanted no more.
    Stopped,
}

impl Log {
    /// Every entry after the channel's entry at sequence `after`, or from the channel's beginning when that is 0; at most
    /// `limit`, or [`Replay::Trimmed`].
    ///
    /// The proof for `after > 0`: the entry at `after` is still stored, and a stream only ever loses a channel's
    /// oldest entries. For `after == 0` it is that of [`Log::beyond`].
    ///
    /// Subscribe first: what is stored afterwards then comes live. On a cluster the leader is asked for the
    /// channel's last sequence, and a replica that doesn't have it yet is asked again.
    pub async fn replay(&self, channel: &Channel, after: u64, limit: usize) -> Result<Replay, BusError> {
        self.read(channel, Since::entry(after), limit).await
    }

    /// Every entry above a sequence of the channel's stream, whatever was stored there; at most `limit`, or
    /// [`Replay::Trimmed`]. The `prev` of the first is the sequence given.
    ///
    /// The proof: the stream has lost nothing above that sequence yet; or the channel is a conversation whose id was made
    /// well after the oldest entry that the stream still has.
    pub async fn beyond(&self, channel: &Channel, seq: u64, limit: usize) -> Result<Replay, BusError> {
        self.read(channel, Since::Place(seq), limit).await
    }

    async fn read(&self, channel: &Channel, since: Since, limit: usize) -> Result<Replay, BusError> {
        let mut entries = Vec::new();
        let mut prev = since.seq();
        let mut malformed = None;
        let scan = self
            .scan(channel, since, |message| {
                if entries.len() == limit {
                    return ControlFlow::Break(());
                }
                let seq = message.sequence;
                match Stored::read(message, prev) {
                    Ok(entry) => entries.push(entry),
                    Err(error) => {
                        malformed = Some(error);
                        return ControlFlow::Break(());
                    }
                }
                prev = seq;
                ControlFlow::Continue(())
            })
            .await?;
        match (malformed, scan) {
            (Some(error), _) => Err(error),
            (None, Scan::Complete) => Ok(Replay::Complete(entries)),
            (None, Scan::Trimmed | Scan::Stopped) => Ok(Replay::Trimmed),
        }
    }

    /// The first entry after sequence `since` whose payload `matches`.
    pub async fn find(
        &self,
        channel: &Channel,
        since: u64,
        matches: impl Fn(&[u8]) -> bool + Send,
    ) -> Result<FindOutcome, BusError> {
        let mut found = None;
        let scan = self
            .scan(channel, Since::entry(since), |message| {
                if matches(&message.payload) {
                    found = Some(message.sequence);
                    return ControlFlow::Break(());
                }
                ControlFlow::Continue(())
            })
            .await?;
        Ok(match (found, scan) {
            (Some(seq), _) => FindOutcome::Found(seq),
            (None, Scan::Trimmed) => FindOutcome::Trimmed,
            (None, Scan::Complete | Scan::Stopped) => FindOutcome::Absent,
        })
    }

    /// Shows every entry that is asked for to `visit` and says whether those were all.
    async fn scan(
        &self,
        channel: &Channel,
        since: Since,
        mut visit: impl FnMut(StreamMessage) -> ControlFlow<()>,
    ) -> Result<Scan, BusError> {
        let Place { stream, subject } = self.place(channel).await?;
        let (mut next, mut anchored) = match since {
            Since::Entry(seq) => (seq, false),
            Since::Place(seq) => (seq.saturating_add(1), true),
        };
        let mut visited: usize = 0;
        let mut attempts = 0;
        loop {
            let wanted = Wanted::Next { seq: next, next_by_subj: &subject, batch: BATCH };
            let Batch { messages, pending } = self.bus.read_batch(&stream, &wanted).await?;
            for message in messages {
                next = message.sequence + 1;
                if !anchored {
                    if message.sequence != since.seq() {
                        return Ok(Scan::Trimmed);
                    }
                    anchored = true;
                    continue;
                }
                visited += 1;
                if visit(message).is_break() {
                    return Ok(Scan::Stopped);
                }
            }
            if pending > 0 {
                continue;
            }
            if !self.bus.is_replicated() || self.head(channel).await? < next {
                break;
            }
            attempts += 1;
            if attempts == REPLICA_ATTEMPTS {
                return Err(BusError::Timeout("a replica of the log"));
            }
            tokio::time::sleep(REPLICA_WAIT).await;
        }
        let complete = match since {
            Since::Entry(_) => anchored,
            Since::Place(seq) => self.has_lost_nothing(channel, &stream, seq, visited).await?,
        };
        Ok(if complete { Scan::Complete } else { Scan::Trimmed })
    }

    /// Whether the log still has all that was ever above `seq` of the channel. Has to be asked after the entries were
    /// read.
    async fn has_lost_nothing(
        &self,
        channel: &Channel,
        stream: &str,
        seq: u64,
        entries: usize,
    ) -> Result<bool, BusError> {
        if channel.conversation().is_none() && entries >= FEED_ENTRIES as usize {
            return Ok(false);
        }
        let Some(first) = self.bus.next_stored(stream, 1, ">").await? else {
            // Nothing is stored: either nothing ever was above that place, or all of it is gone.
            let handle = self.bus.stream(stream).await?;
            let info = handle.get_info().await.map_err(|error| BusError::unavailable("the log", error))?;
            return Ok(info.state.last_sequence <= seq);
        };
        if first.sequence <= seq.saturating_add(1) {
            return Ok(true);
        }
        let created = channel.conversation().and_then(confab_protocol::ConversationId::created_at);
        Ok(match created {
            Some(created) => created > millis(&first)?.saturating_add(CLOCK_SKEW_MILLIS),
            None => false,
        })
    }
}
