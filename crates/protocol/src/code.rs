//! Every error code and every close code a client can ever see.

use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// Why something was refused. HTTP answers carry it as `code` of the problem document, WebSocket in
/// `error` and `nack` frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorCode {
    /// The frame or body could not be decoded.
    Malformed,
    /// The frame's type is unknown to this version.
    UnknownFrame,
    /// The frame came before `hello`, or `hello` came twice.
    OutOfTurn,
    /// A field has a value that is not allowed; the message says which.
    Invalid,
    /// A frame, body or text is larger than the limit.
    TooLarge,
    /// Too much in too short a time; wait `retry_after_ms`.
    RateLimited,
    /// No token, or one that this hub did not issue.
    Unauthenticated,
    /// The token has run out; renew it.
    TokenExpired,
    /// Name or password is wrong.
    WrongCredentials,
    /// The role does not permit this.
    Forbidden,
    /// No such thing, or one of another tenant.
    NotFound,
    /// The channel has to be joined first.
    NotJoined,
    /// More channels on one connection than the limit.
    TooManyRooms,
    /// Another agent won the conversation; `winner` names them.
    AlreadyAssigned,
    /// The agent has no free slot.
    CapacityExceeded,
    /// The conversation's status does not allow this step.
    InvalidTransition,
    /// The conversation is closed; reopen it or start another.
    ConversationClosed,
    /// The same id was used for something else.
    Conflict,
    /// It has changed since it was read, so that `If-Match` does not hold; read it again.
    PreconditionFailed,
    /// A system behind the hub does not answer; try again after `retry_after_ms`.
    Unavailable,
    /// Accepted, but the outcome was not known in time; the same request with the same id is safe.
    Timeout,
    /// The hub speaks no such version or subprotocol.
    UnsupportedVersion,
    /// A fault of the hub.
    Internal,
}

impl ErrorCode {
    /// The code as it stands on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::UnknownFrame => "unknown_frame",
            Self::OutOfTurn => "out_of_turn",
            Self::Invalid => "invalid",
            Self::TooLarge => "too_large",
            Self::RateLimited => "rate_limited",
            Self::Unauthenticated => "unauthenticated",
            Self::TokenExpired => "token_expired",
            Self::WrongCredentials => "wrong_credentials",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::NotJoined => "not_joined",
            Self::TooManyRooms => "too_many_rooms",
            Self::AlreadyAssigned => "already_assigned",
            Self::CapacityExceeded => "capacity_exceeded",
            Self::InvalidTransition => "invalid_transition",
            Self::ConversationClosed => "conversation_closed",
            Self::Conflict => "conflict",
            Self::PreconditionFailed => "precondition_failed",
            Self::Unavailable => "unavailable",
            Self::Timeout => "timeout",
            Self::UnsupportedVersion => "unsupported_version",
            Self::Internal => "internal",
        }
    }

    /// Whether the same request can succeed later without being changed.
    pub fn is_retryable(self) -> bool {
        matches!(self, Self::RateLimited | Self::Unavailable | Self::Timeout)
    }
}

/// Why the hub closed a WebSocket. Numbers are in the range left to applications (RFC 6455, 7.4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u16)]
pub enum CloseCode {
    /// Regular end.
    Normal = 1000,
    /// The node is going away; reconnect after the hint of the `draining` frame.
    Draining = 1012,
    /// A frame could not be decoded, or was fragmented beyond the limit.
    Malformed = 4400,
    /// No valid token in `hello`.
    Unauthenticated = 4401,
    /// The frame is not allowed at this point, or not to this role.
    OutOfTurn = 4403,
    /// The hub does not speak the client's version of the protocol.
    UnsupportedVersion = 4406,
    /// `hello` did not arrive in time.
    HelloTimeout = 4407,
    /// Nothing was heard from the peer for too long.
    IdleTimeout = 4408,
    /// The token ran out and was not renewed.
    TokenExpired = 4410,
    /// The peer reads too slowly: its outbox is full. Reconnect and resume; nothing is lost.
    Slow = 4411,
    /// A frame is larger than the limit.
    TooLarge = 4413,
    /// Too many frames in too short a time.
    RateLimited = 4429,
    /// A fault of the hub.
    Internal = 4500,
}

impl CloseCode {
    /// Every code, for documentation and tests.
    pub const ALL: [Self; 13] = [
        Self::Normal,
        Self::Draining,
        Self::Malformed,
        Self::Unauthenticated,
        Self::OutOfTurn,
        Self::UnsupportedVersion,
        Self::HelloTimeout,
        Self::IdleTimeout,
        Self::TokenExpired,
        Self::Slow,
        Self::TooLarge,
        Self::RateLimited,
        Self::Internal,
    ];

    /// The number that goes into the close frame.
    pub fn number(self) -> u16 {
        self as u16
    }

    /// The reason phrase that goes into the close frame, also a metrics label.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Draining => "draining",
            Self::Malformed => "malformed",
            Self::Unauthenticated => "unauthenticated",
            Self::OutOfTurn => "out_of_turn",
            Self::UnsupportedVersion => "unsupported_version",
            Self::HelloTimeout => "hello_timeout",
            Self::IdleTimeout => "idle_timeout",
            Self::TokenExpired => "token_expired",
            Self::Slow => "slow",
            Self::TooLarge => "too_large",
            Self::RateLimited => "rate_limited",
            Self::Internal => "internal",
        }
    }
}

impl PartialSchema for CloseCode {
    fn schema() -> RefOr<Schema> {
        let names: Vec<&str> = Self::ALL.iter().map(|code| code.reason()).collect();
        let numbers = Self::ALL.iter().map(|code| code.number());
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .enum_values(Some(numbers))
            .description(Some("Code of the WebSocket close frame that ends a connection."))
            .extensions(Some(ExtensionsBuilder::new().add("x-enum-varnames", names).build()))
            .into()
    }
}

impl ToSchema for CloseCode {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_code_is_what_serde_writes() {
        for code in [ErrorCode::Malformed, ErrorCode::AlreadyAssigned, ErrorCode::UnsupportedVersion] {
            let json = serde_json::to_string(&code).expect("a code is a string");
            assert_eq!(json, format!("\"{}\"", code.as_str()));
        }
    }

    #[test]
    fn close_codes_differ() {
        let mut numbers: Vec<u16> = CloseCode::ALL.iter().map(|code| code.number()).collect();
        numbers.dedup();
        assert_eq!(numbers.len(), CloseCode::ALL.len());
    }
}
