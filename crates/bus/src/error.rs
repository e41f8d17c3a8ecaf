//! Everything that can go wrong on the bus, and what a client may hear of it.

use std::error::Error;

use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use async_nats::jetstream::stream::{
    DirectGetError, DirectGetErrorKind, RawMessageError, RawMessageErrorKind,
};
use async_nats::{ConnectError, RequestErrorKind};
use confab_protocol::ErrorCode;

/// What the library below reports.
type Source = Box<dyn Error + Send + Sync>;

/// Why something on the bus failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BusError {
    /// No connection could be made at start.
    #[error("no NATS server at {url} accepts the connection")]
    Connect {
        /// Where it was tried.
        url: String,
        /// What the library says.
        #[source]
        source: Source,
    },
    /// The credentials file cannot be read.
    #[error("the credentials file cannot be read")]
    Credentials(#[source] std::io::Error),
    /// The server or the stream does not answer, or has no leader.
    #[error("the bus does not answer: {what}")]
    Unavailable {
        /// What was wanted.
        what: &'static str,
        /// What the library says.
        #[source]
        source: Source,
    },
    /// No answer in time; what was asked may still happen.
    #[error("the bus did not answer in time: {0}")]
    Timeout(&'static str),
    /// The message is larger than the server takes.
    #[error("the message is larger than the bus takes")]
    TooLarge,
    /// A text that cannot be part of a subject or header.
    #[error("no {what} can be called {text:?}")]
    InvalidName {
        /// What it was to name.
        what: &'static str,
        /// The text.
        text: String,
    },
    /// Two nodes with different settings made the log at the same moment.
    #[error(
        "the log was made with {stored} shards by another node at this moment, and this one is configured with \
         {configured}; start it again, then the log's own number counts"
    )]
    ShardsChanged {
        /// What the streams were made for.
        stored: u16,
        /// What is configured.
        configured: u16,
    },
    /// Fewer shards were asked for than there are.
    #[error(
        "the log has {stored} shards and can't have {wanted}: conversations lie in each of them; their number can only \
         be raised"
    )]
    ShardsLowered {
        /// How many there are.
        stored: u16,
        /// What was asked for.
        wanted: u16,
    },
    /// Somebody else raised the number of shards at the same time.
    #[error(
        "somebody else has raised the number of shards to {stored} at this moment; look at it and begin anew"
    )]
    ShardsRaisedMeanwhile {
        /// How many there are.
        stored: u16,
    },
    /// A stream cannot be created or brought up to date.
    #[error("stream {stream} cannot be created or updated")]
    Topology {
        /// Which one.
        stream: String,
        /// What the server says.
        #[source]
        source: Source,
    },
    /// A copy of a stream can't be written or read.
    #[error("a copy of a stream cannot be written or read")]
    Copy(#[source] std::io::Error),
    /// No such message is stored.
    #[error("the bus has no such message")]
    NotFound,
    /// What is stored cannot be read.
    #[error("a stored message cannot be read: {0}")]
    Malformed(&'static str),
}

impl BusError {
    /// What a client may hear of it.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Connect { .. } | Self::Unavailable { .. } => ErrorCode::Unavailable,
            Self::Timeout(_) => ErrorCode::Timeout,
            Self::TooLarge => ErrorCode::TooLarge,
            Self::InvalidName { .. } | Self::ShardsLowered { .. } => ErrorCode::Invalid,
            Self::ShardsRaisedMeanwhile { .. } => ErrorCode::Conflict,
            Self::NotFound => ErrorCode::NotFound,
            Self::Credentials(_)
            | Self::Copy(_)
            | Self::ShardsChanged { .. }
            | Self::Topology { .. }
            | Self::Malformed(_) => ErrorCode::Internal,
        }
    }

    pub(crate) fn connect(url: &str, error: ConnectError) -> Self {
        Self::Connect { url: url.to_owned(), source: Box::new(error) }
    }

    pub(crate) fn unavailable(what: &'static str, error: impl Into<Source>) -> Self {
        Self::Unavailable { what, source: error.into() }
    }

    pub(crate) fn topology(stream: &str, error: impl Into<Source>) -> Self {
        Self::Topology { stream: stream.to_owned(), source: error.into() }
    }

    pub(crate) fn publish(error: PublishError) -> Self {
        match error.kind() {
            PublishErrorKind::TimedOut => Self::Timeout("a publish"),
            PublishErrorKind::MaxPayloadExceeded => Self::TooLarge,
            _ => Self::unavailable("a publish", error),
        }
    }

    pub(crate) fn request(what: &'static str, error: async_nats::RequestError) -> Self {
        match error.kind() {
            RequestErrorKind::TimedOut => Self::Timeout(what),
            RequestErrorKind::MaxPayloadExceeded => Self::TooLarge,
            _ => Self::unavailable(what, error),
        }
    }

    pub(crate) fn direct_get(error: DirectGetError) -> Self {
        match error.kind() {
            DirectGetErrorKind::NotFound => Self::NotFound,
            DirectGetErrorKind::TimedOut => Self::Timeout("a read"),
            _ => Self::unavailable("a read", error),
        }
    }

    pub(crate) fn raw_message(error: RawMessageError) -> Self {
        match error.kind() {
            RawMessageErrorKind::NoMessageFound => Self::NotFound,
            _ => Self::unavailable("a read", error),
        }
    }
}

/// `Ok(None)` for what isn't stored.
pub(crate) fn optional<T>(result: Result<T, BusError>) -> Result<Option<T>, BusError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(BusError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}
