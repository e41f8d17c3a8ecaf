//! A durable consumer that is pulled from for ever, whatever happens to the connection or the server.
//!
//! All requests of one puller are answered at one inbox that lives as long as the puller. The library's own stream
//! takes a new inbox for each new beginning, and what the server has sent to the old one meanwhile is lost until the
//! consumer's time for it has passed.

use std::time::Duration;

use async_nats::jetstream::consumer::pull::Config;
use async_nats::jetstream::consumer::{AckPolicy, Info};
use async_nats::{Message, StatusCode, Subscriber};
use confab_protocol::UnixMillis;
use futures::StreamExt as _;
use serde::Serialize;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::ack::Ackable;
use crate::bus::Bus;
use crate::error::BusError;

/// How long one request to the server stands.
const EXPIRES: Duration = Duration::from_secs(30);
/// The server says so often that a request stands.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// After so long without a word the request is taken to be forgotten.
const SILENCE: Duration = Duration::from_secs(11);
const FIRST_WAIT: Duration = Duration::from_millis(50);
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// Pull requests that may wait on one consumer.
const MAX_WAITING: i64 = 512;
/// How long items may take that were on their way when a puller is closed.
const LEAVING: Duration = Duration::from_millis(500);

/// Which consumer, and how much of it this process takes in advance.
#[derive(Debug, Clone)]
pub(crate) struct Pulled {
    pub(crate) stream: String,
    pub(crate) name: &'static str,
    /// Only subjects that match; all when empty.
    pub(crate) filter: &'static str,
    pub(crate) max_deliver: i64,
    pub(crate) max_ack_pending: i64,
    /// Items asked for in advance.
    pub(crate) ahead: usize,
}

/// A message with what the server says of its delivery.
#[derive(Debug)]
pub(crate) struct Delivered {
    pub(crate) message: Message,
    /// This time included.
    pub(crate) times: i64,
    pub(crate) stream_seq: u64,
    /// When the stream stored it.
    pub(crate) time: UnixMillis,
    pub(crate) ack: Ackable,
}

/// A request for items, as the server reads it.
#[derive(Serialize)]
struct Request {
    batch: usize,
    expires: u128,
    idle_heartbeat: u128,
}

#[derive(Debug)]
pub(crate) struct Puller {
    bus: Bus,
    source: Pulled,
    connections: watch::Receiver<u64>,
    inbox: String,
    subscriber: Subscriber,
    /// Items the server may still send on requests made so far.
    outstanding: usize,
    /// Whether the consumer is known to exist.
    ensured: bool,
    heard: Instant,
    wait: Duration,
}

impl Puller {
    /// Creates the consumer, if it isn't there, and begins to pull.
    pub(crate) async fn open(bus: &Bus, source: Pulled) -> Result<Self, BusError> {
        let mut connections = bus.connections();
        connections.mark_unchanged();
        let inbox = bus.client().new_inbox();
        let mut puller = Self {
            bus: bus.clone(),
            source,
            connections,
            subscriber: bus.subscribe(inbox.clone()).await?,
            inbox,
            outstanding: 0,
            ensured: false,
            heard: Instant::now(),
            wait: FIRST_WAIT,
        };
        puller.ensure().await?;
        puller.request().await?;
        Ok(puller)
    }

    /// The next item; never, once the bus was drained. Safe to cancel. Failures are retried, with a wait that grows
    /// to two seconds.
    pub(crate) async fn next(&mut self) -> Delivered {
        loop {
            if let Err(error) = self.keep_asking().await {
                tracing::warn!(%error, consumer = self.source.name, "cannot pull; trying again");
                self.ensured = false;
                self.pause().await;
                continue;
            }
            tokio::select! {
                biased;
                message = self.subscriber.next() => {
                    let Some(message) = message else { return std::future::pending().await };
                    self.heard = Instant::now();
                    match self.sort(message) {
                        Sorted::Item(item) => return *item,
                        Sorted::Word => {}
                        Sorted::Refusal => self.pause().await,
                    }
                }
                Ok(()) = self.connections.changed() => self.outstanding = 0,
                () = sleep_until(self.heard + SILENCE) => {
                    tracing::debug!(consumer = self.source.name, "the server is silent; asking anew");
                    self.ensured = false;
                }
            }
        }
    }

    /// Gives back what has arrived but was not taken, so that others get it at once.
    pub(crate) async fn close(mut self) {
        if self.subscriber.drain().await.is_err() {
            return;
        }
        while let Ok(Some(message)) = timeout(LEAVING, self.subscriber.next()).await {
            if let Sorted::Item(item) = self.sort(message)
                && item.ack.nak(Duration::ZERO).await.is_err()
            {
                return;
            }
        }
    }

    pub(crate) async fn info(&self) -> Result<Info, BusError> {
        let stream = self.bus.stream(&self.source.stream).await?;
        stream
            .consumer_info(self.source.name)
            .await
            .map_err(|error| BusError::unavailable("a consumer", error))
    }

