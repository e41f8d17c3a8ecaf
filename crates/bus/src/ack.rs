//! Saying what became of a delivered item.

use std::time::Duration;

use async_nats::jetstream::AckKind;
use async_nats::{Client, Request, Subject};
use bytes::Bytes;

use crate::bus::Bus;
use crate::error::BusError;

/// What has to be told to the server about one delivered item. Without any of it the item is delivered again when
/// the consumer's time for it has passed.
#[derive(Debug, Clone)]
pub struct Ackable {
    client: Client,
    subject: Subject,
    limit: Duration,
}

impl Ackable {
    pub(crate) fn of(bus: &Bus, message: &async_nats::Message) -> Option<Self> {
        let limit = bus.settings().publish_timeout;
        Some(Self { client: bus.client().clone(), subject: message.reply.clone()?, limit })
    }

    /// Done. Returns when the server has taken note, so that the item won't come again.
    pub async fn ack(&self) -> Result<(), BusError> {
        self.confirmed(AckKind::Ack.into()).await
    }

    /// Done, without waiting for the server: should the word be lost, the item comes again.
    pub async fn ack_unconfirmed(&self) -> Result<(), BusError> {
        self.send(AckKind::Ack.into()).await
    }

    /// Not done; deliver again after `delay`.
    pub async fn nak(&self, delay: Duration) -> Result<(), BusError> {
        self.send(AckKind::Nak(Some(delay)).into()).await
    }

    /// Still at it: the time allowed starts anew.
    pub async fn progress(&self) -> Result<(), BusError> {
        self.send(AckKind::Progress.into()).await
    }

    /// Never deliver again. The reason goes into the server's notice of it.
    pub async fn term(&self, reason: &str) -> Result<(), BusError> {
        let reason: String = reason.chars().filter(|symbol| !symbol.is_control()).collect();
        self.confirmed(format!("+TERM {reason}").into()).await
    }

    async fn confirmed(&self, payload: Bytes) -> Result<(), BusError> {
        let request = Request::new().payload(payload).timeout(Some(self.limit));
        self.client
            .send_request(self.subject.clone(), request)
            .await
            .map_err(|error| BusError::request("an acknowledgement", error))?;
        Ok(())
    }

    async fn send(&self, payload: Bytes) -> Result<(), BusError> {
        let sent = self.client.publish(self.subject.clone(), payload);
        match tokio::time::timeout(self.limit, sent).await {
            Ok(result) => result.map_err(|error| BusError::unavailable("an acknowledgement", error)),
            Err(_) => Err(BusError::Timeout("an acknowledgement")),
        }
    }
}
