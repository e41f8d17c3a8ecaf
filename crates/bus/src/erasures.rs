//! Taking a channel out of the log, and what names a conversation out of the other streams, on behalf of those who may not:
//! edges ask, workers do it.
//!
//! Purging is administration of a stream, and the server can't limit it to a subject. So edges have no right to it.

use async_nats::{Request, Subscriber};
use bytes::Bytes;
use confab_protocol::{Channel, TenantId};
use futures::StreamExt as _;
use serde::{Deserialize, Serialize};

use crate::bus::Bus;
use crate::error::BusError;
use crate::subjects;
use crate::traces::{Traces, TracesMark, TracesStep};

/// Workers that share the requests.
const GROUP: &str = "erasures";

/// Requests for this worker.
#[derive(Debug)]
pub struct Erasures {
    subscriber: Subscriber,
}

/// What is to go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// All entries of a channel, in the log.
    Channel(Channel),
    /// What the other streams say of conversations, from a mark on.
    Traces(Traces, TracesMark),
}

/// A request to take something out of the streams.
#[derive(Debug)]
pub struct Erasure {
    /// Whose it is.
    pub tenant: TenantId,
    /// What is to go.
    pub wish: Wish,
    reply: String,
}

/// What became of a request.
type Outcome = Result<TracesStep, String>;

impl Bus {
    /// Has a worker take all entries of a channel out of the log; fails when none does within the publish timeout.
    pub async fn erase(&self, tenant: &TenantId, channel: &Channel) -> Result<(), BusError> {
        self.ask_to_erase(tenant, &Wish::Channel(channel.clone())).await.map(drop)
    }

    /// Has workers take traces out of the other streams, step by step, and says how many entries that were. Fails when no
    /// worker makes a step within the publish timeout; it can be repeated.
    pub async fn erase_traces(&self, tenant: &TenantId, traces: &Traces) -> Result<u64, BusError> {
        let mut removed = 0;
        let mut mark = TracesMark::default();
        loop {
            let step = self.ask_to_erase(tenant, &Wish::Traces(traces.clone(), mark)).await?;
            removed += step.removed;
            match step.next {
                Some(next) => mark = next,
                None => return Ok(removed),
            }
        }
    }

    async fn ask_to_erase(&self, tenant: &TenantId, wish: &Wish) -> Result<TracesStep, BusError> {
        let limit = self.settings().publish_timeout;
        let payload = serde_json::to_vec(wish).map_err(|_| BusError::Malformed("a request to erase"))?;
        let request = Request::new().payload(payload.into()).timeout(Some(limit));
        let answer = self
            .client()
            .send_request(subjects::erasure(tenant), request)
            .await
            .map_err(|error| BusError::request("an erasure", error))?;
        let outcome: Outcome = serde_json::from_slice(&answer.payload)
            .map_err(|_| BusError::Malformed("the answer to a request to erase"))?;
        outcome.map_err(|reason| BusError::unavailable("an erasure", reason))
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
    pub async fn answer(&self, erasure: &Erasure, outcome: Outcome) -> Result<(), BusError> {
        let payload = serde_json::to_vec(&outcome).map_err(|_| BusError::Malformed("an answer"))?;
        self.publish(erasure.reply.clone(), Bytes::from(payload)).await
    }
}

impl Erasures {
    /// The next request; `None` when the bus was drained. Safe to cancel.
    pub async fn next(&mut self) -> Option<Erasure> {
        loop {
            let message = self.subscriber.next().await?;
            let tenant = message.subject.strip_prefix("erase.").and_then(|tenant| tenant.parse().ok());
            let wish = serde_json::from_slice(&message.payload).ok();
            let (Some(tenant), Some(wish), Some(reply)) = (tenant, wish, message.reply) else {
                tracing::warn!(subject = %message.subject, "a request to erase nothing that can be");
                continue;
            };
            return Some(Erasure { tenant, wish, reply: reply.to_string() });
        }
    }
}
