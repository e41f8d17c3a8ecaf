//! The log: each channel's entries, stored in order, republished when stored, read back completely or not at all.

mod entry;
mod epoch;
mod projected;
mod publish;
mod replay;
mod subscribe;

pub use entry::{LiveEntry, Stored};
pub(crate) use entry::{customer, millis, tenant};
pub use epoch::Epoch;
pub(crate) use epoch::EpochCache;
pub(crate) use projected::ProjectedCache;
pub use publish::{LogEntry, PendingAck, Published};
pub use replay::{FindOutcome, Replay};
pub use subscribe::{ChannelEvent, ChannelSubscription};

use confab_protocol::{Channel, UnixMillis};

use crate::bus::Bus;
use crate::error::BusError;
use crate::subjects;

/// The log of all channels.
#[derive(Debug, Clone)]
pub struct Log {
    bus: Bus,
}

/// Where a channel is kept.
struct Place {
    stream: String,
    subject: String,
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
        self.bus.epochs().of(&self.place(channel).await?.stream).await
    }

    /// The same of a shard.
    pub async fn epoch_of_shard(&self, shard: u16) -> Result<Epoch, BusError> {
        self.bus.epochs().of(&subjects::shard_stream(shard)).await
    }

    /// The sequence up to which everything in the channel's shard is in the database. What lies above may be there too,
    /// with holes: workers share a shard, and each writes what it was given.
    pub async fn projected(&self, channel: &Channel) -> Result<u64, BusError> {
        self.bus.projected().of(&self.place(channel).await?.stream).await
    }

    /// The same, asked for at this moment: after another's erasure what was known before may lie below all that is left.
    pub async fn projected_now(&self, channel: &Channel) -> Result<u64, BusError> {
        self.bus.projected().now(&self.place(channel).await?.stream).await
    }

    /// Sequence of the channel's last entry; 0 when none is stored.
    pub async fn head(&self, channel: &Channel) -> Result<u64, BusError> {
        let Place { stream, subject } = self.place(channel).await?;
        let last = self.bus.last_stored(&stream, &subject).await?;
        Ok(last.map_or(0, |message| message.sequence))
    }

    /// The channel's first entry that is still stored. Its `prev` is 0.
    pub async fn first(&self, channel: &Channel) -> Result<Option<Stored>, BusError> {
        let Place { stream, subject } = self.place(channel).await?;
        let first = self.bus.next_stored(&stream, 1, &subject).await?;
        first.map(|message| Stored::read(message, 0)).transpose()
    }

    /// The channel's last entry. Its `prev` isn't known without reading the channel and is 0.
    pub async fn last(&self, channel: &Channel) -> Result<Option<Stored>, BusError> {
        let Place { stream, subject } = self.place(channel).await?;
        let last = self.bus.last_stored(&stream, &subject).await?;
        last.map(|message| Stored::read(message, 0)).transpose()
    }

    /// Takes all entries of a channel out of the log, as if there had never been any; how many those were.
    pub async fn purge(&self, channel: &Channel) -> Result<u64, BusError> {
        let Place { stream, subject } = self.place(channel).await?;
        let purged = self.bus.stream(&stream).await?.purge().filter(subject).await;
        purged.map(|done| done.purged).map_err(|error| BusError::unavailable("the log", error))
    }

    /// The shard of a channel; none for feeds.
    pub async fn shard(&self, channel: &Channel) -> Result<Option<u16>, BusError> {
        let Some(id) = channel.conversation() else { return Ok(None) };
        let plan = self.bus.shards().plan_for(id.created_at().unwrap_or(0)).await?;
        Ok(Some(plan.shard_of(id)))
    }

    /// The time, at or before `now`, that the id of a conversation has to tell which begins at this moment. Fails on a
    /// node that can't hear how many shards there are.
    pub async fn begin_at(&self, now: UnixMillis) -> Result<UnixMillis, BusError> {
        self.bus.shards().begin_at(now).await
    }

    /// Asks a shard whether it can be read.
    pub async fn reach(&self, shard: u16) -> Result<(), BusError> {
        self.bus.last_stored(&subjects::shard_stream(shard), &subjects::shard_probed(shard)).await.map(drop)
    }

    async fn place(&self, channel: &Channel) -> Result<Place, BusError> {
        let shard = self.shard(channel).await?;
        Ok(Place { stream: subjects::stream_of(shard), subject: subjects::written(channel, shard) })
    }
}
