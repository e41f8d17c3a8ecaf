//! What a backup holds: `manifest.json`, written last, so that a directory without it is no backup.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use confab_bus::SavedStream;
use confab_protocol::TenantId;
use serde::{Deserialize, Serialize};

/// Name of the file.
const FILE: &str = "manifest.json";
/// The form of backups; another one can't be read.
const FORMAT: u32 = 1;

/// What a backup holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Manifest {
    format: u32,
    /// The version that made it.
    pub(crate) confab_version: String,
    /// When it was begun, as RFC 3339.
    pub(crate) begun_at: String,
    /// Whether workers went on meanwhile.
    pub(crate) workers_ran: bool,
    /// Shards of the log.
    pub(crate) shards: u16,
    /// The migrations that the databases have had, with their checksums.
    pub(crate) schema: Vec<String>,
    /// The list of tenants.
    pub(crate) system: FileRecord,
    /// Their databases.
    pub(crate) tenants: Vec<TenantRecord>,
    /// Streams with their consumers.
    pub(crate) streams: Vec<StreamRecord>,
    /// Attached files.
    pub(crate) attachments: Vec<AttachmentRecord>,
}

/// A file, in the backup's directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileRecord {
    pub(crate) path: String,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

/// A tenant's database.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TenantRecord {
    pub(crate) id: TenantId,
    pub(crate) file: FileRecord,
}

/// A stream.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StreamRecord {
    pub(crate) stream: SavedStream,
    pub(crate) file: FileRecord,
}

/// An attached file, by its key in the attachment store.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AttachmentRecord {
    pub(crate) key: String,
    pub(crate) file: FileRecord,
}

impl Manifest {
    /// An empty one, of this version.
    pub(crate) fn begin(begun_at: String, workers_ran: bool, shards: u16, system: FileRecord) -> Self {
        Self {
            format: FORMAT,
            confab_version: env!("CARGO_PKG_VERSION").to_owned(),
            begun_at,
            workers_ran,
            shards,
            schema: confab_store::Store::schema(),
            system,
            tenants: Vec::new(),
            streams: Vec::new(),
            attachments: Vec::new(),
        }
    }

    pub(crate) async fn write(&self, directory: &Path) -> Result<()> {
        let text = serde_json::to_string_pretty(self)?;
        tokio::fs::write(directory.join(FILE), text).await.context("the manifest can't be written")
    }

    /// Reads it and checks that this version can restore it.
    pub(crate) async fn read(directory: &Path) -> Result<Self> {
        let text = tokio::fs::read_to_string(directory.join(FILE))
            .await
            .with_context(|| format!("{} is no finished backup: it has no {FILE}", directory.display()))?;
        let manifest: Self = serde_json::from_str(&text).context("the manifest can't be read")?;
        ensure!(
            manifest.format == FORMAT,
            "the backup has the form {}, this version reads {FORMAT}: restore it with confab {}",
            manifest.format,
            manifest.confab_version
        );
        ensure!(
            manifest.schema == confab_store::Store::schema(),
            "the backup has another schema than this version: restore it with confab {}, then upgrade",
            manifest.confab_version
        );
        Ok(manifest)
    }

    /// Every file it names.
    pub(crate) fn files(&self) -> impl Iterator<Item = &FileRecord> {
        std::iter::once(&self.system)
            .chain(self.tenants.iter().map(|tenant| &tenant.file))
            .chain(self.streams.iter().map(|stream| &stream.file))
            .chain(self.attachments.iter().map(|attachment| &attachment.file))
    }

    /// One line about it.
    pub(crate) fn summary(&self) -> String {
        let entries: u64 = self.streams.iter().map(|record| record.stream.messages()).sum();
        let bytes: u64 = self.files().map(|file| file.bytes).sum();
        format!(
            "{} tenants, {} streams with {entries} entries, {} attached files, {bytes} bytes",
            self.tenants.len(),
            self.streams.len(),
            self.attachments.len()
        )
    }
}
