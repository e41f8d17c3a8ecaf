//! What those who wait, and the desk, are told of the queue: after a change at once, but not too often.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use confab_domain::Conversation;
use confab_domain::queue::{self, Throughput};
use confab_protocol::api::QueueSnapshot;
use confab_protocol::codec::encode_ephemeral;
use confab_protocol::{Channel, Ephemeral, TenantId};
use confab_telemetry::metrics::{QUEUE_LENGTH, QUEUE_OLDEST};
use metrics::gauge;
use tokio::sync::Notify;
use tracing::warn;

use crate::context::Context;
use crate::error::WorkerError;

/// Entries of a snapshot: as many as a desk shows.
const SNAPSHOT_ENTRIES: usize = 100;
/// Customers who are told their place.
const POSITIONS: u32 = 200;
/// How often it is told again while somebody waits: estimates age.
const REFRESH: Duration = Duration::from_secs(5);

/// Tenants whose queue has changed since it was last told.
#[derive(Debug, Default)]
pub(crate) struct Snapshots {
    changed: Mutex<HashSet<TenantId>>,
    wake: Notify,
}

impl Snapshots {
    /// The tenant's queue has changed.
    pub(crate) fn mark(&self, tenant: &TenantId) {
        self.changed().insert(tenant.clone());
        self.wake.notify_one();
    }

    fn take(&self) -> Vec<TenantId> {
        self.changed().drain().collect()
    }

    fn changed(&self) -> std::sync::MutexGuard<'_, HashSet<TenantId>> {
        self.changed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How the queue of one tenant stands.
#[derive(Debug, Clone, Copy, Default)]
struct Gauges {
    length: u64,
    oldest_seconds: f64,
}

/// Tells of changed queues until the worker stops.
pub(crate) async fn run(context: Arc<Context>) {
    let interval = Duration::from_millis(context.config.worker.snapshot_interval_ms);
    let mut refresh = tokio::time::interval(REFRESH);
    refresh.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut gauges = HashMap::new();
    loop {
        tokio::select! {
            () = context.stop.cancelled() => return,
            () = context.snapshots.wake.notified() => {
                for tenant in context.snapshots.take() {
                    tell(&context, &tenant, true, &mut gauges).await;
                }
            }
            _ = refresh.tick() => refresh_all(&context, &mut gauges).await,
        }
        export(&gauges);
        tokio::select! {
            () = context.stop.cancelled() => return,
            () = tokio::time::sleep(interval) => {}
        }
    }
}

async fn refresh_all(context: &Context, gauges: &mut HashMap<TenantId, Gauges>) {
    match context.store.tenants().await {
        Ok(tenants) => {
            for tenant in tenants {
                tell(context, &tenant.id, false, gauges).await;
            }
        }
        Err(error) => warn!(%error, "queues are not told again for now"),
    }
}

async fn tell(context: &Context, tenant: &TenantId, changed: bool, gauges: &mut HashMap<TenantId, Gauges>) {
    match publish(context, tenant, changed).await {
        Ok(told) => drop(gauges.insert(tenant.clone(), told)),
        Err(error) => warn!(tenant = %tenant, %error, "the queue could not be told"),
    }
}

fn export(gauges: &HashMap<TenantId, Gauges>) {
    let length: u64 = gauges.values().map(|one| one.length).sum();
    let oldest = gauges.values().map(|one| one.oldest_seconds).fold(0.0, f64::max);
    #[expect(clippy::cast_precision_loss, reason = "queues are far shorter than 2^52")]
    gauge!(QUEUE_LENGTH).set(length as f64);
    gauge!(QUEUE_OLDEST).set(oldest);
}

/// An empty queue is told only when it has changed.
async fn publish(context: &Context, tenant: &TenantId, changed: bool) -> Result<Gauges, WorkerError> {
    let store = context.store.tenant(tenant).await?;
    let length = store.waiting_count().await?;
    if length == 0 && !changed {
        return Ok(Gauges::default());
    }
    let now = context.clock.now();
    let window_ms = store.settings().await?.estimate_window_ms;
    let waiting = store.waiting(None, POSITIONS).await?;
    let throughput = store.throughput(window_ms, now).await?;
    for (channel, event) in events(tenant, &waiting, length, throughput, now) {
        context.bus.publish_ephemeral(&channel, Bytes::from(encode_ephemeral(&event))).await?;
    }
    Ok(Gauges { length, oldest_seconds: queue::oldest_wait_seconds(&waiting, now) })
}

/// The snapshot for the desk, then each customer's place.
fn events(
    tenant: &TenantId,
    waiting: &[Conversation],
    length: u64,
    throughput: Throughput,
    now: u64,
) -> Vec<(Channel, Ephemeral)> {
    let mut entries = queue::entries(waiting, throughput);
    let positions: Vec<_> = entries
        .iter()
        .map(|entry| {
            let feed = Channel::UserFeed(tenant.clone(), entry.customer.id.clone());
            let position = Ephemeral::QueuePosition {
                conversation_id: entry.conversation_id.clone(),
                position: entry.position,
                estimated_wait_seconds: entry.estimated_wait_seconds,
            };
            (feed, position)
        })
        .collect();
    entries.truncate(SNAPSHOT_ENTRIES);
    let snapshot = Ephemeral::QueueSnapshot(QueueSnapshot { length, entries, at: now });
    std::iter::once((Channel::DeskFeed(tenant.clone()), snapshot)).chain(positions).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use confab_protocol::api::{ConversationStatus, Party, Priority};
    use confab_protocol::{ConversationId, TicketId, UserId};

    fn waiting(number: u64) -> Conversation {
        Conversation {
            id: ConversationId::parse(format!("c-{number}")).expect("an id"),
            ticket_id: TicketId::parse(format!("t-{number}")).expect("an id"),
            status: ConversationStatus::Waiting,
            customer: Party {
                id: UserId::parse(format!("u-{number}")).expect("an id"),
                name: format!("Customer {number}"),
            },
            agent: None,
            last_agent: None,
            avoid: None,
            issue_type: "PAYMENT".into(),
            team: None,
            priority: Priority::Medium,
            started_at: number,
            queued_at: Some(number),
            assigned_at: None,
            ended_at: None,
            labels: Vec::new(),
            snoozed_until: None,
            satisfaction: None,
            handed_over: false,
            version: 1,
        }
    }

    #[test]
    fn the_desk_sees_the_head_and_each_customer_their_place() {
        let tenant = TenantId::parse("acme").expect("an id");
        let queue: Vec<Conversation> = (1..=150).map(waiting).collect();
        let throughput = Throughput { assignments: 10, window_ms: 100_000 };
        let events = events(&tenant, &queue, 1000, throughput, 5);
        let (channel, snapshot) = &events[0];
        assert_eq!(*channel, Channel::DeskFeed(tenant.clone()));
        let Ephemeral::QueueSnapshot(snapshot) = snapshot else { panic!("{snapshot:?}") };
        assert_eq!((snapshot.length, snapshot.entries.len()), (1000, SNAPSHOT_ENTRIES));
        assert_eq!(events.len(), 151);
        let (channel, place) = &events[3];
        assert_eq!(channel.to_string(), "feed.user.acme.u-3");
        let Ephemeral::QueuePosition { position, estimated_wait_seconds, .. } = place else {
            panic!("{place:?}")
        };
        assert_eq!((*position, *estimated_wait_seconds), (3, Some(30)));
    }
}
