//! Deletes what tenants don't want to be kept any longer: what was said in conversations that ended long ago, and files.

use std::sync::Arc;
use std::time::Duration;

use confab_attachments::{AttachmentStore, Variant, key};
use confab_protocol::api::RetentionBody;
use confab_protocol::{Channel, ConversationId, UnixMillis};
use confab_store::{AttachmentRecord, StoreError, TenantStore};
use tokio::time::MissedTickBehavior;
use tracing::{info, warn};

use crate::context::Context;
use crate::error::WorkerError;

/// How often it is looked for what has to go.
const PERIOD: Duration = Duration::from_mins(15);
/// Name of the setting in a tenant's database.
const SETTING: &str = "retention";
/// Name of the note up to which end conversations are done with.
const MARK: &str = "retention_mark";
/// Conversations, or files, taken up at a time.
const BATCH: u32 = 200;
const DAY_MS: u64 = 24 * 3600 * 1000;

/// Deletes until the worker stops.
pub(crate) async fn run(context: Arc<Context>) {
    let mut ticks = tokio::time::interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = context.stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        if let Err(error) = all_tenants(&context).await {
            warn!(%error, "what has to go is deleted later");
        }
    }
}

async fn all_tenants(context: &Context) -> Result<(), WorkerError> {
    for tenant in context.store.tenants().await? {
        let store = context.store.tenant(&tenant.id).await?;
        let (retention, _) = store.setting::<RetentionBody>(SETTING).await?;
        let Some(retention) = retention else { continue };
        let before = |days: u32| context.clock.now().saturating_sub(u64::from(days) * DAY_MS);
        if let Some(days) = retention.message_days {
            messages(context, &store, before(days)).await?;
        }
        if let (Some(days), Some(files)) = (retention.attachment_days, &context.attachments) {
            attachments(context, &store, files.as_ref(), before(days)).await?;
        }
    }
    Ok(())
}

/// What was said in conversations that ended before a time, in the database and in what is left of the log.
async fn messages(context: &Context, store: &TenantStore, before: UnixMillis) -> Result<(), WorkerError> {
    let (mark, mut version) = store.setting::<UnixMillis>(MARK).await?;
    let mut from = mark.unwrap_or(0);
    loop {
        let ended = store.ended_between(from, before, BATCH).await?;
        let is_last = ended.len() < BATCH as usize;
        let Some(last) = ended.last().map(|last| last.ended_at) else { return Ok(()) };
        for conversation in &ended {
            if context.stop.is_cancelled() {
                return Err(WorkerError::Stopped);
            }
            forget(context, store, &conversation.id).await?;
        }
        // Several can end in one millisecond: the last one's is looked through again, unless all are of it.
        let next = if is_last || from == last { last + 1 } else { last };
        info!(tenant = %store.id(), conversations = ended.len(), "deleted what was said before its time");
        match store.put_setting(MARK, &next, version).await {
            Ok(()) => version += 1,
            // Another worker is at it.
            Err(StoreError::Conflict) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        if is_last {
            return Ok(());
        }
        from = next;
    }
}

async fn forget(context: &Context, store: &TenantStore, id: &ConversationId) -> Result<(), WorkerError> {
    for channel in [Channel::Conversation(id.clone()), Channel::Notes(id.clone())] {
        context.bus.log().purge(&channel).await?;
    }
    if let Some(files) = &context.attachments {
        delete_files(store, files.as_ref(), &store.attachments_of(id).await?).await?;
    }
    Ok(store.delete_messages(id).await?)
}

async fn attachments(
    context: &Context,
    store: &TenantStore,
    files: &dyn AttachmentStore,
    before: UnixMillis,
) -> Result<(), WorkerError> {
    loop {
        let old = store.attachments_before(before, BATCH).await?;
        if old.is_empty() || context.stop.is_cancelled() {
            return Ok(());
        }
        delete_files(store, files, &old).await?;
        info!(tenant = %store.id(), files = old.len(), "deleted files before their time");
    }
}

/// The bytes first: a record without bytes says that they are gone, bytes without a record would stay for ever.
async fn delete_files(
    store: &TenantStore,
    files: &dyn AttachmentStore,
    records: &[AttachmentRecord],
) -> Result<(), WorkerError> {
    for record in records {
        for variant in Variant::ALL {
            let key = key(store.id().as_str(), record.conversation.as_str(), record.id.as_str(), variant);
            files.delete(&key).await?;
        }
    }
    let ids: Vec<_> = records.iter().map(|record| record.id.clone()).collect();
    Ok(store.delete_attachments(&ids).await?)
}
