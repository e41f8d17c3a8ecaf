//! Encoding once for all: a stored entry or an event becomes one frame a codec, shared by every follower.

use std::time::Duration;

use bytes::Bytes;
use confab_protocol::{Channel, Codec, DecodeError, ServerFrame, UnixMillis};
use confab_telemetry::metrics::ERRORS;
use serde::Deserialize;

use crate::error::EdgeError;
use crate::outbox::{Outbox, Outgoing, Position};

/// A frame in the forms that have been asked for so far.
pub(super) struct Encoded<F> {
    encode: F,
    forms: [Option<Bytes>; 2],
}

impl<F: Fn(Codec) -> Result<Vec<u8>, DecodeError>> Encoded<F> {
    pub(super) fn new(encode: F) -> Self {
        Self { encode, forms: [None, None] }
    }

    /// The frame for this codec, encoded at the first request.
    pub(super) fn form(&mut self, codec: Codec) -> Result<Bytes, DecodeError> {
        let place = &mut self.forms[usize::from(codec == Codec::Json)];
        if let Some(frame) = place {
            return Ok(frame.clone());
        }
        let frame = Bytes::from((self.encode)(codec)?);
        *place = Some(frame.clone());
        Ok(frame)
    }
}

/// What the edge reads of a stored entry; the rest it passes on unread.
#[derive(Deserialize)]
pub(super) struct Glimpse<'a> {
    /// When the entry was accepted.
    pub(super) at: UnixMillis,
    /// The kind, and the step for system entries.
    #[serde(borrow)]
    pub(super) body: BodyGlimpse<'a>,
}

/// The part of the body that tells what an entry is.
#[derive(Deserialize)]
pub(super) struct BodyGlimpse<'a> {
    /// `TEXT`, `SYSTEM`, ...
    pub(super) kind: &'a str,
    /// For `SYSTEM`.
    #[serde(default)]
    pub(super) event: Option<&'a str>,
}

impl<'a> Glimpse<'a> {
    pub(super) fn of(stored: &'a [u8]) -> Option<Self> {
        rmp_serde::from_slice(stored).ok()
    }

    /// What the entry says about the conversation's being closed, if anything.
    pub(super) fn closes(&self) -> Option<bool> {
        match (self.body.kind, self.body.event) {
            ("SYSTEM", Some("CONVERSATION_CLOSED")) => Some(true),
            ("SYSTEM", Some("CONVERSATION_REOPENED" | "CONVERSATION_STARTED")) => Some(false),
            _ => None,
        }
    }

    /// Time since the entry was accepted.
    pub(super) fn age(&self, now: UnixMillis) -> Duration {
        Duration::from_millis(now.saturating_sub(self.at))
    }
}

/// Hands a server frame to one follower. `false` when they are too slow.
pub(super) fn push(outbox: &Outbox, codec: Codec, frame: &ServerFrame) -> bool {
    outbox.push(codec.encode_server(frame).into())
}

/// Hands an entry's frame to one follower. `false` when they are too slow.
pub(super) fn push_entry(outbox: &Outbox, frame: Bytes, position: Position) -> bool {
    outbox.push(Outgoing { frame, position: Some(position) })
}

/// Tells a follower that a join failed.
pub(super) fn refuse(outbox: &Outbox, codec: Codec, reference: u64, channel: &Channel, error: &EdgeError) {
    metrics::counter!(ERRORS, "code" => error.code.as_str()).increment(1);
    let frame = ServerFrame::Error {
        reference,
        code: error.code,
        message: error.message.clone(),
        channel: Some(channel.clone()),
    };
    push(outbox, codec, &frame);
}

#[cfg(test)]
mod tests {
    use confab_protocol::codec::encode_entry;
    use confab_protocol::{Author, Body, Entry, SystemEvent};

    use super::*;

    fn stored(body: Body) -> Vec<u8> {
        encode_entry(&Entry { id: "x".into(), author: Author::system(), at: 5, body })
    }

    #[test]
    fn a_glimpse_tells_closing_entries_from_others() {
        let system = |event| stored(Body::System { event, text: "t".into(), agent: None });
        for (bytes, expected) in [
            (system(SystemEvent::ConversationClosed), Some(true)),
            (system(SystemEvent::ConversationReopened), Some(false)),
            (system(SystemEvent::IdleWarning), None),
            (stored(Body::Text { text: "CONVERSATION_CLOSED".into() }), None),
        ] {
            assert_eq!(Glimpse::of(&bytes).expect("an entry").closes(), expected);
        }
    }
}
