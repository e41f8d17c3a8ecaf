//! The log: each channel's entries, stored in order, republished when stored, read back completely or not at all.

mod entry;
mod epoch;
mod publish;
mod replay;
mod subscribe;

pub use entry::{LiveEntry, Stored};
pub(crate) use entry::{customer, millis, tenant};
pub use epoch::Epoch;
pub(crate) use epoch::EpochCache;
pub use publish::{LogEntry, PendingAck, Published};
pub use replay::{FindOutcome, Replay};
pub use subscribe::{ChannelEvent, ChannelSubscription};

use confab_protocol::Channel;

use crate::bus::Bus;
use crate::error::BusError;
use crate::subjects;

/// The log of all channels.
#[derive(Debug, Clone)]
pub struct Log {
    bus: Bus,
}

impl Bus {
    /// The log of all channels.
    pub fn log(&self) -> Log {
        Log { bus: self.clone() }
    }
}

impl Log {
    /// Identity of the stream behind a channel: another one means that sequences of before mean nothing now.
    pub async fn epoch(&self, channel: &Channel) -> Result<Epoch, BusError> {
        self.bus.epochs().of(&self.stream_of(channel)).await
    }

    /// Sequence of the channel's last entry; 0 when none is stored.
    pub async fn head(&self, channel: &Channel) -> Result<u64, BusError> {
        let last = self.bus.last_stored(&self.stream_of(channel), &self.subject_of(channel)).await?;
        Ok(last.map_or(0, |message| message.sequence))
    }

    /// The channel's first entry that is still stored. Its `prev` is 0.
    pub async fn first(&self, channel: &Channel) -> Result<Option<Stored>, BusError> {
        let first = self.bus.next_stored(&self.stream_of(channel), 1, &self.subject_of(channel)).await?;
        first.map(|message| Stored::read(message, 0)).transpose()
    }

    /// The channel's last entry. Its `prev` isn't known without reading the channel and is 0.
    pub async fn last(&self, channel: &Channel) -> Result<Option<Stored>, BusError> {
        let last = self.bus.last_stored(&self.stream_of(channel), &self.subject_of(channel)).await?;
        last.map(|message| Stored::read(message, 0)).transpose()
    }

    /// Takes all entries of a channel out of the log, as if there had never been any; how many those were.
    pub async fn purge(&self, channel: &Channel) -> Result<u64, BusError> {
        let stream = self.bus.stream(&self.stream_of(channel)).await?;
        let purged = stream.purge().filter(self.subject_of(channel)).await;
        purged.map(|done| done.purged).map_err(|error| BusError::unavailable("the log", error))
    }

    fn stream_of(&self, channel: &Channel) -> String {
        subjects::stream_of(channel, self.bus.settings().shards)
    }

    fn subject_of(&self, channel: &Channel) -> String {
        subjects::written(channel, self.bus.settings().shards)
    }
}
