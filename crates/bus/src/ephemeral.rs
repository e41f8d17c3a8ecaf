//! What need not last: ephemeral events of channels, and receipts on their way to the workers.

use async_nats::Subscriber;
use bytes::Bytes;
use confab_protocol::{Channel, ConversationId, TenantId};
use futures::StreamExt as _;

use crate::bus::Bus;
use crate::error::BusError;
use crate::subjects;

/// Workers that share the receipts.
const RECEIPTS_GROUP: &str = "receipts";

/// Receipts for this worker.
#[derive(Debug)]
pub struct Receipts {
    subscriber: Subscriber,
}

/// A receipt to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Whose it is.
    pub tenant: TenantId,
    /// What it is about.
    pub conversation: ConversationId,
    /// The receipt as it was published.
    pub payload: Bytes,
}

impl Bus {
    /// Sends an event to whoever follows the channel at this moment. Without a connection it is dropped: it would be
    /// stale when it arrived.
    pub async fn publish_ephemeral(&self, channel: &Channel, payload: Bytes) -> Result<(), BusError> {
        if !self.is_connected() {
            return Ok(());
        }
        self.publish(subjects::ephemeral(channel), payload).await
    }

    /// Follows a channel's ephemeral events; a stream of their payloads.
    pub async fn subscribe_ephemeral(
        &self,
        channel: &Channel,
    ) -> Result<impl futures::Stream<Item = Bytes> + Send + Unpin + use<>, BusError> {
        let subscriber = self.subscribe(subjects::ephemeral(channel)).await?;
        Ok(subscriber.map(|message| message.payload))
    }

    /// Sends a receipt to one of the workers.
    pub async fn publish_receipt(
        &self,
        tenant: &TenantId,
        conversation: &ConversationId,
        payload: Bytes,
    ) -> Result<(), BusError> {
        self.publish(subjects::receipt(tenant, conversation), payload).await
    }

    /// This worker's share of all receipts.
    pub async fn subscribe_receipts(&self) -> Result<Receipts, BusError> {
        let asked = self.client().queue_subscribe(subjects::RECEIPTS, RECEIPTS_GROUP.to_owned());
        let subscriber = self
            .bounded("a subscription", async {
                asked.await.map_err(|error| BusError::unavailable("a subscription", error))
            })
            .await?;
        Ok(Receipts { subscriber })
    }
}

impl Receipts {
    /// The next receipt; `None` when the bus was drained. Safe to cancel.
    pub async fn next(&mut self) -> Option<Receipt> {
        loop {
            let message = self.subscriber.next().await?;
            let Some((tenant, conversation)) = subjects::parse_receipt(&message.subject) else {
                tracing::debug!(subject = %message.subject, "a receipt for nothing that can be");
                continue;
            };
            return Some(Receipt { tenant, conversation, payload: message.payload });
        }
    }
}
