//! Brings the log into the database: one task per shard, in batches, off the path on which people wait.
//!
//! Never drops an entry because the database is away: the same batch is tried until it is written. Several workers may
//! read the same shard; an entry's place in the database is its place in the log, so writing it twice changes nothing.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use confab_bus::{BusError, ProjectedEntry, ProjectorConsumer};
use confab_protocol::TenantId;
use confab_protocol::codec::decode_entry;
use confab_store::{StoredEntry, TenantStore};
use confab_telemetry::metrics::{PROJECTOR_BATCH, PROJECTOR_LAG};
use metrics::{gauge, histogram};
use tokio::time::{Interval, MissedTickBehavior};
use tracing::{Instrument as _, debug, error, info_span, warn};

use crate::context::Context;
use crate::error::WorkerError;
use crate::retry::Backoff;
use crate::{mail, mentions, replies};

/// How often the lag is looked at.
const LAG_PERIOD: Duration = Duration::from_secs(2);

/// Projects one shard until the worker stops.
pub(crate) async fn run(context: Arc<Context>, shard: u16) {
    let mut backoff = Backoff::new();
    while !context.stop.is_cancelled() {
        match context.bus.projection(shard).await {
            Ok(consumer) => {
                project(&context, shard, consumer).await;
                backoff = Backoff::new();
            }
            Err(error) => warn!(shard, %error, "the log can't be read for now"),
        }
        backoff.wait(&context.stop).await;
    }
}

/// Returns when the worker stops, or when a batch was left to a later delivery.
async fn project(context: &Context, shard: u16, mut consumer: ProjectorConsumer) {
    let worker = &context.config.worker;
    let linger = Duration::from_millis(worker.projector_linger_ms);
    let mut lag = every(LAG_PERIOD);
    loop {
        let batch = tokio::select! {
            () = context.stop.cancelled() => break,
            _ = lag.tick() => {
                report_lag(&consumer, shard).await;
                continue;
            }
            batch = consumer.batch(worker.projector_batch, linger) => batch,
        };
        let span = info_span!("worker.project", shard, entries = batch.len());
        if let Err(error) = write(context, &consumer, &batch).instrument(span).await {
            error!(shard, entries = batch.len(), %error, "a batch was not written; it is read again");
            break;
        }
    }
    consumer.close().await;
}

