//! How much one address, one connection and the whole node may do.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use confab_config::Limits as LimitsConfig;
use confab_protocol::ErrorCode;
use dashmap::DashMap;
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use tokio::sync::Notify;

use crate::error::EdgeError;

/// Addresses whose buckets are kept before the full ones are forgotten.
const MAX_TRACKED_ADDRESSES: usize = 100_000;

/// Rate limits (generic cell rate algorithm) and connection counts of this node.
pub(crate) struct Limits {
    requests: DefaultKeyedRateLimiter<IpAddr>,
    logins: DefaultKeyedRateLimiter<IpAddr>,
    connections: Arc<Connections>,
    sends: Quota,
    frames: Quota,
}

/// Frames of any kind a connection may say for each message it may send.
const FRAMES_PER_SEND: u32 = 10;

#[derive(Default)]
struct Connections {
    total: AtomicUsize,
    /// Told whenever the last connection ends.
    none_left: Notify,
    by_address: DashMap<IpAddr, usize>,
    max_total: usize,
    max_per_address: usize,
}

/// A counted connection; gives its place back when dropped.
pub(crate) struct ConnectionSlot {
    connections: Arc<Connections>,
    address: IpAddr,
}

fn at_least_one(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
}

impl Limits {
    /// The limits of the configuration.
    pub(crate) fn new(config: &LimitsConfig) -> Self {
        let per_second = |rate, burst| Quota::per_second(at_least_one(rate)).allow_burst(at_least_one(burst));
        let requests = per_second(config.requests_per_second_per_address, config.requests_burst);
        let connections = Connections {
            max_total: config.max_connections,
            max_per_address: config.max_connections_per_address,
            ..Connections::default()
        };
        Self {
            requests: RateLimiter::keyed(requests),
            logins: RateLimiter::keyed(Quota::per_minute(at_least_one(config.logins_per_minute_per_address))),
            connections: Arc::new(connections),
            sends: per_second(config.sends_per_second, config.sends_burst),
            frames: per_second(
                config.sends_per_second.saturating_mul(FRAMES_PER_SEND),
                config.sends_burst.saturating_mul(FRAMES_PER_SEND),
            ),
        }
    }

    /// One more HTTP request from this address.
    pub(crate) fn request(&self, address: IpAddr) -> Result<(), EdgeError> {
        check(&self.requests, address, "too many requests from your address; wait a second")
    }

    /// One more attempt to log in from this address.
    pub(crate) fn login(&self, address: IpAddr) -> Result<(), EdgeError> {
        check(&self.logins, address, "too many attempts to log in from your address; wait a minute")
    }

    /// The bucket of one connection's sends.
    pub(crate) fn sends(&self) -> DefaultDirectRateLimiter {
        RateLimiter::direct(self.sends)
    }

    /// The bucket of all frames of one connection; beyond it the connection is closed.
    pub(crate) fn frames(&self) -> DefaultDirectRateLimiter {
        RateLimiter::direct(self.frames)
    }

    /// Waits until no connection is open.
    pub(crate) async fn all_disconnected(&self) {
        loop {
            let none_left = self.connections.none_left.notified();
            if self.connections.total.load(Ordering::Acquire) == 0 {
                return;
            }
            none_left.await;
        }
    }

    /// A place for one more connection from this address.
    pub(crate) fn connect(&self, address: IpAddr) -> Result<ConnectionSlot, EdgeError> {
        let connections = &self.connections;
        let slot = ConnectionSlot { connections: Arc::clone(connections), address };
        let total = connections.total.fetch_add(1, Ordering::Relaxed) + 1;
        let from_address = {
            let mut count = connections.by_address.entry(address).or_default();
            *count += 1;
            *count
        };
        let limit = connections.max_per_address;
        if total > connections.max_total {
            return Err(EdgeError::new(
                ErrorCode::Unavailable,
                "this node has all the connections it takes; try another",
            ));
        }
        if limit > 0 && from_address > limit {
            return Err(EdgeError::new(
                ErrorCode::RateLimited,
                "too many connections from your address; close some",
            ));
        }
        Ok(slot)
    }
}

fn check(limiter: &DefaultKeyedRateLimiter<IpAddr>, address: IpAddr, message: &str) -> Result<(), EdgeError> {
    if limiter.len() > MAX_TRACKED_ADDRESSES {
        limiter.retain_recent();
    }
    limiter.check_key(&address).map_err(|_| EdgeError::new(ErrorCode::RateLimited, message))
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        if self.connections.total.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.connections.none_left.notify_waiters();
        }
        if let Some(mut count) = self.connections.by_address.get_mut(&self.address) {
            *count -= 1;
        }
        self.connections.by_address.remove_if(&self.address, |_, count| *count == 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn a_closed_connection_makes_room_for_another() {
        let config = LimitsConfig { max_connections_per_address: 1, ..LimitsConfig::default() };
        let limits = Limits::new(&config);
        let first = limits.connect(HERE).expect("the first");
        assert!(limits.connect(HERE).is_err(), "the second is one too many");
        drop(first);
        assert!(limits.connect(HERE).is_ok());
    }

    #[test]
    fn a_burst_is_allowed_and_then_no_more() {
        let config =
            LimitsConfig { requests_per_second_per_address: 1, requests_burst: 3, ..LimitsConfig::default() };
        let limits = Limits::new(&config);
        let answers: Vec<bool> = (0..4).map(|_| limits.request(HERE).is_ok()).collect();
        assert_eq!(answers, [true, true, true, false]);
    }
}
