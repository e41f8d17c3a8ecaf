//! Sends events to webhooks: those of one conversation one after the other, those of several beside each other, again
//! with growing pauses until they are taken or given up.
//!
//! One node at a time sends a webhook's events, by a lease. Should two do so for a moment, an event arrives twice, with
//! the same id.

mod send;

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use confab_protocol::{Author, Body, Channel, TenantId};
use confab_store::{Delivery, DeliveryState, TenantStore, Webhook};
use confab_telemetry::metrics::WEBHOOK_ATTEMPTS;
use futures::{StreamExt as _, stream};
use metrics::counter;
use rand::Rng as _;
use tokio::time::MissedTickBehavior;
use tokio_util::task::TaskTracker;
use tracing::{Instrument as _, info_span, warn};

use crate::context::Context;
use crate::error::WorkerError;
use send::{Answer, Sender};

/// How often all webhooks are looked through; what this worker notes itself is sent at once.
const SWEEP: Duration = Duration::from_secs(1);
/// For how long a node has a webhook without saying so again.
const LEASE_MS: u64 = 30_000;
/// After so long a node says again that it has it.
const RENEW: Duration = Duration::from_secs(10);
/// Events read at a time.
const READ: u32 = 500;
/// Conversations whose events are sent beside each other.
const ABREAST: usize = 8;
/// Longest pause between two attempts, in milliseconds.
const LONGEST_PAUSE_MS: u64 = 3_600_000;

/// Webhooks that this worker is at.
type Busy = Arc<Mutex<HashSet<(TenantId, String)>>>;

/// Sends until the worker stops.
pub(crate) async fn run(context: Arc<Context>, tasks: TaskTracker) {
    let sender = match Sender::new(&context.config.events) {
        Ok(sender) => Arc::new(sender),
        Err(error) => return warn!(%error, "webhooks can't be sent"),
    };
    let busy = Busy::default();
    let mut sweep = tokio::time::interval(SWEEP);
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = context.stop.cancelled() => return,
            () = context.deliveries.notified() => {}
            _ = sweep.tick() => {}
        }
        if let Err(error) = look(&context, &sender, &busy, &tasks).await {
            tracing::debug!(%error, "webhooks are looked through again later");
        }
    }
}

async fn look(
    context: &Arc<Context>,
    sender: &Arc<Sender>,
    busy: &Busy,
    tasks: &TaskTracker,
) -> Result<(), WorkerError> {
    for tenant in context.store.tenants().await? {
        let store = context.store.tenant(&tenant.id).await?;
        for webhook in store.webhooks().await?.into_iter().filter(|webhook| webhook.enabled) {
            let key = (tenant.id.clone(), webhook.id.clone());
            if !lock(busy).insert(key.clone()) {
                continue;
            }
            let span = info_span!("worker.webhook", tenant.id = %tenant.id, webhook.id = webhook.id);
            let pump = Pump {
                context: Arc::clone(context),
                sender: Arc::clone(sender),
                store: store.clone(),
                webhook,
            };
            let busy = Arc::clone(busy);
            let pumping = async move {
                if let Err(error) = pump.run().await {
                    tracing::debug!(%error, "the webhook's events are sent later");
                }
                lock(&busy).remove(&key);
            };
            tasks.spawn(pumping.instrument(span));
        }
    }
    Ok(())
}

fn lock(busy: &Busy) -> std::sync::MutexGuard<'_, HashSet<(TenantId, String)>> {
    busy.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What became of a conversation's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// Something was taken.
    Delivered,
    /// The first that was tried was not taken.
    Failed,
    /// There was no time.
    Nothing,
}

/// Sends what is due for one webhook.
struct Pump {
    context: Arc<Context>,
    sender: Arc<Sender>,
    store: TenantStore,
    webhook: Webhook,
}

impl Pump {
    /// Returns when nothing is due, or another node is at it.
    async fn run(&self) -> Result<(), WorkerError> {
        loop {
            let due = self.due().await?;
            if due.is_empty() || !self.lease().await? {
                return Ok(());
            }
            let until = tokio::time::Instant::now() + RENEW;
            let turns: Vec<Turn> = stream::iter(due)
                .map(|events| self.conversation(events, until))
                .buffer_unordered(ABREAST)
                .collect()
                .await;
            self.judge(&turns).await?;
            if self.context.stop.is_cancelled() || turns.contains(&Turn::Failed) {
                return Ok(());
            }
        }
    }

    async fn lease(&self) -> Result<bool, WorkerError> {
        let now = self.context.clock.now();
        Ok(self.store.lease_webhook(&self.webhook.id, &self.context.node, now, now + LEASE_MS).await?)
    }

