//! The one error of the edge: a code a client may see and a sentence that says what to do.

use confab_attachments::AttachmentError;
use confab_auth::AuthError;
use confab_bus::BusError;
use confab_domain::Refusal;
use confab_protocol::ErrorCode;
use confab_protocol::api::Party;
use confab_store::StoreError;

/// Why a request or frame was refused. Everything in it is meant for the client; causes go to the log.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}: {message}", code.as_str())]
pub(crate) struct EdgeError {
    /// The code.
    pub(crate) code: ErrorCode,
    /// What happened and what to do.
    pub(crate) message: String,
    /// Who has the conversation, for `already_assigned`.
    pub(crate) winner: Option<Party>,
    /// The steps that are possible, for `invalid_transition`.
    pub(crate) possible: Vec<String>,
    /// When to try again, for codes that allow it.
    pub(crate) retry_after_ms: Option<u64>,
}

/// Time after which a client may try again when a system behind the hub does not answer, in milliseconds.
const RETRY_AFTER_MS: u64 = 1000;

impl EdgeError {
    /// An error of this code.
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        let retry_after_ms = code.is_retryable().then_some(RETRY_AFTER_MS);
        Self { code, message: message.into(), winner: None, possible: Vec::new(), retry_after_ms }
    }

    /// The answer for whatever does not exist, or belongs to another tenant.
    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(ErrorCode::NotFound, format!("no such {what}"))
    }

    /// The role does not permit it.
    pub(crate) fn forbidden() -> Self {
        Self::new(ErrorCode::Forbidden, "your role does not permit this")
    }

    /// A fault behind the hub: its cause is logged here, where it is handled; the client is told only to try again.
    fn behind(code: ErrorCode, cause: &(dyn std::error::Error + 'static)) -> Self {
        match code {
            ErrorCode::Unavailable | ErrorCode::Timeout => {
                tracing::warn!(error = cause, "a system behind the edge does not answer");
                Self::new(code, "the hub can't do this at the moment; try again")
            }
            ErrorCode::Internal => {
                tracing::error!(error = cause, "a fault behind the edge");
                Self::new(code, "a fault of the hub; it has been logged")
            }
            _ => Self::new(code, cause.to_string()),
        }
    }
}

impl From<BusError> for EdgeError {
    fn from(cause: BusError) -> Self {
        Self::behind(cause.code(), &cause)
    }
}

impl From<StoreError> for EdgeError {
    fn from(cause: StoreError) -> Self {
        Self::behind(cause.code(), &cause)
    }
}

impl From<AttachmentError> for EdgeError {
    fn from(cause: AttachmentError) -> Self {
        match cause {
            AttachmentError::NotFound => Self::not_found("file: it may have been deleted"),
            // Its cause is the operator's to mend, and names them no secret; to clients it is as good as down.
            AttachmentError::Place { .. } | AttachmentError::Denied(_) | AttachmentError::Unavailable(_) => {
                Self::behind(ErrorCode::Unavailable, &cause)
            }
        }
    }
}

impl From<AuthError> for EdgeError {
    fn from(cause: AuthError) -> Self {
        Self::new(cause.code(), cause.to_string())
    }
}

impl From<Refusal> for EdgeError {
    fn from(refusal: Refusal) -> Self {
        Self {
            winner: refusal.winner,
            possible: refusal.possible,
            ..Self::new(refusal.code, refusal.message)
        }
    }
}
