//! The work queue: commands, each carried out by one worker, again and again until it is acknowledged.

use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::header::NATS_MESSAGE_ID;
use bytes::Bytes;
use confab_protocol::{CommandId, TenantId, UnixMillis};

use crate::ack::Ackable;
use crate::bus::Bus;
use crate::error::BusError;
use crate::pull::{Delivered, Pulled, Puller};
use crate::subjects::{self, COMMAND, REPLY, WORK};

/// The consumer all workers share.
pub(crate) const WORKERS: &str = "workers";
/// Commands a worker holds in advance. Few, so that they are spread evenly and none waits behind a slow one.
const AHEAD: usize = 16;
/// Commands under way in all workers together; whatever comes after them waits in the queue.
const UNDER_WAY: i64 = 4096;

/// Submits commands and hands them to workers.
#[derive(Debug, Clone)]
pub struct WorkQueue {
    bus: Bus,
}

/// What became of a submitted command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Submitted {
    /// Whether the queue has had a command with this id of this tenant within the duplicate window.
    pub duplicate: bool,
}

/// This worker's end of the queue.
#[derive(Debug)]
pub struct WorkConsumer {
    puller: Puller,
}

/// A command to be carried out.
#[derive(Debug, Clone)]
pub struct WorkItem {
    /// Whose it is.
    pub tenant: TenantId,
    /// The command's name.
    pub name: String,
    /// The command's id.
    pub command_id: CommandId,
    /// The command as it was submitted.
    pub payload: Bytes,
    /// Where its outcome is awaited.
    pub reply_to: Option<String>,
    /// How often it has been delivered, this time included.
    pub delivered: i64,
    /// Its sequence in the queue.
    pub stream_seq: u64,
    /// Its partition, by tenant, in `0..16`.
    pub partition: u16,
    /// When the queue stored it.
    pub submitted_at: UnixMillis,
    ack: Ackable,
}

impl Bus {
    /// The work queue.
    pub fn work(&self) -> WorkQueue {
        WorkQueue { bus: self.clone() }
    }
}

impl WorkQueue {
    /// Stores a command; when this returns it will be carried out. The same id of the same tenant within the
    /// duplicate window stores nothing.
    pub async fn submit(
        &self,
        tenant: &TenantId,
        command: &str,
        command_id: &CommandId,
        payload: Bytes,
        reply_to: Option<&str>,
    ) -> Result<Submitted, BusError> {
        let message_id = subjects::work_message_id(tenant, command_id);
        self.submit_as(&message_id, tenant, command, command_id, payload, reply_to).await
    }

    /// Begins to take commands from the queue that all workers share.
    pub async fn consumer(&self) -> Result<WorkConsumer, BusError> {
        let source = Pulled {
            stream: WORK.to_owned(),
            name: WORKERS,
            filter: "",
            max_deliver: self.bus.settings().max_deliver,
            max_ack_pending: UNDER_WAY,
            ahead: AHEAD,
        };
        Ok(WorkConsumer { puller: Puller::open(&self.bus, source).await? })
    }

    /// Commands that are stored and not finished.
    pub async fn pending(&self) -> Result<u64, BusError> {
        let stream = self.bus.stream(WORK).await?;
        let info = stream.get_info().await.map_err(|error| BusError::unavailable("the work queue", error))?;
        Ok(info.state.messages)
    }

    pub(crate) async fn submit_as(
        &self,
        message_id: &str,
        tenant: &TenantId,
        command: &str,
        command_id: &CommandId,
        payload: Bytes,
        reply_to: Option<&str>,
    ) -> Result<Submitted, BusError> {
        let subject = subjects::work(tenant, command)?;
        let mut headers = HeaderMap::new();
        headers.insert(NATS_MESSAGE_ID, message_id);
        headers.insert(COMMAND, command_id.as_str());
        if let Some(reply_to) = reply_to {
            let reply_to: async_nats::HeaderValue = reply_to
                .parse()
                .map_err(|_| BusError::InvalidName { what: "reply subject", text: reply_to.to_owned() })?;
            headers.insert(REPLY, reply_to);
        }
        let duplicate = self.bus.store(subject, headers, payload).await?;
        Ok(Submitted { duplicate })
    }
}

impl WorkConsumer {
    /// The next command. Safe to cancel: one that has arrived is handed out by the next call.
    pub async fn next(&mut self) -> WorkItem {
        loop {
            let delivered = self.puller.next().await;
            match WorkItem::read(&delivered) {
                Some(item) => return item,
                None => refuse(&delivered, "no command of the hub").await,
            }
        }
    }

    /// Gives back the commands that have arrived but were not taken.
    pub async fn close(self) {
        self.puller.close().await;
    }
}

impl WorkItem {
    /// Done. Returns when the server has taken note.
    pub async fn ack(&self) -> Result<(), BusError> {
        self.ack.ack().await
    }

    /// Not done; deliver again after `delay`.
    pub async fn nak(&self, delay: Duration) -> Result<(), BusError> {
        self.ack.nak(delay).await
    }

    /// Still at it: the time allowed starts anew.
    pub async fn progress(&self) -> Result<(), BusError> {
        self.ack.progress().await
    }

    /// Never deliver again; nothing is kept. [`crate::DeadLetters::bury`] keeps it.
    pub async fn term(&self, reason: &str) -> Result<(), BusError> {
        self.ack.term(reason).await
    }

    fn read(delivered: &Delivered) -> Option<Self> {
        let message = &delivered.message;
        let headers = message.headers.as_ref()?;
        let (partition, tenant, name) = subjects::parse_work(&message.subject)?;
        Some(Self {
            tenant,
            name: name.to_owned(),
            command_id: headers.get(COMMAND)?.as_str().parse().ok()?,
            payload: message.payload.clone(),
            reply_to: headers.get(REPLY).map(|value| value.as_str().to_owned()),
            delivered: delivered.times,
            stream_seq: delivered.stream_seq,
            partition,
            submitted_at: delivered.time,
            ack: delivered.ack.clone(),
        })
    }
}

/// Takes a message that nobody can read off its queue.
pub(crate) async fn refuse(delivered: &Delivered, reason: &'static str) {
    tracing::error!(subject = %delivered.message.subject, reason, "a message on the bus cannot be read");
    if let Err(error) = delivered.ack.term(reason).await {
        tracing::warn!(%error, "it will come again");
    }
}
