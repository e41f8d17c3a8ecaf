//! Files that people attach: where their bytes are kept, what they really are, and small pictures of them.
//!
//! [`AttachmentStore`] is the seam: the hub brings local disk and S3; who embeds it can bring another. Knows nothing of
//! conversations, permissions or HTTP.

mod objects;
mod preview;
mod sniff;

use std::fmt::Debug;

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream::BoxStream;

pub use objects::{ObjectAttachments, S3Settings};
pub use preview::{Preview, PreviewError, PreviewLimits, preview};
pub use sniff::{HEAD_BYTES, is_allowed, is_picture, media_type};

/// Why bytes could not be kept or had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AttachmentError {
    /// There is no such file.
    #[error("there is no such file in the attachment store")]
    NotFound,
    /// The place named by the configuration can't be used.
    #[error("the attachment store {url} can't be used: {cause}")]
    Place {
        /// The place.
        url: String,
        /// Why.
        cause: String,
    },
    /// The store doesn't let the hub in, or not to this.
    #[error(
        "the attachment store refuses the hub's key: {0}; check attachments.s3_access_key_id, its secret, and what it may do"
    )]
    Denied(String),
    /// The store does not answer, or is full.
    #[error("the attachment store does not answer: {0}")]
    Unavailable(String),
}

/// A file being written. Dropped before [`Upload::finish`], it leaves nothing behind that anybody could read.
pub trait Upload: Send {
    /// Adds bytes. Waits until there is room, so that no more than a few pieces are in memory.
    fn write(&mut self, bytes: Bytes) -> BoxFuture<'_, Result<(), AttachmentError>>;
    /// Makes the file readable, whole.
    fn finish(self: Box<Self>) -> BoxFuture<'static, Result<(), AttachmentError>>;
    /// Gives up.
    fn abort(self: Box<Self>) -> BoxFuture<'static, Result<(), AttachmentError>>;
}

/// A file being read.
pub struct Download {
    /// Its size in bytes.
    pub size: u64,
    /// Its bytes.
    pub bytes: BoxStream<'static, Result<Bytes, AttachmentError>>,
}

/// Where attachments are kept. Keys are paths of plain ids, separated by `/`.
pub trait AttachmentStore: Debug + Send + Sync {
    /// Begins a file. One that was there under the key is replaced when the new one is finished.
    fn begin<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Box<dyn Upload>, AttachmentError>>;
    /// Reads a file.
    fn read<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Download, AttachmentError>>;
    /// Deletes a file; one that isn't there is gone already.
    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<(), AttachmentError>>;
}

/// Which bytes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// As they were sent.
    Original,
    /// The small picture.
    Preview,
}

impl Variant {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Original, Self::Preview];

    /// The last part of a key.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Preview => "preview",
        }
    }

    /// The variant of this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|variant| variant.as_str() == text)
    }
}

/// Where the bytes of a file lie. The ids are plain.
pub fn key(tenant: &str, conversation: &str, file: &str, variant: Variant) -> String {
    format!("{tenant}/{conversation}/{file}/{}", variant.as_str())
}
