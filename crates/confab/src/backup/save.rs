//! From a hub to a directory.

use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use confab_attachments::{Variant, key};
use confab_domain::Clock;
use confab_protocol::TenantId;
use jiff::Timestamp;
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;

use super::manifest::{AttachmentRecord, Manifest, StreamRecord, TenantRecord};
use super::{System, files};

/// Attached files of a tenant that one backup takes.
const MOST_ATTACHMENTS: u32 = 1_000_000;

/// A time after every other, in milliseconds; the largest whole number of JSON.
const EVER: u64 = (1 << 53) - 1;

/// What may be the case while it is made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Conditions {
    /// Whether workers may go on: then commands that they carry out meanwhile may be missing.
    pub(crate) while_running: bool,
}

/// Saves everything into a directory that is empty or doesn't exist.
pub(crate) async fn save(
    system: &System,
    directory: &Path,
    conditions: Conditions,
    tell: impl Fn(&str),
) -> Result<Manifest> {
    let workers_ran = system.bus.has_workers().await?;
    if workers_ran && !conditions.while_running {
        bail!(
            "workers are running, and what they carry out while the backup is made would be half in it: stop all workers \
             first (edges may go on; commands wait in the queue), or say --while-running and accept that"
        );
    }
    make(directory).await?;
    let begun_at =
        i64::try_from(Clock::system().now()).ok().and_then(|now| Timestamp::from_millisecond(now).ok());
    let begun_at = begun_at.context("the clock of this machine is wrong")?.to_string();
    system.store.export_system(&directory.join("tenants.surql")).await.context("the list of tenants")?;
    let system_file = files::record(directory, "tenants.surql".to_owned()).await?;
    let shards = system.bus.shard_count().await.context("the number of log shards")?;
    let mut manifest = Manifest::begin(begun_at, workers_ran, shards, system_file);
    for tenant in system.store.tenants().await? {
        tell(&format!("database of {}", tenant.id));
        let path = format!("tenant-{}.surql", tenant.id);
        let exported = system.store.export_tenant(&tenant.id, &directory.join(&path)).await;
        exported.with_context(|| format!("the database of {}", tenant.id))?;
        let file = files::record(directory, path).await?;
        attachments(system, directory, &tenant.id, &mut manifest).await?;
        manifest.tenants.push(TenantRecord { id: tenant.id, file });
    }
    for name in system.bus.lasting_streams().await? {
        tell(&format!("stream {name}"));
        let path = format!("stream-{name}.snapshot");
        let mut file = File::create(directory.join(&path)).await?;
        let stream = system.bus.save_stream(&name, &mut file).await?;
        file.flush().await?;
        file.sync_all().await?;
        manifest.streams.push(StreamRecord { stream, file: files::record(directory, path).await? });
    }
    manifest.write(directory).await?;
    Ok(manifest)
}

async fn make(directory: &Path) -> Result<()> {
    tokio::fs::create_dir_all(directory)
        .await
        .with_context(|| format!("{} can't be made", directory.display()))?;
    let mut found = tokio::fs::read_dir(directory).await?;
    ensure!(
        found.next_entry().await?.is_none(),
        "{} is not empty: name a new directory, so that no backup is written over another",
        directory.display()
    );
    Ok(())
}

async fn attachments(
    system: &System,
    directory: &Path,
    tenant: &TenantId,
    manifest: &mut Manifest,
) -> Result<()> {
    let store = system.store.tenant(tenant).await?;
    let records = store.attachments_before(EVER, MOST_ATTACHMENTS).await?;
    if records.is_empty() {
        return Ok(());
    }
    let Some(kept) = &system.attachments else {
        bail!("{tenant} has attached files: set attachments.url, or --data for those of `confab all`");
    };
    ensure!(
        records.len() < MOST_ATTACHMENTS as usize,
        "{tenant} has more attached files than a backup takes: copy the attachment store with its own tools"
    );
    for record in records {
        for variant in Variant::ALL {
            let key = key(tenant.as_str(), record.conversation.as_str(), record.id.as_str(), variant);
            let path = format!("attachments/{key}");
            if files::fetch(kept.as_ref(), &key, &directory.join(&path)).await? {
                let file = files::record(directory, path).await?;
                manifest.attachments.push(AttachmentRecord { key, file });
            }
        }
    }
    Ok(())
}
