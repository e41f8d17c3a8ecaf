//! From a directory to a hub that holds nothing yet.

use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use tokio::fs::File;

use super::manifest::Manifest;
use super::{System, files};

/// Checks the backup and the system, then restores everything. The list of tenants comes last: a restoration that was broken
/// off has no tenants, and is begun anew on an empty system.
pub(crate) async fn load(system: &System, directory: &Path, tell: impl Fn(&str)) -> Result<Manifest> {
    let manifest = Manifest::read(directory).await?;
    ensure!(
        system.store.is_empty().await?,
        "the database has tenants already: a backup is restored into an empty system only"
    );
    for name in system.bus.lasting_streams().await? {
        ensure!(
            !system.bus.is_used(&name).await?,
            "the stream {name} has held something already: a backup is restored into an empty system only"
        );
    }
    ensure!(
        !system.bus.has_workers().await.unwrap_or(false),
        "workers are running: stop them, and start them when everything is restored"
    );
    tell("checking the files");
    for file in manifest.files() {
        files::check(directory, file).await?;
    }
    for record in &manifest.streams {
        tell(&format!("stream {}", record.stream.name));
        let mut file = File::open(directory.join(&record.file.path)).await?;
        system.bus.load_stream(&record.stream, &mut file).await?;
    }
    // The log brings its number of shards, whatever the system was made with.
    system.bus.ensure_topology().await.context("the streams can't be brought up to date")?;
    if !manifest.attachments.is_empty() {
        let Some(kept) = &system.attachments else {
            bail!("the backup has attached files: set attachments.url to where they are to go");
        };
        for record in &manifest.attachments {
            files::put(kept.as_ref(), &record.key, &directory.join(&record.file.path)).await?;
        }
    }
    for tenant in &manifest.tenants {
        tell(&format!("database of {}", tenant.id));
        let imported = system.store.import_tenant(&tenant.id, &directory.join(&tenant.file.path)).await;
        imported.with_context(|| format!("the database of {}", tenant.id))?;
    }
    let imported = system.store.import_system(&directory.join(&manifest.system.path)).await;
    imported.context("the list of tenants")?;
    Ok(manifest)
}
