//! Presence of people at the hub: one lease a person and node, renewed while they are connected here. When a lease runs
//! out, workers learn of it; closing a connection shortens the lease, so that a page that is reloaded never was away.

use std::collections::BTreeMap;
use std::time::Duration;

use confab_bus::{Bus, PresenceKey, PresenceKind, Renewal};
use confab_config::Session as SessionConfig;
use confab_domain::Clock;
use confab_protocol::{Role, TenantId, UnixMillis, UserId};
use confab_store::Store;
use dashmap::DashMap;
use tokio_util::sync::CancellationToken;

use crate::identity::Identity;

/// Customers' leases are this much longer than agents': only the queue's patience hangs on them, and they are many.
const CUSTOMER_FACTOR: u32 = 8;

/// Customers who left and are to be noted; beyond it those who leave are not.
const MAX_SEEN: usize = 50_000;

/// The leases of everybody connected to this node.
pub(crate) struct Leases {
    bus: Bus,
    node: String,
    lease: Duration,
    grace: Duration,
    connections: DashMap<(TenantId, UserId), (PresenceKind, usize)>,
    store: Store,
    clock: Clock,
    /// Customers who left since their records were last told.
    seen: DashMap<(TenantId, UserId), UnixMillis>,
}

impl Leases {
    pub(crate) fn new(bus: Bus, store: Store, clock: Clock, node: String, config: &SessionConfig) -> Self {
        let lease = Duration::from_secs(config.presence_lease_seconds);
        let grace = Duration::from_secs(config.presence_grace_seconds.max(1));
        Self { bus, node, lease, grace, connections: DashMap::new(), store, clock, seen: DashMap::new() }
    }

    /// A connection of this person began.
    pub(crate) async fn arrived(&self, who: &Identity) {
        let kind = kind_of(who.role);
        let is_first = {
            let mut place =
                self.connections.entry((who.tenant.clone(), who.user_id.clone())).or_insert((kind, 0));
            place.1 += 1;
            place.1 == 1
        };
        if is_first {
            let key = self.key(kind, &who.tenant, &who.user_id);
            let renewed = self.bus.presence().renew(&Renewal { key, ttl: self.ttl(kind), fresh: true }).await;
            // The next renewal makes it good.
            if let Err(error) = renewed {
                tracing::warn!(%error, "a presence lease was not taken");
            }
        }
    }

    /// A connection of this person ended.
    pub(crate) async fn left(&self, who: &Identity) {
        let key = (who.tenant.clone(), who.user_id.clone());
        let kind = {
            let Some(mut place) = self.connections.get_mut(&key) else { return };
            place.1 = place.1.saturating_sub(1);
            if place.1 > 0 {
                return;
            }
            place.0
        };
        self.connections.remove_if(&key, |_, (_, count)| *count == 0);
        if kind == PresenceKind::Customer && self.seen.len() < MAX_SEEN {
            self.seen.insert(key, self.clock.now());
        }
        let lease = self.key(kind, &who.tenant, &who.user_id);
        // A lease that can't be shortened runs out by itself.
        if let Err(error) = self.bus.presence().shorten(&lease, self.grace).await {
            tracing::debug!(%error, "a presence lease was not shortened");
        }
    }

    fn key(&self, kind: PresenceKind, tenant: &TenantId, user: &UserId) -> PresenceKey {
        PresenceKey { kind, tenant: tenant.clone(), user: user.clone(), node: self.node.clone() }
    }

    fn ttl(&self, kind: PresenceKind) -> Duration {
        match kind {
            PresenceKind::Agent => self.lease,
            PresenceKind::Customer => self.lease * CUSTOMER_FACTOR,
        }
    }

    /// Renews all leases in time, until stopped.
    pub(crate) async fn keep(&self, stop: CancellationToken) {
        let mut ticks = tokio::time::interval(self.lease / 3);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        for round in 0_u32.. {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = ticks.tick() => {}
            }
            self.renew(PresenceKind::Agent).await;
            self.tell_seen().await;
            if round.is_multiple_of(CUSTOMER_FACTOR) {
                self.renew(PresenceKind::Customer).await;
            }
        }
    }

    /// Writes when customers were last here, those of a tenant together. Each is told once: what can't be written is the
    /// time of a visit, which the next visit makes good.
    async fn tell_seen(&self) {
        let mut by_tenant: BTreeMap<TenantId, Vec<(UserId, UnixMillis)>> = BTreeMap::new();
        let gone: Vec<_> = self.seen.iter().map(|one| one.key().clone()).collect();
        for key in gone {
            if let Some(((tenant, user), at)) = self.seen.remove(&key) {
                by_tenant.entry(tenant).or_default().push((user, at));
            }
        }
        for (tenant, seen) in by_tenant {
            let write = async { self.store.tenant(&tenant).await?.see_customers(&seen).await };
            if let Err(error) = write.await {
                tracing::warn!(%error, count = seen.len(), "when customers were last here is not kept");
            }
        }
    }

    async fn renew(&self, kind: PresenceKind) {
        let ttl = self.ttl(kind);
        let mine = self.connections.iter().filter(|place| place.value().0 == kind);
        let renewals: Vec<Renewal> = mine
            .map(|place| {
                let (tenant, user) = place.key();
                Renewal { key: self.key(kind, tenant, user), ttl, fresh: false }
            })
            .collect();
        if renewals.is_empty() {
            return;
        }
        let count = renewals.len();
        if let Err(error) = self.bus.presence().renew_all(renewals).await {
            tracing::warn!(%error, count, "presence leases were not renewed");
        }
    }
}

fn kind_of(role: Role) -> PresenceKind {
    if role.is_staff() { PresenceKind::Agent } else { PresenceKind::Customer }
}
