//! Giving the log more shards while it is in use: streams first, then the note from which everybody learns of them.

use async_nats::HeaderMap;
use async_nats::header::NATS_EXPECTED_LAST_SEQUENCE;
use async_nats::jetstream::context::PublishErrorKind;
use confab_protocol::UnixMillis;

use crate::bus::Bus;
use crate::error::BusError;
use crate::shards::known::Known;
use crate::shards::{Generation, ShardPlan};
use crate::subjects::{self, SHARDS_NOTED};
use crate::topology::{self, Layout, StreamChange};

/// What raising the number of shards does, or would do.
#[derive(Debug, Clone)]
pub struct ShardRaise {
    /// Streams that are made or brought up to date.
    pub streams: Vec<StreamChange>,
    /// The number before.
    pub from: u16,
    /// The number that was asked for.
    pub to: u16,
}

impl Bus {
    /// The number of shards and since when, as the server tells now.
    pub async fn shard_plan(&self) -> Result<ShardPlan, BusError> {
        Ok(ShardPlan::clone(&self.told_shards().await?.plan))
    }

    /// The time by the clock of the server that decides which generation of shards is in force.
    pub async fn log_time(&self) -> Result<UnixMillis, BusError> {
        Ok(self.told_shards().await?.told_at)
    }

    async fn told_shards(&self) -> Result<Known, BusError> {
        let told = self.shards().read().await?;
        told.ok_or_else(|| BusError::unavailable("the number of shards", "there is no log yet"))
    }

    /// The shards of the log, those included that no conversation lies in yet.
    pub async fn shard_count(&self) -> Result<u16, BusError> {
        Ok(self.shards().plan().await?.count())
    }

    /// The same as it grows; 0 until it is known.
    pub fn shard_counts(&self) -> tokio::sync::watch::Receiver<u16> {
        self.shards().counts()
    }

    /// What [`Bus::raise_shards`] would do.
    pub async fn shard_raise(&self, to: u16) -> Result<ShardRaise, BusError> {
        let plan = self.shard_plan().await?;
        let layout = raised(&plan, to)?;
        let streams = topology::changes(self.jetstream(), self.settings(), layout).await?;
        Ok(ShardRaise { streams, from: plan.count(), to })
    }

    /// Gives the log so many shards and answers with the generation they are of. Conversations that were begun before
    /// stay where they are; those that begin after it is in force are spread over all. Repeating it is safe at any time,
    /// also after it was broken off; a number that is reached already changes nothing.
    pub async fn raise_shards(&self, to: u16) -> Result<Generation, BusError> {
        let Known { plan, notes, .. } = self.told_shards().await?;
        topology::ensure(self.jetstream(), self.settings(), raised(&plan, to)?).await?;
        if plan.count() < to {
            self.note_shards(to, notes).await?;
        }
        let plan = self.shard_plan().await?;
        match plan.generations().last() {
            Some(last) if last.count == to => Ok(last),
            _ => Err(BusError::ShardsRaisedMeanwhile { stored: plan.count() }),
        }
    }

    /// Whether a worker reads this shard for the database.
    pub async fn is_projected(&self, shard: u16) -> Result<bool, BusError> {
        let stream = self.stream(&subjects::shard_stream(shard)).await?;
        match stream.consumer_info(crate::projection::PROJECTOR).await {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == async_nats::jetstream::context::ConsumerInfoErrorKind::NotFound => {
                Ok(false)
            }
            Err(error) => Err(BusError::unavailable("a consumer", error)),
        }
    }

    /// The server takes the note only if nobody has written another one after the last that this node has read. When it comes in, and
    /// not when it was sent, is what counts: a note that was long under way puts nothing into the past.
    async fn note_shards(&self, to: u16, notes: u64) -> Result<(), BusError> {
        let mut headers = HeaderMap::new();
        headers.insert(NATS_EXPECTED_LAST_SEQUENCE, notes.to_string());
        let context = self.jetstream();
        let sent = self
            .bounded("a publish", async {
                context
                    .publish_with_headers(SHARDS_NOTED, headers, to.to_string().into())
                    .await
                    .map_err(BusError::publish)
            })
            .await?;
        match sent.await {
            Ok(_) => Ok(()),
            // Whether the other's number is this one is seen when all of them are read.
            Err(error) if error.kind() == PublishErrorKind::WrongLastSequence => Ok(()),
            Err(error) => Err(BusError::publish(error)),
        }
    }
}

fn raised(plan: &ShardPlan, to: u16) -> Result<Layout, BusError> {
    if to < plan.count() {
        return Err(BusError::ShardsLowered { stored: plan.count(), wanted: to });
    }
    Ok(Layout { first: plan.first(), count: to })
}