    /// The events to be sent now, by conversation, in order: none of a conversation whose first has to wait.
    async fn due(&self) -> Result<Vec<Vec<Delivery>>, WorkerError> {
        let now = self.context.clock.now();
        let mut conversations: BTreeMap<_, Vec<Delivery>> = BTreeMap::new();
        for delivery in self.store.open_deliveries(&self.webhook.id, READ).await? {
            conversations.entry(delivery.conversation.clone()).or_default().push(delivery);
        }
        let is_due = |events: &Vec<Delivery>| events.first().is_some_and(|first| first.due <= now);
        Ok(conversations.into_values().filter(is_due).collect())
    }

    /// Sends a conversation's events one after the other, up to the first that is not taken.
    async fn conversation(&self, events: Vec<Delivery>, until: tokio::time::Instant) -> Turn {
        let mut turn = Turn::Nothing;
        for delivery in events {
            if tokio::time::Instant::now() >= until || self.context.stop.is_cancelled() {
                break;
            }
            let now = self.context.clock.now();
            let answer = self.sender.send(&self.webhook, &delivery, now).await;
            let after = self.after(delivery, &answer);
            let goes_on = after.state != DeliveryState::Pending;
            let taken = after.state == DeliveryState::Delivered;
            if let Err(error) = self.store.put_delivery(&after).await {
                warn!(%error, "what became of an event is not noted; it will be sent again");
                return Turn::Failed;
            }
            turn = if taken || turn == Turn::Delivered { Turn::Delivered } else { Turn::Failed };
            if !goes_on {
                break;
            }
        }
        turn
    }

    /// The delivery after an attempt.
    fn after(&self, mut delivery: Delivery, answer: &Answer) -> Delivery {
        let events = &self.context.config.events;
        let now = self.context.clock.now();
        delivery.attempts += 1;
        delivery.last_attempt_at = Some(now);
        delivery.last_status = answer.status;
        delivery.last_error.clone_from(&answer.error);
        let outcome = if answer.is_taken() {
            delivery.state = DeliveryState::Delivered;
            "delivered"
        } else if delivery.attempts >= events.webhook_attempts {
            delivery.state = DeliveryState::Failed;
            "given_up"
        } else {
            delivery.due = now + pause_ms(events.webhook_first_retry_ms, delivery.attempts);
            "failed"
        };
        counter!(WEBHOOK_ATTEMPTS, "outcome" => outcome).increment(1);
        delivery
    }

    /// Notes whether anything gets through, and switches the webhook off when nothing has for long.
    async fn judge(&self, turns: &[Turn]) -> Result<(), WorkerError> {
        let Some(webhook) = self.store.webhook(&self.webhook.id).await? else { return Ok(()) };
        let now = self.context.clock.now();
        match (turns.contains(&Turn::Delivered), turns.contains(&Turn::Failed), webhook.failing_since) {
            (true, _, Some(_)) => self.store.note_webhook(&webhook.id, None).await?,
            (false, true, None) => self.store.note_webhook(&webhook.id, Some(now)).await?,
            (false, true, Some(since)) if now - since.min(now) >= self.give_up_ms() => {
                self.switch_off(&webhook).await?;
            }
            _ => {}
        }
        Ok(())
    }

    fn give_up_ms(&self) -> u64 {
        self.context.config.events.webhook_give_up_seconds.saturating_mul(1000)
    }

    async fn switch_off(&self, webhook: &Webhook) -> Result<(), WorkerError> {
        let seconds = self.context.config.events.webhook_give_up_seconds;
        let reason = format!("nothing has got through for more than {seconds} seconds");
        if !self.store.switch_off_webhook(&webhook.id, &reason).await? {
            return Ok(());
        }
        warn!(webhook.url, reason, "a webhook is switched off");
        let body = Body::WebhookDisabled { webhook_id: webhook.id.clone(), url: webhook.url.clone(), reason };
        let channel = Channel::DeskFeed(self.store.id().clone());
        let id = format!("webhook-{}-{}", webhook.id, webhook.version);
        Ok(self.context.tell(self.store.id(), &channel, id, Author::system(), body).await?)
    }
}

/// The pause after so many attempts: it doubles up to an hour, and up to half of it is left away at random.
fn pause_ms(first_ms: u64, attempts: u32) -> u64 {
    let doublings = attempts.saturating_sub(1).min(30);
    let longest = first_ms.saturating_mul(1 << doublings).clamp(1, LONGEST_PAUSE_MS);
    rand::rng().random_range(longest.div_ceil(2)..=longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_an_hour_with_jitter() {
        for attempts in 1..200 {
            let longest = (5000_u64 << (attempts - 1).min(30)).min(LONGEST_PAUSE_MS);
            let pause = pause_ms(5000, attempts);
            assert!((longest / 2..=longest).contains(&pause), "{attempts}: {pause}");
        }
    }
}
