//! One shard of the log as the projector reads it: in batches, each entry acknowledged by itself.
//!
//! Acknowledging the last one for all would be cheaper, and wrong as soon as two workers read one shard: it would
//! take note of entries that the other has not yet written.

use std::time::Duration;

use bytes::Bytes;
use confab_protocol::{Channel, TenantId, UnixMillis, UserId};
use tokio::time::{Instant, timeout_at};

use crate::ack::Ackable;
use crate::bus::Bus;
use crate::error::BusError;
use crate::log::{customer, tenant};
use crate::pull::{Delivered, Pulled, Puller};
use crate::subjects;
use crate::work::refuse;

pub(crate) const PROJECTOR: &str = "projector";
/// Entries held in advance.
const AHEAD: usize = 1000;
/// Entries read and not yet written, by all workers together.
const UNDER_WAY: i64 = 20_000;

/// Reads one shard.
#[derive(Debug)]
pub struct ProjectorConsumer {
    puller: Puller,
    /// What a cancelled call has already read.
    batch: Vec<ProjectedEntry>,
    /// When the batch is handed out, full or not.
    due: Option<Instant>,
}

/// An entry to be written to the database.
#[derive(Debug, Clone)]
pub struct ProjectedEntry {
    /// Where it stands.
    pub channel: Channel,
    /// In which shard it lies.
    pub shard: u16,
    /// Whose it is.
    pub tenant: TenantId,
    /// The customer of the conversation, when the publisher named them.
    pub customer: Option<UserId>,
    /// Its sequence.
    pub seq: u64,
    /// The entry as it was published.
    pub payload: Bytes,
    /// When the log stored it.
    pub time: UnixMillis,
    /// How often it has been delivered, this time included.
    pub delivered: i64,
    /// What became of it.
    pub ackable: Ackable,
}

impl Bus {
    /// Begins to read one shard, in `0..shards`. Any number of workers may read the same one.
    pub async fn projection(&self, shard: u16) -> Result<ProjectorConsumer, BusError> {
        self.log_reader(shard, PROJECTOR).await
    }

    /// The same for another purpose, with its own place in the log.
    pub(crate) async fn log_reader(
        &self,
        shard: u16,
        name: &'static str,
    ) -> Result<ProjectorConsumer, BusError> {
        let source = Pulled {
            stream: subjects::shard_stream(shard),
            name,
            filter: "",
            max_deliver: -1,
            max_ack_pending: UNDER_WAY,
            ahead: AHEAD,
        };
        let puller = Puller::open(self, source).await?;
        Ok(ProjectorConsumer { puller, batch: Vec::new(), due: None })
    }
}

impl ProjectorConsumer {
    /// The next entries: at most `max`, at least one, those that come within `linger` of the first. Safe to cancel:
    /// what was read is handed out by the next call.
    pub async fn batch(&mut self, max: usize, linger: Duration) -> Vec<ProjectedEntry> {
        while self.batch.len() < max {
            let delivered = match self.due {
                None => self.puller.next().await,
                Some(due) => match timeout_at(due, self.puller.next()).await {
                    Ok(delivered) => delivered,
                    Err(_) => break,
                },
            };
            match ProjectedEntry::read(&delivered) {
                Some(entry) => self.batch.push(entry),
                None => refuse(&delivered, "no entry of the log").await,
            }
            if self.due.is_none() && !self.batch.is_empty() {
                self.due = Some(Instant::now() + linger);
            }
        }
        self.due = None;
        std::mem::take(&mut self.batch)
    }

    /// Written: the entries won't come again, unless the word is lost.
    pub async fn ack_all(&self, batch: &[ProjectedEntry]) -> Result<(), BusError> {
        for entry in batch {
            entry.ackable.ack_unconfirmed().await?;
        }
        Ok(())
    }

    /// Still at it: the time allowed for each of them starts anew.
    pub async fn progress_all(&self, batch: &[ProjectedEntry]) -> Result<(), BusError> {
        for entry in batch {
            entry.ackable.progress().await?;
        }
        Ok(())
    }

    /// Entries of the shard that are not acknowledged.
    pub async fn lag(&self) -> Result<u64, BusError> {
        let info = self.puller.info().await?;
        Ok(info.num_pending + info.num_ack_pending as u64)
    }

    /// Gives back the entries that have arrived but were not handed out.
    pub async fn close(self) {
        for entry in &self.batch {
            if entry.ackable.nak(Duration::ZERO).await.is_err() {
                return;
            }
        }
        self.puller.close().await;
    }
}

impl ProjectedEntry {
    fn read(delivered: &Delivered) -> Option<Self> {
        let message = &delivered.message;
        let headers = message.headers.as_ref()?;
        Some(Self {
            channel: subjects::channel_of(&message.subject)?,
            shard: subjects::shard_of(&message.subject)?,
            tenant: tenant(headers)?,
            customer: customer(headers),
            seq: delivered.stream_seq,
            payload: message.payload.clone(),
            time: delivered.time,
            delivered: delivered.times,
            ackable: delivered.ack.clone(),
        })
    }
}
