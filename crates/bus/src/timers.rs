//! Timers: messages that the server publishes at their time, consumed like work.

use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::header::{NATS_SCHEDULE, NATS_SCHEDULE_TARGET, NATS_SCHEDULE_TTL};
use bytes::Bytes;
use confab_protocol::{TenantId, UnixMillis};
use jiff::Timestamp;

use crate::ack::Ackable;
use crate::bus::Bus;
use crate::error::BusError;
use crate::pull::{Delivered, Pulled, Puller};
use crate::subjects::{self, TIMERS};
use crate::work::refuse;

const CONSUMER: &str = "timers";
const AHEAD: usize = 16;
const UNDER_WAY: i64 = 4096;
/// A fired timer that nobody has taken for so long is dropped.
const FIRED_TTL: &str = "720h";

/// Sets and clears timers.
#[derive(Debug, Clone)]
pub struct Timers {
    bus: Bus,
}

/// This worker's end of the fired timers.
#[derive(Debug)]
pub struct TimerConsumer {
    puller: Puller,
}

/// A timer whose time has come.
#[derive(Debug, Clone)]
pub struct FiredTimer {
    /// Whose it is.
    pub tenant: TenantId,
    /// The id it was set with.
    pub id: String,
    /// The payload it was set with.
    pub payload: Bytes,
    /// How often it has been delivered, this time included.
    pub delivered: i64,
    /// Sequence of its firing: each firing has its own.
    pub stream_seq: u64,
    /// When it fired.
    pub fired_at: UnixMillis,
    ack: Ackable,
}

impl Bus {
    /// The timers.
    pub fn timers(&self) -> Timers {
        Timers { bus: self.clone() }
    }
}

impl Timers {
    /// Sets a timer; one of the tenant's with the same id is replaced. A time that has passed fires at once. The id
    /// is 1 to 128 of `A-Z a-z 0-9 _ -`.
    pub async fn schedule(
        &self,
        tenant: &TenantId,
        id: &str,
        at: UnixMillis,
        payload: Bytes,
    ) -> Result<(), BusError> {
        let time = i64::try_from(at)
            .ok()
            .and_then(|millis| Timestamp::from_millisecond(millis).ok())
            .ok_or_else(|| BusError::InvalidName { what: "time", text: at.to_string() })?;
        let mut headers = HeaderMap::new();
        headers.insert(NATS_SCHEDULE, format!("@at {time}"));
        headers.insert(NATS_SCHEDULE_TARGET, subjects::fired(tenant, id)?);
        headers.insert(NATS_SCHEDULE_TTL, FIRED_TTL);
        self.bus.store(subjects::timer(tenant, id)?, headers, payload).await?;
        Ok(())
    }

    /// Clears a timer. One that has fired already is delivered all the same. Answers whether it was set.
    pub async fn cancel(&self, tenant: &TenantId, id: &str) -> Result<bool, BusError> {
        let subject = subjects::timer(tenant, id)?;
        let stream = self.bus.stream(TIMERS).await?;
        let purged =
            stream.purge().filter(subject).await.map_err(|error| BusError::unavailable("a timer", error))?;
        Ok(purged.purged > 0)
    }

    /// Begins to take fired timers, which all workers share. They come again until they are acknowledged.
    pub async fn fired(&self) -> Result<TimerConsumer, BusError> {
        let source = Pulled {
            stream: TIMERS.to_owned(),
            name: CONSUMER,
            filter: subjects::TIMERS_FIRED,
            max_deliver: -1,
            max_ack_pending: UNDER_WAY,
            ahead: AHEAD,
        };
        Ok(TimerConsumer { puller: Puller::open(&self.bus, source).await? })
    }
}

impl TimerConsumer {
    /// The next fired timer. Safe to cancel.
    pub async fn next(&mut self) -> FiredTimer {
        loop {
            let delivered = self.puller.next().await;
            match FiredTimer::read(&delivered) {
                Some(timer) => return timer,
                None => refuse(&delivered, "no timer of the hub").await,
            }
        }
    }

    /// Gives back the timers that have arrived but were not taken.
    pub async fn close(self) {
        self.puller.close().await;
    }
}

impl FiredTimer {
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
        let message = &delivered.message;
        let (tenant, id) = subjects::parse_fired(&message.subject)?;
        Some(Self {
            tenant,
            id: id.to_owned(),
            payload: message.payload.clone(),
            delivered: delivered.times,
            stream_seq: delivered.stream_seq,
            fired_at: delivered.time,
            ack: delivered.ack.clone(),
        })
    }
}
