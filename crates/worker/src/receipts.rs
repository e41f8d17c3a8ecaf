//! Receipts: merged in memory, written in batches. One that is lost is made good by the next, because they only grow.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use confab_bus::Receipt;
use confab_protocol::codec::decode_ephemeral;
use confab_protocol::ephemeral::Watermark;
use confab_protocol::{ConversationId, Ephemeral, TenantId, UserId};
use tokio::time::{MissedTickBehavior, timeout};
use tracing::{debug, warn};

use crate::context::Context;
use crate::error::WorkerError;
use crate::retry::Backoff;

/// Watermarks held in memory while the database is away; those of more people are dropped.
const CAPACITY: usize = 50_000;
/// How long the last ones may take when the worker stops.
const LAST_FLUSH: Duration = Duration::from_secs(2);

type Key = (TenantId, ConversationId, UserId);

/// The newest watermarks that are not in the database yet.
#[derive(Debug, Default)]
struct Pending(HashMap<Key, Watermark>);

impl Pending {
    /// False when there is no room.
    fn merge(&mut self, tenant: TenantId, conversation: ConversationId, watermark: &Watermark) -> bool {
        let full = self.0.len() >= CAPACITY;
        let key = (tenant, conversation, watermark.user_id.clone());
        if let Some(known) = self.0.get_mut(&key) {
            known.merge(watermark);
            return true;
        }
        if !full {
            self.0.insert(key, watermark.clone());
        }
        !full
    }

    fn take(&mut self) -> HashMap<TenantId, Vec<(ConversationId, Watermark)>> {
        let mut tenants: HashMap<_, Vec<_>> = HashMap::new();
        for ((tenant, conversation, _), watermark) in self.0.drain() {
            tenants.entry(tenant).or_default().push((conversation, watermark));
        }
        tenants
    }
}

/// Collects and writes receipts until the worker stops.
pub(crate) async fn run(context: Arc<Context>) {
    let mut pending = Pending::default();
    let mut backoff = Backoff::new();
    while !context.stop.is_cancelled() {
        match context.bus.subscribe_receipts().await {
            Ok(receipts) => collect(&context, receipts, &mut pending).await,
            Err(error) => warn!(%error, "receipts are not stored for now"),
        }
        backoff.wait(&context.stop).await;
    }
    if timeout(LAST_FLUSH, flush(&context, &mut pending)).await.is_err() {
        debug!("the last receipts were not written in time");
    }
}

async fn collect(context: &Context, mut receipts: confab_bus::Receipts, pending: &mut Pending) {
    let mut due = tokio::time::interval(Duration::from_millis(context.config.worker.receipts_flush_ms));
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = context.stop.cancelled() => return,
            _ = due.tick() => flush(context, pending).await,
            receipt = receipts.next() => match receipt {
                Some(receipt) => take_in(pending, receipt),
                None => return,
            },
        }
    }
}

fn take_in(pending: &mut Pending, receipt: Receipt) {
    match decode_ephemeral(&receipt.payload) {
        Ok(Ephemeral::Receipt(watermark)) => {
            if !pending.merge(receipt.tenant, receipt.conversation, &watermark) {
                debug!("a receipt is dropped; the next one makes it good");
            }
        }
        Ok(_) => debug!("something that is no receipt was sent as one"),
        Err(error) => debug!(%error, "a receipt can't be read"),
    }
}

/// Writes what there is. What could not be written is kept for the next time.
async fn flush(context: &Context, pending: &mut Pending) {
    for (tenant, watermarks) in pending.take() {
        if let Err(error) = write(context, &tenant, &watermarks).await {
            if error.is_transient() {
                for (conversation, watermark) in &watermarks {
                    pending.merge(tenant.clone(), conversation.clone(), watermark);
                }
            }
            warn!(tenant = %tenant, receipts = watermarks.len(), %error, "receipts were not written");
        }
    }
}

async fn write(
    context: &Context,
    tenant: &TenantId,
    watermarks: &[(ConversationId, Watermark)],
) -> Result<(), WorkerError> {
    let store = context.store.tenant(tenant).await?;
    store.merge_receipts(watermarks).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watermark(user: &str, delivered: u64, read: u64) -> Watermark {
        Watermark { user_id: UserId::parse(user).expect("an id"), delivered, read }
    }

    #[test]
    fn receipts_merge_whatever_their_order() {
        let (tenant, conversation) =
            (TenantId::parse("acme").expect("an id"), ConversationId::parse("c-1").expect("an id"));
        let mut pending = Pending::default();
        for one in [watermark("asha", 9, 0), watermark("asha", 4, 3), watermark("mohan", 2, 2)] {
            assert!(pending.merge(tenant.clone(), conversation.clone(), &one));
        }
        let mut merged: Vec<Watermark> =
            pending.take().remove(&tenant).expect("there are some").into_iter().map(|(_, one)| one).collect();
        merged.sort_by_key(|one| one.delivered);
        assert_eq!(merged, [watermark("mohan", 2, 2), watermark("asha", 9, 3)]);
        assert!(pending.take().is_empty());
    }

    #[test]
    fn memory_is_bounded() {
        let tenant = TenantId::parse("acme").expect("an id");
        let mut pending = Pending::default();
        for number in 0..=CAPACITY {
            let conversation = ConversationId::parse(format!("c-{number}")).expect("an id");
            let kept = pending.merge(tenant.clone(), conversation, &watermark("asha", 1, 0));
            assert_eq!(kept, number < CAPACITY);
        }
        let first = ConversationId::parse("c-0").expect("an id");
        assert!(pending.merge(tenant, first, &watermark("asha", 5, 0)), "a known one has room");
    }
}
