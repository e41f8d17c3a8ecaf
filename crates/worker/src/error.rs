//! Everything that can go wrong in a worker.

use confab_attachments::AttachmentError;
use confab_bus::BusError;
use confab_protocol::ErrorCode;
use confab_store::StoreError;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkerError {
    /// The database refused or did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The bus refused or did not answer.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// The attachment store refused or did not answer.
    #[error(transparent)]
    Attachments(#[from] AttachmentError),
    /// Others changed the same records again and again in the meantime.
    #[error("the records changed {0} times while a decision was being made")]
    Contended(u32),
    /// The worker stops; whatever was being done is left to another one.
    #[error("the worker stops")]
    Stopped,
}

impl WorkerError {
    /// What a client may hear of it.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Store(error) => error.code(),
            Self::Bus(error) => error.code(),
            Self::Attachments(_) | Self::Contended(_) | Self::Stopped => ErrorCode::Unavailable,
        }
    }

    /// Whether the same can work later without anything being changed.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Store(error) => error.is_transient(),
            Self::Bus(error) => error.code().is_retryable(),
            Self::Attachments(_) | Self::Contended(_) => true,
            Self::Stopped => false,
        }
    }
}
