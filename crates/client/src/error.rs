//! What can go wrong between a client and the hub.

use confab_protocol::api::Problem;
use confab_protocol::{CloseCode, DecodeError, ErrorCode};
use tokio_tungstenite::tungstenite;

/// A request or a connection failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ClientError {
    /// The text is no URL of a hub.
    #[error("{0:?} is no URL of a hub: write it as http://127.0.0.1:8480 or https://chat.example")]
    Url(String),
    /// Nobody answers there.
    #[error("the hub does not answer at {url}: {reason}")]
    Unreachable {
        /// Where.
        url: String,
        /// What the network said.
        reason: String,
    },
    /// The hub answered a request with a problem document.
    #[error("{} ({})", .0.detail, .0.code.as_str())]
    Refused(Box<Problem>),
    /// The answer is none of this API's.
    #[error("the answer of {url} is not one of the hub's: status {status}, {body:?}")]
    Foreign {
        /// What was asked.
        url: String,
        /// Status of the answer.
        status: u16,
        /// Beginning of its body.
        body: String,
    },
    /// The hub refused a frame.
    #[error("{message} ({})", code.as_str())]
    Rejected {
        /// Why.
        code: ErrorCode,
        /// What to do.
        message: String,
    },
    /// The hub's frame can't be read.
    #[error(transparent)]
    Frame(#[from] DecodeError),
    /// The connection has ended.
    #[error("the connection has ended: {reason}{}", number(*code))]
    Closed {
        /// Code of the close frame, when there was one.
        code: Option<u16>,
        /// Its reason, or what the network said.
        reason: String,
    },
    /// The hub took longer than it may.
    #[error("no answer in time: {0}")]
    Timeout(&'static str),
    /// This client was stopped.
    #[error("the client was stopped")]
    Stopped,
}

fn number(code: Option<u16>) -> String {
    code.map_or_else(String::new, |code| format!(" ({code})"))
}

impl ClientError {
    /// The hub's error code, where it gave one.
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused(problem) => Some(problem.code),
            Self::Rejected { code, .. } => Some(*code),
            Self::Frame(error) => Some(error.code()),
            _ => None,
        }
    }

    /// Whether the hub no longer, or never, took the token.
    pub fn is_about_the_token(&self) -> bool {
        let by_close = matches!(self, Self::Closed { code: Some(code), .. }
            if [CloseCode::Unauthenticated.number(), CloseCode::TokenExpired.number()].contains(code));
        by_close || matches!(self.code(), Some(ErrorCode::Unauthenticated | ErrorCode::TokenExpired))
    }

    pub(crate) fn unreachable(url: &str, reason: &dyn std::error::Error) -> Self {
        let mut text = reason.to_string();
        let mut source = reason.source();
        while let Some(error) = source {
            text = error.to_string();
            source = error.source();
        }
        Self::Unreachable { url: url.to_owned(), reason: text }
    }

    pub(crate) fn from_socket(error: &tungstenite::Error) -> Self {
        Self::Closed { code: None, reason: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_token_is_known_by_code_and_by_close_code() {
        let closed = ClientError::Closed { code: Some(4410), reason: "token_expired".into() };
        assert!(closed.is_about_the_token());
        let rejected = ClientError::Rejected { code: ErrorCode::Unauthenticated, message: String::new() };
        assert!(rejected.is_about_the_token());
        let slow = ClientError::Closed { code: Some(4411), reason: "slow".into() };
        assert!(!slow.is_about_the_token());
        assert_eq!(slow.to_string(), "the connection has ended: slow (4411)");
    }
}
