//! What JetStream itself says of the hub's streams: how much they hold, who has yet to read it, whether the copies agree.

use async_nats::jetstream::consumer::Info as ConsumerInfo;
use futures::TryStreamExt as _;

use crate::bus::Bus;
use crate::error::BusError;
use crate::projection::PROJECTOR;
use crate::subjects;

/// One stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamFigures {
    /// Its name, as `CONV_0`.
    pub name: String,
    /// Messages in it.
    pub messages: u64,
    /// Their size on disk.
    pub bytes: u64,
    /// Copies that are behind the leader or out of reach.
    pub stale_copies: u64,
    /// Those who read it and remember how far they are.
    pub consumers: Vec<ConsumerFigures>,
}

/// One consumer of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsumerFigures {
    /// Its name, as `projector`.
    pub name: String,
    /// Messages that it was not given yet.
    pub pending: u64,
    /// Messages that it was given and has not acknowledged.
    pub unacknowledged: u64,
}

impl Bus {
    /// Figures of every stream.
    pub async fn stream_figures(&self) -> Result<Vec<StreamFigures>, BusError> {
        let shards = (0..self.shard_count().await?).map(subjects::shard_stream);
        let others = [
            subjects::SHARDS,
            subjects::FEED,
            subjects::CHAT_LIFECYCLE,
            subjects::CHAT_MESSAGES,
            subjects::WORK,
            subjects::ERRANDS,
            subjects::TIMERS,
            subjects::PRESENCE,
            subjects::ONCE,
            subjects::DEAD,
            subjects::ADVISORIES,
        ];
        let mut figures = Vec::new();
        for name in shards.chain(others.map(str::to_owned)) {
            figures.push(self.figures_of(name).await?);
        }
        Ok(figures)
    }

    /// Entries of the log that no worker has written to the database yet.
    pub async fn unprojected(&self) -> Result<u64, BusError> {
        let mut count = 0;
        for shard in 0..self.shard_count().await? {
            let figures = self.figures_of(subjects::shard_stream(shard)).await?;
            let projector = figures.consumers.iter().find(|consumer| consumer.name == PROJECTOR);
            count += projector.map_or(figures.messages, |one| one.pending + one.unacknowledged);
        }
        Ok(count)
    }

    async fn figures_of(&self, name: String) -> Result<StreamFigures, BusError> {
        let stream = self.stream(&name).await?;
        let info =
            stream.get_info().await.map_err(|error| BusError::unavailable("a stream's figures", error))?;
        let consumers: Vec<ConsumerInfo> = stream
            .consumers()
            .try_collect()
            .await
            .map_err(|error| BusError::unavailable("a stream's consumers", error))?;
        let copies = info.cluster.iter().flat_map(|cluster| &cluster.replicas);
        Ok(StreamFigures {
            messages: info.state.messages,
            bytes: info.state.bytes,
            stale_copies: copies.filter(|copy| copy.offline || !copy.current).count() as u64,
            consumers: consumers
                .into_iter()
                .filter(|one| one.config.durable_name.is_some())
                .map(|one| ConsumerFigures {
                    pending: one.num_pending,
                    unacknowledged: one.num_ack_pending as u64,
                    name: one.name,
                })
                .collect(),
            name,
        })
    }
}
