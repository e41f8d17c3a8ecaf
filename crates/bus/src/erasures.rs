//! Taking a channel out of the log on behalf of those who may not: edges ask, workers do it.
//!
//! Purging is administration of a stream, and the server can't limit it to a subject. So edges have no right to it.

use async_nats::{Request, Subscriber};
use bytes::Bytes;
use confab_protocol::{Channel, TenantId};
use futures::StreamExt as _;

use crate::bus::Bus;
use crate::error::BusError;
use crate::subjects;

/// Workers that share the requests.
const GROUP: &str = "erasures";
/// The answer of a worker that has done it.
const DONE: &[u8] = b"done";

/// Requests for this worker.
#[derive(Debug)]
pub struct Erasures {
    subscriber: Subscriber,
}

/// A request to take a channel's entries out of the log.
#[derive(Debug)]
pub struct Erasure {
    /// Whose it is.
    pub tenant: TenantId,
    /// What is to go.
    pub channel: Channel,
    reply: String,
}

impl Bus {
    /// Has a worker take all entries of a channel out of the log; fails when none does within the publish timeout.
    pub async fn erase(&self, tenant: &TenantId, channel: &Channel) -> Result<(), BusError> {
        let limit = self.settings().publish_timeout;
        let request = Request::new().payload(channel.to_string().into()).timeout(Some(limit));
        let answer = self
            .client()
            .send_request(subjects::erasure(tenant), request)
            .await
            .map_err(|error| BusError::request("an erasure", error))?;
        if answer.payload.as_ref() == DONE {
            return Ok(());
        }
        Err(BusError::unavailable("an erasure", String::from_utf8_lossy(&answer.payload).into_owned()))
    }

    /// This worker's share of the requests.
    pub async fn erasures(&self) -> Result<Erasures, BusError> {
        let asked = self.client().queue_subscribe(subjects::ERASURES, GROUP.to_owned());
        let subscriber = self
            .bounded("a subscription", async {
                asked.await.map_err(|error| BusError::unavailable("a subscription", error))
            })
            .await?;
        Ok(Erasures { subscriber })
    }

    /// Tells who asked what became of it.
    pub async fn answer(&self, erasure: &Erasure, outcome: Result<(), String>) -> Result<(), BusError> {
        let payload = outcome.map_or_else(Bytes::from, |()| Bytes::from_static(DONE));
        self.publish(erasure.reply.clone(), payload).await
    }
}

impl Erasures {
    /// The next request; `None` when the bus was drained. Safe to cancel.
    pub async fn next(&mut self) -> Option<Erasure> {
        loop {
            let message = self.subscriber.next().await?;
            let tenant = message.subject.strip_prefix("erase.").and_then(|tenant| tenant.parse().ok());
            let channel = std::str::from_utf8(&message.payload).ok().and_then(|name| name.parse().ok());
            let (Some(tenant), Some(channel), Some(reply)) = (tenant, channel, message.reply) else {
                tracing::warn!(subject = %message.subject, "a request to erase nothing that can be");
                continue;
            };
            return Some(Erasure { tenant, channel, reply: reply.to_string() });
        }
    }
}
