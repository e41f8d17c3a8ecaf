//! Entries as they come back from the server: stored ones and live ones.

use async_nats::header::{NATS_LAST_SEQUENCE, NATS_SEQUENCE};
use async_nats::jetstream::message::StreamMessage;
use async_nats::{HeaderMap, Message};
use bytes::Bytes;
use confab_protocol::{TenantId, UnixMillis, UserId};

use crate::error::BusError;
use crate::subjects::{CUSTOMER, TENANT};

/// An entry read from the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its sequence.
    pub seq: u64,
    /// The sequence of the channel's entry before it; 0 when it is the first.
    pub prev: u64,
    /// Whose it is.
    pub tenant: TenantId,
    /// The entry as it was published.
    pub payload: Bytes,
    /// When the log stored it.
    pub time: UnixMillis,
}

impl Stored {
    pub(crate) fn read(message: StreamMessage, prev: u64) -> Result<Self, BusError> {
        Ok(Self {
            seq: message.sequence,
            prev,
            tenant: tenant(&message.headers).ok_or(BusError::Malformed("an entry without a tenant"))?,
            time: millis(&message)?,
            payload: message.payload,
        })
    }
}

/// An entry that was stored this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveEntry {
    /// Its sequence.
    pub seq: u64,
    /// The sequence of the channel's entry before it; 0 when none was stored then.
    pub prev: u64,
    /// Whose it is.
    pub tenant: TenantId,
    /// The entry as it was published.
    pub payload: Bytes,
}

impl LiveEntry {
    pub(crate) fn read(message: Message) -> Option<Self> {
        let headers = message.headers.as_ref()?;
        Some(Self {
            seq: number(headers, NATS_SEQUENCE)?,
            prev: number(headers, NATS_LAST_SEQUENCE)?,
            tenant: tenant(headers)?,
            payload: message.payload,
        })
    }
}

pub(crate) fn tenant(headers: &HeaderMap) -> Option<TenantId> {
    headers.get(TENANT)?.as_str().parse().ok()
}

pub(crate) fn customer(headers: &HeaderMap) -> Option<UserId> {
    headers.get(CUSTOMER)?.as_str().parse().ok()
}

/// When a message was stored.
pub(crate) fn millis(message: &StreamMessage) -> Result<UnixMillis, BusError> {
    u64::try_from(message.time.unix_timestamp_nanos() / 1_000_000)
        .map_err(|_| BusError::Malformed("a message from before 1970"))
}

fn number(headers: &HeaderMap, name: impl async_nats::header::IntoHeaderName) -> Option<u64> {
    headers.get(name)?.as_str().parse().ok()
}
