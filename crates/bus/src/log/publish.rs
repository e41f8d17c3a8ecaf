//! Publishing: sent in the order of the calls, acknowledged when stored.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::header::{HeaderValue, NATS_MESSAGE_ID};
use async_nats::jetstream::context::PublishAckFuture;
use bytes::Bytes;
use confab_protocol::{Channel, TenantId, UserId};
use tokio::time::{Instant, timeout_at};

use crate::error::BusError;
use crate::log::Log;
use crate::subjects::{CUSTOMER, TENANT};

/// An entry to be stored.
#[derive(Debug)]
pub struct LogEntry<'a> {
    /// Where it goes.
    pub channel: &'a Channel,
    /// Whose it is.
    pub tenant: &'a TenantId,
    /// Known to the server for the duplicate window: the same id again stores nothing.
    pub message_id: &'a str,
    /// The entry, encoded.
    pub payload: Bytes,
    /// The customer of the conversation, for whoever stores the entry elsewhere.
    pub customer: Option<&'a UserId>,
}

/// What became of a published entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    /// Its sequence; for a duplicate the sequence of the first one.
    pub seq: u64,
    /// Whether an entry with this id was already stored.
    pub duplicate: bool,
}

/// The acknowledgement of an entry that has been sent. Dropping it loses only the answer.
pub struct PendingAck {
    ack: Pin<Box<dyn Future<Output = Result<Published, BusError>> + Send>>,
}

impl PendingAck {
    /// The limit counts from now, when the entry was sent, and not from when somebody begins to wait.
    pub(crate) fn new(sent: PublishAckFuture, limit: Duration) -> Self {
        let deadline = Instant::now() + limit;
        let ack = async move {
            match timeout_at(deadline, sent).await {
                Ok(Ok(ack)) => Ok(Published { seq: ack.sequence, duplicate: ack.duplicate }),
                Ok(Err(error)) => Err(BusError::publish(error)),
                Err(_) => Err(BusError::Timeout("a publish")),
            }
        };
        Self { ack: Box::pin(ack) }
    }
}

impl std::fmt::Debug for PendingAck {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("PendingAck").finish_non_exhaustive()
    }
}

impl Future for PendingAck {
    type Output = Result<Published, BusError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.ack.as_mut().poll(context)
    }
}

impl Log {
    /// Hands an entry to the connection and answers with its pending acknowledgement, which comes within the publish
    /// timeout or fails with [`BusError::Timeout`]. After a failure the entry may be stored or not; publishing it
    /// again with the same id is safe.
    ///
    /// Waits only for room: among the publishes in flight and in the connection's queue. Entries are sent in the
    /// order in which the calls return.
    pub async fn publish(&self, entry: LogEntry<'_>) -> Result<PendingAck, BusError> {
        let mut headers = HeaderMap::new();
        let message_id: HeaderValue = entry
            .message_id
            .parse()
            .map_err(|_| BusError::InvalidName { what: "message", text: entry.message_id.to_owned() })?;
        headers.insert(NATS_MESSAGE_ID, message_id);
        headers.insert(TENANT, entry.tenant.as_str());
        if let Some(customer) = entry.customer {
            headers.insert(CUSTOMER, customer.as_str());
        }
        let subject = self.place(entry.channel).await?.subject;
        let context = self.bus.jetstream();
        let sent = self
            .bus
            .bounded("a publish", async {
                context.publish_with_headers(subject, headers, entry.payload).await.map_err(BusError::publish)
            })
            .await?;
        Ok(PendingAck::new(sent, self.bus.settings().publish_timeout))
    }
}