fn every(period: Duration) -> Interval {
    let mut interval = tokio::time::interval(period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

async fn report_lag(consumer: &ProjectorConsumer, shard: u16) {
    match consumer.lag().await {
        #[expect(clippy::cast_precision_loss, reason = "a log has far fewer than 2^52 entries")]
        Ok(lag) => gauge!(PROJECTOR_LAG, "shard" => shard.to_string()).set(lag as f64),
        Err(error) => debug!(shard, %error, "the lag of a shard isn't known"),
    }
}

async fn write(
    context: &Context,
    consumer: &ProjectorConsumer,
    batch: &[ProjectedEntry],
) -> Result<(), WorkerError> {
    while_beating(context, consumer, batch, insert(context, batch)).await?;
    #[expect(clippy::cast_precision_loss, reason = "batches are small")]
    histogram!(PROJECTOR_BATCH).record(batch.len() as f64);
    if let Err(error) = consumer.ack_all(batch).await {
        // They come again and change nothing.
        debug!(%error, "entries will be read twice");
    }
    Ok(())
}

/// Does something with entries, telling the server again and again that it is still being done.
pub(crate) async fn while_beating(
    context: &Context,
    consumer: &ProjectorConsumer,
    batch: &[ProjectedEntry],
    doing: impl Future<Output = Result<(), WorkerError>>,
) -> Result<(), WorkerError> {
    tokio::pin!(doing);
    let mut beat = every(Duration::from_secs(context.config.worker.ack_wait_seconds) / 3);
    beat.reset();
    loop {
        tokio::select! {
            done = &mut doing => return done,
            _ = beat.tick() => {
                if let Err(error) = consumer.progress_all(batch).await {
                    debug!(%error, "entries may be read twice");
                }
            }
        }
    }
}

async fn insert(context: &Context, batch: &[ProjectedEntry]) -> Result<(), WorkerError> {
    let drill = Duration::from_millis(context.config.drill.projector_delay_ms);
    if !drill.is_zero() {
        tokio::time::sleep(drill).await;
    }
    for (tenant, entries) in by_tenant(context, batch).await? {
        let Some(store) = context.tenant(&tenant).await? else {
            error!(tenant = %tenant, entries = entries.len(), "log entries of an unknown tenant are left out");
            continue;
        };
        match insert_all(context, &store, &entries).await {
            Err(error) if !matches!(error, WorkerError::Stopped) => {
                warn!(tenant = %tenant, %error, "a batch is refused; its entries are written one by one");
                insert_singly(context, &store, &entries).await?;
            }
            outcome => outcome?,
        }
        mentions::tell(context, &tenant, &store, &entries).await?;
        replies::note(context, &tenant, &store, &entries).await?;
        mail::note(context, &tenant, &store, &entries).await?;
    }
    Ok(())
}

async fn insert_all(
    context: &Context,
    store: &TenantStore,
    entries: &[StoredEntry],
) -> Result<(), WorkerError> {
    context.persist("writing log entries", || store.insert_entries(entries)).await
}

/// One entry that the database will never take must not keep back those around it.
async fn insert_singly(
    context: &Context,
    store: &TenantStore,
    entries: &[StoredEntry],
) -> Result<(), WorkerError> {
    for entry in entries {
        match insert_all(context, store, std::slice::from_ref(entry)).await {
            Err(WorkerError::Stopped) => return Err(WorkerError::Stopped),
            Err(error) => {
                let (conversation, seq) = (&entry.conversation, entry.seq);
                error!(conversation = %conversation, seq, %error, "the database refuses a log entry; it is left out");
            }
            Ok(()) => {}
        }
    }
    Ok(())
}

/// The readable entries of conversations, in their order, for each tenant.
async fn by_tenant(
    context: &Context,
    batch: &[ProjectedEntry],
) -> Result<HashMap<TenantId, Vec<StoredEntry>>, WorkerError> {
    let mut tenants: HashMap<TenantId, Vec<StoredEntry>> = HashMap::new();
    let Some(first) = batch.first() else { return Ok(tenants) };
    // All entries of a batch are of one shard, which is one stream.
    let epoch = context
        .persist::<_, BusError, _>("the epoch of a shard", || async {
            context.bus.log().epoch_of_shard(first.shard).await
        })
        .await?;
    tell_misplaced(context, batch).await;
    for projected in batch {
        let Some(conversation) = projected.channel.conversation() else { continue };
        match decode_entry(&projected.payload) {
            Ok(entry) => tenants.entry(projected.tenant.clone()).or_default().push(StoredEntry {
                conversation: conversation.clone(),
                note: matches!(projected.channel, confab_protocol::Channel::Notes(_)),
                epoch: epoch.to_string(),
                seq: projected.seq,
                entry,
            }),
            Err(error) => {
                error!(channel = %projected.channel, seq = projected.seq, %error, "a log entry can't be read and is left out");
            }
        }
    }
    Ok(tenants)
}

/// An entry in another shard than its conversation's was written by a node that doesn't know how many there are. It is kept,
/// but no client that comes back finds it in the log.
async fn tell_misplaced(context: &Context, batch: &[ProjectedEntry]) {
    for entry in batch {
        let place = context.bus.log().shard(&entry.channel).await.ok().flatten();
        if place.is_some_and(|place| place != entry.shard) {
            error!(
                channel = %entry.channel,
                shard = entry.shard,
                "an entry lies in a wrong shard: a node of an older version is running; replace it"
            );
            return;
        }
    }
}
