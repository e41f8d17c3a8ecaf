//! Files of a backup: sizes, checksums, and bytes between them and the attachment store.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use bytes::BytesMut;
use confab_attachments::{AttachmentError, AttachmentStore};
use futures::StreamExt as _;
use sha2::{Digest as _, Sha256};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::manifest::FileRecord;

const PIECE: usize = 256 * 1024;

/// Measures a file that was written.
pub(super) async fn record(directory: &Path, path: String) -> Result<FileRecord> {
    let (bytes, sha256) = measure(&directory.join(&path)).await?;
    Ok(FileRecord { path, bytes, sha256 })
}

/// Holds a file against its record.
pub(super) async fn check(directory: &Path, record: &FileRecord) -> Result<()> {
    let (bytes, sha256) = measure(&directory.join(&record.path)).await?;
    ensure!(
        (bytes, &sha256) == (record.bytes, &record.sha256),
        "{} is not what was saved: it has {bytes} bytes with the checksum {sha256}; nothing was restored",
        record.path
    );
    Ok(())
}

async fn measure(path: &Path) -> Result<(u64, String)> {
    let unreadable = || format!("{} can't be read", path.display());
    let mut file = File::open(path).await.with_context(unreadable)?;
    let (mut hash, mut bytes, mut piece) = (Sha256::new(), 0, vec![0; PIECE]);
    loop {
        let count = file.read(&mut piece).await.with_context(unreadable)?;
        if count == 0 {
            return Ok((bytes, format!("{:x}", hash.finalize())));
        }
        hash.update(&piece[..count]);
        bytes += count as u64;
    }
}

/// Copies an attached file into the backup; `false` when there is none under this key.
pub(super) async fn fetch(store: &dyn AttachmentStore, key: &str, to: &Path) -> Result<bool> {
    let mut download = match store.read(key).await {
        Ok(download) => download,
        Err(AttachmentError::NotFound) => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    if let Some(directory) = to.parent() {
        tokio::fs::create_dir_all(directory).await?;
    }
    let mut file = File::create(to).await?;
    while let Some(piece) = download.bytes.next().await {
        file.write_all(&piece?).await?;
    }
    file.sync_all().await?;
    Ok(true)
}

/// Copies a file of the backup into the attachment store.
pub(super) async fn put(store: &dyn AttachmentStore, key: &str, from: &Path) -> Result<()> {
    let mut file = File::open(from).await?;
    let mut upload = store.begin(key).await?;
    loop {
        let mut piece = BytesMut::with_capacity(PIECE);
        if file.read_buf(&mut piece).await? == 0 {
            return Ok(upload.finish().await?);
        }
        upload.write(piece.freeze()).await?;
    }
}
