//! Commands that were given up: kept apart, listed, replayed and dropped by an operator.
//!
//! The work queue keeps a command that was tried too often and only sends a notice. A stream of its own makes those
//! notices last, so none is missed while no worker runs.

use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream::message::StreamMessage;
use bytes::Bytes;
use confab_protocol::{CommandId, TenantId, UnixMillis};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use crate::bus::Bus;
use crate::direct::{BATCH, Wanted};
use crate::error::BusError;
use crate::log::millis;
use crate::pull::{Pulled, Puller};
use crate::subjects::{self, ADVISORIES, COMMAND, DEAD, DELIVERIES, REASON, SEQUENCE, WORK};
use crate::work::WorkItem;

const UNDERTAKERS: &str = "dead-letters";
/// The id of a command that was submitted without one, by something else than the hub.
const UNKNOWN: &str = "unknown";
const RETRY: Duration = Duration::from_secs(1);

/// The dead letters.
#[derive(Debug, Clone)]
pub struct DeadLetters {
    bus: Bus,
}

/// A command that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Its sequence among the dead letters, by which it is replayed or dropped.
    pub seq: u64,
    /// Whose it is.
    pub tenant: TenantId,
    /// The command's name.
    pub command: String,
    /// The command's id.
    pub command_id: CommandId,
    /// Why it was given up.
    pub reason: String,
    /// How often it was tried.
    pub deliveries: i64,
    /// When it was given up.
    pub at: UnixMillis,
    /// The command as it was submitted.
    pub payload: Bytes,
}

/// The server's notice of a command tried too often.
#[derive(Debug, Deserialize)]
struct Advisory {
    stream_seq: u64,
    deliveries: i64,
}

/// A command on its way to the dead letters.
struct Burial<'a> {
    tenant: &'a TenantId,
    command: &'a str,
    command_id: &'a str,
    work_seq: u64,
    submitted_at: UnixMillis,
    deliveries: i64,
    reason: &'a str,
    payload: Bytes,
}

impl Bus {
    /// The dead letters.
    pub fn dead_letters(&self) -> DeadLetters {
        DeadLetters { bus: self.clone() }
    }
}

impl DeadLetters {
    /// Moves commands that were tried too often out of the work queue, until `stop` is cancelled. Any number of
    /// workers may do so at once.
    pub async fn run(&self, stop: CancellationToken) -> Result<(), BusError> {
        let source = Pulled {
            stream: ADVISORIES.to_owned(),
            name: UNDERTAKERS,
            filter: "",
            max_deliver: -1,
            max_ack_pending: 1024,
            ahead: 16,
        };
        let mut puller = Puller::open(&self.bus, source).await?;
        while let Some(notice) = stop.run_until_cancelled(puller.next()).await {
            let done = match self.heed(&notice.message.payload).await {
                Ok(()) => notice.ack.ack().await,
                Err(error) => {
                    tracing::warn!(%error, "a dead letter cannot be moved now");
                    notice.ack.nak(RETRY).await
                }
            };
            if let Err(error) = done {
                tracing::debug!(%error, "the notice will come again");
            }
        }
        puller.close().await;
        Ok(())
    }

    /// Keeps a command that can never be carried out, and takes it off the queue.
    pub async fn bury(&self, item: &WorkItem, reason: &str) -> Result<(), BusError> {
        let burial = Burial {
            tenant: &item.tenant,
            command: &item.name,
            command_id: item.command_id.as_str(),
            work_seq: item.stream_seq,
            submitted_at: item.submitted_at,
            deliveries: item.delivered,
            reason,
            payload: item.payload.clone(),
        };
        self.keep(burial).await?;
        item.term(reason).await
    }

    /// The oldest dead letters, at most `limit`.
    pub async fn list(&self, limit: usize) -> Result<Vec<DeadLetter>, BusError> {
        let mut letters = Vec::new();
        let mut next = 1;
        while letters.len() < limit {
            let batch = BATCH.min(limit - letters.len());
            let wanted = Wanted::Next { seq: next, next_by_subj: subjects::DEAD_ALL, batch };
            let batch = self.bus.read_batch(DEAD, &wanted).await?;
            let Some(last) = batch.messages.last() else { break };
            next = last.sequence + 1;
            letters.extend(batch.messages.into_iter().filter_map(DeadLetter::read));
            if batch.pending == 0 {
                break;
            }
        }
        Ok(letters)
    }

