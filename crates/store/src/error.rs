//! What can go wrong with the database: [`StoreError`] for callers, and the engine's faults it is made from.

use std::time::Duration;

use confab_protocol::ErrorCode;
use surrealdb::types::{Error as EngineError, ErrorDetails, NotFoundError, QueryError};

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// There is no such thing.
    #[error("{0} does not exist")]
    NotFound(String),
    /// A record is not in the version the change was decided on; decide anew.
    #[error("a record was changed by somebody else in the meantime")]
    Conflict,
    /// It exists already.
    #[error("{0} exists already")]
    Exists(String),
    /// There are as many as there may be.
    #[error("too many {0}")]
    TooMany(String),
    /// The database can't be reached, or is too contended.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The database did not answer in time; whether it did what it was asked is not known.
    #[error("the database did not answer within {0:?}")]
    Timeout(Duration),
    /// The schema is missing.
    #[error("the database is not prepared, run `confab migrate`: {0}")]
    NotMigrated(String),
    /// A migration that was applied has another text now.
    #[error(
        "migration {migration} was changed after it had been applied to the database {database}; \
         restore the file as it was released and put the change into a new migration"
    )]
    MigrationChanged {
        /// Name of the migration.
        migration: String,
        /// The database it was applied to.
        database: String,
    },
    /// A stored record can't be read.
    #[error("a stored record can't be read: {0}")]
    Corrupt(String),
    /// The cursor was not given out by this hub.
    #[error("the cursor is not one this hub gave out; begin without one")]
    InvalidCursor,
    /// The database refused the query.
    #[error("the database refused: {0}")]
    Refused(String),
}

impl StoreError {
    /// What a client may hear of it.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound(_) => ErrorCode::NotFound,
            Self::Conflict | Self::Exists(_) | Self::TooMany(_) => ErrorCode::Conflict,
            Self::Unavailable(_) | Self::Timeout(_) | Self::NotMigrated(_) => ErrorCode::Unavailable,
            Self::InvalidCursor => ErrorCode::Invalid,
            Self::MigrationChanged { .. } | Self::Corrupt(_) | Self::Refused(_) => ErrorCode::Internal,
        }
    }

    /// Whether the same call can succeed later. A [`StoreError::Conflict`] can't: the decision has to be made anew.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Timeout(_))
    }
}

/// What the engine says, sorted by what can be done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A `THROW` of ours, with its word.
    Thrown(String),
    /// A record with this id, or this unique value, exists.
    Exists(String),
    /// Another transaction wrote the same records; nothing was changed.
    Contended,
    /// The connection or its session is gone.
    Lost(String),
    /// No answer in time.
    Timeout(Duration),
    /// The engine could not write, whatever it was told to: its disk is full, for example. Nothing was changed.
    Unwritten(String),
    /// The schema lacks something.
    Missing(String),
    /// Anything else.
    Other(String),
}

impl Fault {
    /// The fault behind a failed request.
    pub(crate) fn of(error: &EngineError) -> Self {
        let text = error.message().to_owned();
        match error.details() {
            ErrorDetails::Thrown => Self::Thrown(last_word(&text)),
            ErrorDetails::AlreadyExists(_) => Self::Exists(text),
            ErrorDetails::Connection(_)
            | ErrorDetails::NotAllowed(_)
            | ErrorDetails::NotFound(Some(NotFoundError::Session { .. })) => Self::Lost(text),
            ErrorDetails::NotFound(_) => Self::Missing(text),
            ErrorDetails::Query(Some(QueryError::TransactionConflict)) => Self::Contended,
            // A transaction that failed without a cause among its statements failed as a whole.
            ErrorDetails::Query(Some(QueryError::NotExecuted | QueryError::Cancelled)) => {
                Self::Unwritten(text)
            }
            // The engine gives a breach of a unique index no kind of its own.
            ErrorDetails::Internal if text.contains("already contains") => Self::Exists(text),
            _ if is_of_storage(&text) => Self::Unwritten(text),
            // A session that could not be set up again after a reconnect is lost for good.
            ErrorDetails::Internal if text.contains("session") || text.contains("channel") => {
                Self::Lost(text)
            }
            _ => Self::Other(text),
        }
    }