    async fn keep_asking(&mut self) -> Result<(), BusError> {
        if !self.ensured {
            self.ensure().await?;
        }
        if self.outstanding <= self.source.ahead / 2 {
            self.request().await?;
        }
        Ok(())
    }

    async fn ensure(&mut self) -> Result<(), BusError> {
        let Pulled { stream, name, filter, max_deliver, max_ack_pending, .. } = self.source.clone();
        let config = Config {
            durable_name: Some(name.to_owned()),
            ack_policy: AckPolicy::Explicit,
            ack_wait: self.bus.settings().ack_wait,
            filter_subject: filter.to_owned(),
            max_deliver,
            max_ack_pending,
            max_waiting: MAX_WAITING,
            ..Config::default()
        };
        let created = self.bus.jetstream().create_consumer_on_stream(config, stream);
        created.await.map_err(|error| BusError::unavailable("a consumer", error))?;
        self.outstanding = 0;
        self.ensured = true;
        self.heard = Instant::now();
        Ok(())
    }

    async fn request(&mut self) -> Result<(), BusError> {
        let batch = self.source.ahead - self.outstanding;
        let request = Request { batch, expires: EXPIRES.as_nanos(), idle_heartbeat: HEARTBEAT.as_nanos() };
        let request = serde_json::to_vec(&request).map_err(|_| BusError::Malformed("a request for items"))?;
        let subject = format!("$JS.API.CONSUMER.MSG.NEXT.{}.{}", self.source.stream, self.source.name);
        let sent = self.bus.client().publish_with_reply(subject, self.inbox.clone(), request.into());
        self.bus
            .bounded("a request for items", async {
                sent.await.map_err(|error| BusError::unavailable("a request for items", error))
            })
            .await?;
        self.outstanding += batch;
        Ok(())
    }

    async fn pause(&mut self) {
        sleep(self.wait).await;
        self.wait = (self.wait * 2).min(LONGEST_WAIT);
    }

    fn sort(&mut self, message: Message) -> Sorted {
        match message.status {
            None => {
                self.outstanding = self.outstanding.saturating_sub(1);
                self.wait = FIRST_WAIT;
                Delivered::read(&self.bus, message).map_or(Sorted::Word, |item| Sorted::Item(Box::new(item)))
            }
            Some(StatusCode::IDLE_HEARTBEAT) => Sorted::Word,
            Some(status) => {
                tracing::debug!(%status, description = ?message.description, "a request for items has ended");
                if let Some(unserved) = unserved(&message) {
                    self.outstanding = self.outstanding.saturating_sub(unserved);
                    return Sorted::Word;
                }
                self.ensured = false;
                Sorted::Refusal
            }
        }
    }
}

/// What came to the inbox.
enum Sorted {
    Item(Box<Delivered>),
    /// Something about a request, dealt with.
    Word,
    /// A request that the server won't or can't serve.
    Refusal,
}

/// How many items the server says it has not sent on a request that has ended.
fn unserved(end: &Message) -> Option<usize> {
    end.headers.as_ref()?.get("Nats-Pending-Messages")?.as_str().parse().ok()
}

impl Delivered {
    fn read(bus: &Bus, message: Message) -> Option<Self> {
        let ack = Ackable::of(bus, &message)?;
        let (times, stream_seq, nanos) = delivery(message.reply.as_deref()?)?;
        Some(Self { times, stream_seq, time: nanos / 1_000_000, ack, message })
    }
}

/// Deliveries, sequence and time in nanoseconds from the subject that acknowledges an item (NATS architecture
/// decision record 15): `$JS.ACK.[<domain>.<account>.]<stream>.<consumer>.<deliveries>.<sequence>.<..>.<time>.<..>`.
fn delivery(subject: &str) -> Option<(i64, u64, u64)> {
    let tokens: Vec<&str> = subject.strip_prefix("$JS.ACK.")?.split('.').collect();
    let tokens = if tokens.len() > 7 { tokens.get(2..)? } else { &tokens[..] };
    Some((tokens.get(2)?.parse().ok()?, tokens.get(3)?.parse().ok()?, tokens.get(5)?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_the_acknowledging_subject_are_read() {
        let expected = Some((3, 100, 1_790_230_470_084_404_000));
        assert_eq!(delivery("$JS.ACK.WORK.workers.3.100.7.1790230470084404000.42"), expected);
        assert_eq!(delivery("$JS.ACK._.szMpdrwD.WORK.workers.3.100.7.1790230470084404000.42"), expected);
        assert_eq!(
            delivery("$JS.ACK.hub.szMpdrwD.WORK.workers.3.100.7.1790230470084404000.42.rand"),
            expected
        );
        for subject in ["", "_INBOX.a", "$JS.ACK.WORK.workers", "$JS.ACK.WORK.workers.x.100.7.1.42"] {
            assert_eq!(delivery(subject), None, "{subject}");
        }
    }
}
