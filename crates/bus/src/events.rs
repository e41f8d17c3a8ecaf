//! What others may follow: the streams `chat.lifecycle` and `chat.messages`, and the reader of the log they are made from.

use async_nats::HeaderMap;
use async_nats::header::{HeaderValue, NATS_MESSAGE_ID};
use bytes::Bytes;
use confab_protocol::{ConversationId, TenantId};

use crate::ack::Ackable;
use crate::bus::Bus;
use crate::error::BusError;
use crate::log::PendingAck;
use crate::projection::ProjectorConsumer;
use crate::pull::{Pulled, Puller};
use crate::subjects::{self, TENANT};

/// The consumer all workers share.
pub(crate) const EVENTS: &str = "events";
/// Events a reader holds in advance.
const AHEAD: usize = 64;
/// Events read and not yet acknowledged.
const UNDER_WAY: i64 = 1000;

/// A stream that others can follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventStream {
    /// `chat.lifecycle`.
    Lifecycle,
    /// `chat.messages`.
    Messages,
}

/// Reads a stream of events, for who embeds the hub; from outside any NATS client does.
#[derive(Debug)]
pub struct EventReader {
    puller: Puller,
}

/// An event of a stream.
#[derive(Debug)]
pub struct ReadEvent {
    /// Where it lies, as `chat.lifecycle.acme.CONVERSATION_CLOSED`.
    pub subject: String,
    /// The event, as JSON.
    pub payload: Bytes,
    /// How often it has been delivered, this time included.
    pub delivered: i64,
    /// What became of it. Without a word it comes again.
    pub ackable: Ackable,
}

impl EventReader {
    /// The next event; never, once the bus was drained. Safe to cancel.
    pub async fn next(&mut self) -> ReadEvent {
        let delivered = self.puller.next().await;
        let message = delivered.message;
        ReadEvent {
            subject: message.subject.to_string(),
            payload: message.payload,
            delivered: delivered.times,
            ackable: delivered.ack,
        }
    }
}

impl Bus {
    /// Begins to read one shard of the log for events, in `0..shards`. Any number of workers may read the same one.
    pub async fn event_source(&self, shard: u16) -> Result<ProjectorConsumer, BusError> {
        self.log_reader(shard, EVENTS).await
    }

    /// Begins to read a stream of events from its beginning, or from where the reader of this name was.
    pub async fn read_events(
        &self,
        stream: EventStream,
        name: &'static str,
    ) -> Result<EventReader, BusError> {
        let stream = match stream {
            EventStream::Lifecycle => subjects::CHAT_LIFECYCLE,
            EventStream::Messages => subjects::CHAT_MESSAGES,
        };
        let source = Pulled {
            stream: stream.to_owned(),
            name,
            filter: "",
            max_deliver: -1,
            max_ack_pending: UNDER_WAY,
            ahead: AHEAD,
        };
        Ok(EventReader { puller: Puller::open(self, source).await? })
    }

    /// Tells others of a step in the life of a conversation. The same id within the duplicate window stores nothing.
    pub async fn publish_lifecycle(
        &self,
        tenant: &TenantId,
        kind: &str,
        id: &str,
        payload: Bytes,
    ) -> Result<PendingAck, BusError> {
        self.publish_event(subjects::lifecycle(tenant, kind)?, tenant, id, payload).await
    }

    /// Tells others of a message. The same id within the duplicate window stores nothing.
    pub async fn publish_message(
        &self,
        tenant: &TenantId,
        conversation: &ConversationId,
        id: &str,
        payload: Bytes,
    ) -> Result<PendingAck, BusError> {
        self.publish_event(subjects::messages(tenant, conversation), tenant, id, payload).await
    }

    async fn publish_event(
        &self,
        subject: String,
        tenant: &TenantId,
        id: &str,
        payload: Bytes,
    ) -> Result<PendingAck, BusError> {
        let id: HeaderValue =
            id.parse().map_err(|_| BusError::InvalidName { what: "event", text: id.to_owned() })?;
        let mut headers = HeaderMap::new();
        headers.insert(NATS_MESSAGE_ID, id);
        headers.insert(TENANT, tenant.as_str());
        let sent = self
            .bounded("a publish", async {
                let sent = self.jetstream().publish_with_headers(subject, headers, payload);
                sent.await.map_err(BusError::publish)
            })
            .await?;
        Ok(PendingAck::new(sent, self.settings().publish_timeout))
    }
}