    /// The fault behind a failed transaction: every statement has an error, and one of them is the cause.
    pub(crate) fn of_all<'a>(errors: impl IntoIterator<Item = &'a EngineError>) -> Option<Self> {
        errors.into_iter().max_by_key(|error| weight(error)).map(Self::of)
    }

    /// Whether the connection should be built anew.
    pub(crate) fn is_loss(&self) -> bool {
        matches!(self, Self::Lost(_) | Self::Timeout(_))
    }
}

/// Failures of the engine's storage have no kind of their own, but words: what a record says is never the cause of them.
fn is_of_storage(text: &str) -> bool {
    ["Cannot COMMIT", "IO error", "os error", "No space left"].iter().any(|words| text.contains(words))
}

/// How much an error says about the cause: the consequences of another error say nothing.
fn weight(error: &EngineError) -> u8 {
    match error.details() {
        ErrorDetails::Query(Some(QueryError::Cancelled)) => 0,
        ErrorDetails::Query(Some(QueryError::NotExecuted)) => 1,
        ErrorDetails::Thrown => 3,
        _ => 2,
    }
}

/// The engine puts a sentence before what was thrown.
fn last_word(text: &str) -> String {
    text.rsplit(' ').next().unwrap_or_default().to_owned()
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Exists(what) => Self::Exists(what),
            Fault::Contended => Self::Unavailable("too many writes to the same records at once".to_owned()),
            Fault::Lost(why) | Fault::Unwritten(why) => Self::Unavailable(why),
            Fault::Timeout(limit) => Self::Timeout(limit),
            Fault::Missing(what) => Self::NotMigrated(what),
            Fault::Thrown(what) | Fault::Other(what) => Self::Refused(what),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn not_executed() -> EngineError {
        EngineError::query("The query was not executed".into(), Some(QueryError::NotExecuted))
    }

    #[test]
    fn the_cause_is_found_among_its_consequences() {
        let thrown = EngineError::thrown("An error occurred: version".into());
        let errors = [not_executed(), thrown, not_executed()];
        assert_eq!(Fault::of_all(&errors), Some(Fault::Thrown("version".into())));
        let conflict = EngineError::query("Cannot COMMIT".into(), Some(QueryError::TransactionConflict));
        let errors = [not_executed(), not_executed(), conflict];
        assert_eq!(Fault::of_all(&errors), Some(Fault::Contended));
        assert_eq!(Fault::of_all(&[]), None);
    }

    #[test]
    fn a_full_disk_is_no_fault_of_what_was_to_be_written() {
        let full = "Cannot COMMIT: There was a problem with a transaction: WAL error: IO error: kind=no storage space, \
                    message=No space left on device (os error 28)";
        let full = EngineError::internal(full.into());
        for errors in [vec![not_executed(), full], vec![not_executed(), not_executed()]] {
            let fault = Fault::of_all(&errors).expect("a fault");
            assert!(matches!(fault, Fault::Unwritten(_)), "{fault:?}");
            assert!(!fault.is_loss() && StoreError::from(fault).is_transient());
        }
        let refused = EngineError::internal("Expected a string but found 1".into());
        assert!(!StoreError::from(Fault::of(&refused)).is_transient());
    }

    #[test]
    fn only_what_passes_by_itself_is_transient() {
        assert!(StoreError::Timeout(Duration::from_secs(1)).is_transient());
        assert!(StoreError::from(Fault::Contended).is_transient());
        assert!(!StoreError::Conflict.is_transient());
        assert!(!StoreError::NotFound("x".into()).is_transient());
    }
}
