//! How much one address, one person, one tenant, one connection and the whole node may do.

mod buckets;

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use confab_config::Limits as LimitsConfig;
use confab_protocol::{ErrorCode, TenantId, UserId};
use dashmap::DashMap;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::Notify;

use crate::error::EdgeError;
use crate::identity::Identity;
use buckets::Buckets;

/// Addresses, people and tenants that have buckets of their own at one time.
const MAX_ADDRESSES: usize = 100_000;
const MAX_PEOPLE: usize = 100_000;
const MAX_TENANTS: usize = 10_000;

/// Rate limits (generic cell rate algorithm) and connection counts of this node.
pub(crate) struct Limits {
    requests: Buckets<IpAddr>,
    logins: Buckets<IpAddr>,
    starts: Buckets<IpAddr>,
    requests_of_users: Buckets<(TenantId, UserId)>,
    messages_of_users: Buckets<(TenantId, UserId)>,
    // None where tenants have no limit.
    requests_of_tenants: Option<Buckets<TenantId>>,
    messages_of_tenants: Option<Buckets<TenantId>>,
    starts_of_tenants: Option<Buckets<TenantId>>,
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
        let per_minute = |rate| Quota::per_minute(at_least_one(rate));
        let of_tenants = |rate: u32, quota: Quota| (rate > 0).then(|| Buckets::new(quota, MAX_TENANTS));
        let of_tenants_per_second = |rate| of_tenants(rate, per_second(rate, rate.saturating_mul(2)));
        let starts_of_tenants = config.starts_per_minute_per_tenant;
        let requests = per_second(config.requests_per_second_per_address, config.requests_burst);
        let requests_of_users = per_second(config.requests_per_second_per_user, config.requests_burst);
        let messages_of_users = per_second(config.messages_per_second_per_user, config.messages_burst);
        let connections = Connections {
            max_total: config.max_connections,
            max_per_address: config.max_connections_per_address,
            ..Connections::default()
        };
        Self {
            requests: Buckets::new(requests, MAX_ADDRESSES),
            logins: Buckets::new(per_minute(config.logins_per_minute_per_address), MAX_ADDRESSES),
            starts: Buckets::new(per_minute(config.starts_per_minute_per_address), MAX_ADDRESSES),
            requests_of_users: Buckets::new(requests_of_users, MAX_PEOPLE),
            messages_of_users: Buckets::new(messages_of_users, MAX_PEOPLE),
            requests_of_tenants: of_tenants_per_second(config.requests_per_second_per_tenant),
            messages_of_tenants: of_tenants_per_second(config.messages_per_second_per_tenant),
            starts_of_tenants: of_tenants(starts_of_tenants, per_minute(starts_of_tenants)),
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
        self.requests.take(&address, "too many requests from your address; slow down")
    }

    /// One more attempt to log in from this address.
    pub(crate) fn login(&self, address: IpAddr) -> Result<(), EdgeError> {
        self.logins.take(&address, "too many attempts to log in from your address; wait a minute")
    }

    /// One more HTTP request of somebody with a token.
    pub(crate) fn request_of(&self, who: &Identity) -> Result<(), EdgeError> {
        let person = (who.tenant.clone(), who.user_id.clone());
        self.requests_of_users.take(&person, "too many requests; slow down")?;
        of_tenant(
            self.requests_of_tenants.as_ref(),
            &who.tenant,
            "too many requests of your tenant; slow down",
        )
    }

    /// One more message of this person, through whichever connection.
    pub(crate) fn message_of(&self, who: &Identity) -> Result<(), EdgeError> {
        let person = (who.tenant.clone(), who.user_id.clone());
        self.messages_of_users.take(&person, "you send too fast; slow down")?;
        of_tenant(
            self.messages_of_tenants.as_ref(),
            &who.tenant,
            "too many messages of your tenant; slow down",
        )
    }

    /// One more chat that begins.
    pub(crate) fn start(&self, address: IpAddr, tenant: &TenantId) -> Result<(), EdgeError> {
        self.starts.take(&address, "too many chats begin at your address; wait a minute")?;
        of_tenant(
            self.starts_of_tenants.as_ref(),
            tenant,
            "too many chats begin at this moment; try again in a minute",
        )
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

fn of_tenant(buckets: Option<&Buckets<TenantId>>, tenant: &TenantId, message: &str) -> Result<(), EdgeError> {
    buckets.map_or(Ok(()), |buckets| buckets.take(tenant, message))
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
    fn a_tenant_has_a_limit_only_where_one_is_set() {
        let tenant = TenantId::parse("acme").expect("an id");
        let config = LimitsConfig { starts_per_minute_per_tenant: 2, ..LimitsConfig::default() };
        let limits = Limits::new(&config);
        let answers: Vec<bool> = (0..3).map(|_| limits.start(HERE, &tenant).is_ok()).collect();
        assert_eq!(answers, [true, true, false]);
        let none = Limits::new(&LimitsConfig::default());
        assert!((0..3).all(|_| none.start(HERE, &tenant).is_ok()));
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