    /// How many there are.
    pub async fn count(&self) -> Result<u64, BusError> {
        let stream = self.bus.stream(DEAD).await?;
        let info =
            stream.get_info().await.map_err(|error| BusError::unavailable("the dead letters", error))?;
        Ok(info.state.messages)
    }

    /// Submits a dead letter's command again, with its own id, and drops the letter.
    pub async fn replay(&self, seq: u64) -> Result<(), BusError> {
        let letter = self.get(seq).await?;
        let DeadLetter { tenant, command, command_id, payload, .. } = letter;
        // Another id for the server, which may still know the first one; the same however often this is tried.
        let message_id = format!("{}:dead:{seq}", subjects::work_message_id(&tenant, &command_id));
        self.bus.work().submit_as(&message_id, &tenant, &command, &command_id, payload, None).await?;
        self.remove(DEAD, seq).await
    }

    /// Drops a dead letter for good.
    pub async fn drop(&self, seq: u64) -> Result<(), BusError> {
        self.get(seq).await?;
        self.remove(DEAD, seq).await
    }

    async fn get(&self, seq: u64) -> Result<DeadLetter, BusError> {
        let message = self.bus.stored_at(DEAD, seq).await?.ok_or(BusError::NotFound)?;
        DeadLetter::read(message).ok_or(BusError::Malformed("a dead letter"))
    }

    async fn heed(&self, notice: &[u8]) -> Result<(), BusError> {
        let Ok(Advisory { stream_seq, deliveries }) = serde_json::from_slice(notice) else {
            tracing::error!("a notice of the server cannot be read");
            return Ok(());
        };
        let Some(message) = self.bus.stored_at(WORK, stream_seq).await? else {
            return Ok(());
        };
        let Some((_, tenant, command)) = subjects::parse_work(&message.subject) else {
            return self.remove(WORK, stream_seq).await;
        };
        let command_id = message.headers.get(COMMAND).map_or(UNKNOWN, async_nats::HeaderValue::as_str);
        let reason = format!("tried {deliveries} times");
        let burial = Burial {
            tenant: &tenant,
            command,
            command_id,
            work_seq: stream_seq,
            submitted_at: millis(&message)?,
            deliveries,
            reason: &reason,
            payload: message.payload.clone(),
        };
        self.keep(burial).await?;
        self.remove(WORK, stream_seq).await
    }

    async fn keep(&self, burial: Burial<'_>) -> Result<(), BusError> {
        let Burial { tenant, command, command_id, work_seq, submitted_at, deliveries, reason, payload } =
            burial;
        tracing::error!(%tenant, command, command.id = command_id, deliveries, reason, "a command is given up");
        let reason: String = reason.chars().filter(|symbol| !symbol.is_control()).collect();
        let mut headers = HeaderMap::new();
        headers.insert(NATS_MESSAGE_ID, format!("{work_seq}:{submitted_at}"));
        headers.insert(COMMAND, command_id);
        headers.insert(REASON, reason);
        headers.insert(DELIVERIES, deliveries.to_string());
        headers.insert(SEQUENCE, work_seq.to_string());
        self.bus.store(subjects::dead(tenant, command), headers, payload).await?;
        Ok(())
    }

    async fn remove(&self, stream: &str, seq: u64) -> Result<(), BusError> {
        let stream = self.bus.stream(stream).await?;
        stream
            .delete_message(seq)
            .await
            .map_err(|error| BusError::unavailable("removing a stored command", error))?;
        Ok(())
    }
}

impl DeadLetter {
    fn read(message: StreamMessage) -> Option<Self> {
        let text = |name: &'static str| message.headers.get(name).map(async_nats::HeaderValue::as_str);
        let (tenant, command) = subjects::parse_dead(&message.subject)?;
        Some(Self {
            seq: message.sequence,
            tenant,
            command: command.to_owned(),
            command_id: text(COMMAND)?.parse().ok()?,
            reason: text(REASON).unwrap_or_default().to_owned(),
            deliveries: text(DELIVERIES)?.parse().ok()?,
            at: millis(&message).ok()?,
            payload: message.payload,
        })
    }
}
