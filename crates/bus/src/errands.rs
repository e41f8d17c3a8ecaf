//! Errands: what the hub does for people outside its own records, such as asking somebody's endpoint or sending e-mail.
//!
//! A queue of their own, so that slow strangers never stand before commands. It is bounded: when it is full, new ones are
//! refused.

use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::header::{HeaderValue, NATS_MESSAGE_ID};
use bytes::Bytes;
use confab_protocol::{TenantId, UnixMillis};

use crate::ack::Ackable;
use crate::bus::Bus;
use crate::error::BusError;
use crate::pull::{Delivered, Pulled, Puller};
use crate::subjects::{self, ERRANDS};
use crate::work::refuse;

/// Errands a worker holds in advance.
const AHEAD: usize = 8;
/// Errands under way in all workers together.
const UNDER_WAY: i64 = 1024;

/// What sort of errand. Those of one sort never wait for those of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrandKind {
    /// An automatic reply.
    Reply,
    /// E-mail.
    Mail,
}

impl ErrandKind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Mail => "mail",
        }
    }

    /// Name of the consumer, and the subjects it takes.
    pub(crate) fn consumer(self) -> (&'static str, &'static str) {
        match self {
            Self::Reply => ("replies", "errand.reply.>"),
            Self::Mail => ("mails", "errand.mail.>"),
        }
    }
}

/// Gives errands and takes them.
#[derive(Debug, Clone)]
pub struct Errands {
    bus: Bus,
}

/// This worker's end of one sort of errands.
#[derive(Debug)]
pub struct ErrandConsumer {
    puller: Puller,
}

/// An errand to be run.
#[derive(Debug, Clone)]
pub struct Errand {
    /// Whose it is.
    pub tenant: TenantId,
    /// What to do.
    pub payload: Bytes,
    /// How often it has been delivered, this time included.
    pub delivered: i64,
    /// When it was given.
    pub given_at: UnixMillis,
    ack: Ackable,
}

impl Bus {
    /// The errands.
    pub fn errands(&self) -> Errands {
        Errands { bus: self.clone() }
    }
}

impl Errands {
    /// Gives an errand. The same id of the same tenant within the duplicate window stores nothing.
    pub async fn give(
        &self,
        kind: ErrandKind,
        tenant: &TenantId,
        id: &str,
        payload: Bytes,
    ) -> Result<(), BusError> {
        let id: HeaderValue = format!("{tenant}:{}:{id}", kind.as_str())
            .parse()
            .map_err(|_| BusError::InvalidName { what: "errand", text: id.to_owned() })?;
        let mut headers = HeaderMap::new();
        headers.insert(NATS_MESSAGE_ID, id);
        self.bus.store(subjects::errand(kind.as_str(), tenant), headers, payload).await?;
        Ok(())
    }

    /// Begins to take errands of a sort, which all workers share. They come again until they are acknowledged.
    pub async fn consumer(&self, kind: ErrandKind) -> Result<ErrandConsumer, BusError> {
        let (name, filter) = kind.consumer();
        let source = Pulled {
            stream: ERRANDS.to_owned(),
            name,
            filter,
            max_deliver: -1,
            max_ack_pending: UNDER_WAY,
            ahead: AHEAD,
        };
        Ok(ErrandConsumer { puller: Puller::open(&self.bus, source).await? })
    }
}

impl ErrandConsumer {
    /// The next errand. Safe to cancel.
    pub async fn next(&mut self) -> Errand {
        loop {
            let delivered = self.puller.next().await;
            match Errand::read(&delivered) {
                Some(errand) => return errand,
                None => refuse(&delivered, "no errand of the hub").await,
            }
        }
    }

    /// Gives back the errands that have arrived but were not taken.
    pub async fn close(self) {
        self.puller.close().await;
    }
}

impl Errand {
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

    /// Never deliver again.
    pub async fn term(&self, reason: &str) -> Result<(), BusError> {
        self.ack.term(reason).await
    }

    fn read(delivered: &Delivered) -> Option<Self> {
        Some(Self {
            tenant: subjects::parse_errand(&delivered.message.subject)?,
            payload: delivered.message.payload.clone(),
            delivered: delivered.times,
            given_at: delivered.time,
            ack: delivered.ack.clone(),
        })
    }
}
