//! Reading stored messages straight from a stream, many with one request, which the library has no call for.
//!
//! Format: NATS architecture decision record 31, "JetStream Direct Get", with its batches.

use std::time::Duration;

use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::RawMessageError;
use async_nats::{Message, Subscriber};
use bytes::Bytes;
use futures::StreamExt as _;
use serde::Serialize;
use tokio::time::timeout;

use crate::bus::Bus;
use crate::error::{BusError, optional};

/// Messages asked for at once.
pub(crate) const BATCH: usize = 256;

const END_OF_BATCH: u16 = 204;
const NOT_FOUND: u16 = 404;
const NO_RESPONDERS: u16 = 503;
const PENDING: &str = "Nats-Num-Pending";
/// How long the leader of a stream may say nothing until it is asked again.
const LEADER_PATIENCE: Duration = Duration::from_secs(1);

/// Which messages are wanted.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Wanted<'a> {
    /// From a sequence on, of one subject.
    Next {
        /// The first sequence.
        seq: u64,
        /// The subject.
        next_by_subj: &'a str,
        /// How many at most.
        batch: usize,
    },
    /// From a time on, of one subject.
    Since {
        /// The time (RFC 3339).
        start_time: String,
        /// The subject.
        next_by_subj: &'a str,
        /// How many at most.
        batch: usize,
    },
    /// The last one of each subject that matches.
    Last {
        /// Subjects, wildcards allowed.
        multi_last: [&'a str; 1],
        /// How many at most.
        batch: usize,
    },
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) messages: Vec<StreamMessage>,
    /// How many more there are behind these.
    pub(crate) pending: u64,
}

impl Bus {
    /// Reads a batch.
    ///
    /// The request goes over the same connection as subscriptions do, in order: one made before it is in force on
    /// the server when the batch is read. In a cluster that holds for the server this node is connected to, and a
    /// replica that lags may answer; see [`crate::Log::replay`].
    pub(crate) async fn read_batch(&self, stream: &str, wanted: &Wanted<'_>) -> Result<Batch, BusError> {
        let request = serde_json::to_vec(wanted).map_err(|_| BusError::Malformed("a request for a batch"))?;
        let _permit = self.read_permit().await?;
        self.bounded("a read", async {
            let inbox = self.client().new_inbox();
            let mut answers = self.subscribe(inbox.clone()).await?;
            self.client()
                .publish_with_reply(format!("$JS.API.DIRECT.GET.{stream}"), inbox, Bytes::from(request))
                .await
                .map_err(|error| BusError::unavailable("a read", error))?;
            collect(&mut answers).await
        })
        .await
    }

    /// The last message of a subject, as the stream's leader has it.
    pub(crate) async fn last_stored(
        &self,
        stream: &str,
        subject: &str,
    ) -> Result<Option<StreamMessage>, BusError> {
        let handle = self.stream(stream).await?;
        if self.is_replicated() {
            let ask = || handle.raw_message_builder().last_by_subject(subject).send();
            return self.ask_leader(ask).await;
        }
        let builder = handle.direct_get_builder().last_by_subject(subject);
        optional(builder.send().await.map_err(BusError::direct_get))
    }

    /// The first message from `seq` on whose subject matches, as the stream's leader has it.
    pub(crate) async fn next_stored(
        &self,
        stream: &str,
        seq: u64,
        subject: &str,
    ) -> Result<Option<StreamMessage>, BusError> {
        let handle = self.stream(stream).await?;
        if self.is_replicated() {
            let ask = || handle.raw_message_builder().sequence(seq).next_by_subject(subject).send();
            return self.ask_leader(ask).await;
        }
        let builder = handle.direct_get_builder().sequence(seq).next_by_subject(subject);
        optional(builder.send().await.map_err(BusError::direct_get))
    }

    /// The message with this sequence, as the stream's leader has it.
    pub(crate) async fn stored_at(&self, stream: &str, seq: u64) -> Result<Option<StreamMessage>, BusError> {
        let builder = self.stream(stream).await?.raw_message_builder().sequence(seq);
        optional(builder.send().await.map_err(BusError::raw_message))
    }

    /// Asks the leader of a stream, and again when it says nothing: while there is an election nobody has the question,
    /// and the next leader never hears of it.
    async fn ask_leader<Ask>(&self, ask: impl Fn() -> Ask) -> Result<Option<StreamMessage>, BusError>
    where
        Ask: Future<Output = Result<StreamMessage, RawMessageError>>,
    {
        self.bounded("a read", async {
            loop {
                if let Ok(answer) = timeout(LEADER_PATIENCE, ask()).await {
                    return optional(answer.map_err(BusError::raw_message));
                }
            }
        })
        .await
    }

    /// Whether replicas may answer a direct read, which can lag behind the leader.
    pub(crate) fn is_replicated(&self) -> bool {
        self.settings().replicas > 1
    }
}

async fn collect(answers: &mut Subscriber) -> Result<Batch, BusError> {
    let mut messages = Vec::new();
    while let Some(answer) = answers.next().await {
        let Some(status) = answer.status else {
            messages.push(parse(answer)?);
            continue;
        };
        return match status.as_u16() {
            END_OF_BATCH => Ok(Batch { messages, pending: pending(&answer)? }),
            NOT_FOUND => Ok(Batch { messages, pending: 0 }),
            NO_RESPONDERS => {
                Err(BusError::unavailable("a read", "no server keeps the stream at this moment"))
            }
            _ => {
                let description = answer.description.unwrap_or_default();
                Err(BusError::unavailable("a read", format!("{status} {description}")))
            }
        };
    }
    Err(BusError::unavailable("a read", "the connection was closed"))
}

fn parse(answer: Message) -> Result<StreamMessage, BusError> {
    StreamMessage::try_from(answer).map_err(|_| BusError::Malformed("a message without its headers"))
}

fn pending(end: &Message) -> Result<u64, BusError> {
    let header = end.headers.as_ref().and_then(|headers| headers.get(PENDING));
    header
        .and_then(|value| value.as_str().parse().ok())
        .ok_or(BusError::Malformed("the end of a batch without its count"))
}
