//! Frames to bytes and back: MessagePack in binary frames, or the same as JSON in text frames.

use serde::Deserialize;

use crate::channel::Channel;
use crate::code::ErrorCode;
use crate::entry::Entry;
use crate::ephemeral::Ephemeral;
use crate::frame::{CLIENT_FRAME_TYPES, ClientFrame, ServerFrame};

/// How frames are written on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Codec {
    /// MessagePack maps, in binary WebSocket frames. Subprotocol `confab.msgpack.v1`.
    MessagePack,
    /// JSON objects, in text WebSocket frames or server-sent events. Subprotocol `confab.json.v1`.
    Json,
}

/// The bytes are no frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Not decodable, or a field is missing or of the wrong type.
    #[error("the frame can't be read: {0}")]
    Malformed(String),
    /// Decodable, but of no known type.
    #[error("no frame has the type {0:?}")]
    Unknown(String),
}

impl DecodeError {
    /// The code a client sees.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Malformed(_) => ErrorCode::Malformed,
            Self::Unknown(_) => ErrorCode::UnknownFrame,
        }
    }
}

#[derive(Deserialize)]
struct Tagged {
    t: String,
}

impl Codec {
    /// Both, the preferred one first.
    pub const ALL: [Self; 2] = [Self::MessagePack, Self::Json];

    /// The WebSocket subprotocol that selects this codec.
    pub fn subprotocol(self) -> &'static str {
        match self {
            Self::MessagePack => "confab.msgpack.v1",
            Self::Json => "confab.json.v1",
        }
    }

    /// The first codec named in a `Sec-WebSocket-Protocol` header; `None` when it names none of ours.
    pub fn from_subprotocols(offered: &str) -> Option<Self> {
        offered
            .split(',')
            .find_map(|name| Self::ALL.into_iter().find(|codec| codec.subprotocol() == name.trim()))
    }

    /// Reads what a client says.
    pub fn decode_client(self, bytes: &[u8]) -> Result<ClientFrame, DecodeError> {
        self.decode(bytes).map_err(|reason| match self.decode::<Tagged>(bytes) {
            Ok(tagged) if !CLIENT_FRAME_TYPES.contains(&tagged.t.as_str()) => {
                DecodeError::Unknown(tagged.t.chars().take(40).collect())
            }
            _ => DecodeError::Malformed(reason),
        })
    }

    /// Reads what the hub says; for clients.
    pub fn decode_server(self, bytes: &[u8]) -> Result<ServerFrame, DecodeError> {
        self.decode(bytes).map_err(DecodeError::Malformed)
    }

    fn decode<'a, T: Deserialize<'a>>(self, bytes: &'a [u8]) -> Result<T, String> {
        match self {
            Self::MessagePack => rmp_serde::from_slice(bytes).map_err(|error| error.to_string()),
            Self::Json => serde_json::from_slice(bytes).map_err(|error| error.to_string()),
        }
    }

    /// Writes what a client says.
    pub fn encode_client(self, frame: &ClientFrame) -> Vec<u8> {
        self.encode(frame)
    }

    /// Writes what the hub says.
    pub fn encode_server(self, frame: &ServerFrame) -> Vec<u8> {
        self.encode(frame)
    }

    fn encode<T: serde::Serialize>(self, value: &T) -> Vec<u8> {
        match self {
            Self::MessagePack => encode_msgpack(value),
            Self::Json => {
                serde_json::to_vec(value).expect("frames have text keys and no failing serializers")
            }
        }
    }

    /// The `entry` frame around stored bytes. MessagePack puts its header before them without reading them.
    pub fn delivery(
        self,
        channel: &Channel,
        seq: u64,
        prev: u64,
        stored: &[u8],
    ) -> Result<Vec<u8>, DecodeError> {
        match self {
            Self::MessagePack => {
                let channel = channel.to_string();
                let mut frame = Vec::with_capacity(stored.len() + channel.len() + 64);
                frame.push(0x85); // a map of five
                put_text(&mut frame, "t");
                put_text(&mut frame, "entry");
                put_text(&mut frame, "channel");
                put_text(&mut frame, &channel);
                put_text(&mut frame, "seq");
                put_number(&mut frame, seq);
                put_text(&mut frame, "prev");
                put_number(&mut frame, prev);
                put_text(&mut frame, "entry");
                frame.extend_from_slice(stored);
                Ok(frame)
            }
            Self::Json => {
                let entry = decode_entry(stored)?;
                let delivery = crate::frame::Delivery { channel: channel.clone(), seq, prev, entry };
                Ok(self.encode(&ServerFrame::Entry(delivery)))
            }
        }
    }

    /// The `event` frame around an encoded ephemeral event.
    pub fn event(self, channel: &Channel, encoded: &[u8]) -> Result<Vec<u8>, DecodeError> {
        match self {
            Self::MessagePack => {
                let channel = channel.to_string();
                let mut frame = Vec::with_capacity(encoded.len() + channel.len() + 32);
                frame.push(0x83); // a map of three
                put_text(&mut frame, "t");
                put_text(&mut frame, "event");
                put_text(&mut frame, "channel");
                put_text(&mut frame, &channel);
                put_text(&mut frame, "event");
                frame.extend_from_slice(encoded);
                Ok(frame)
            }
            Self::Json => {
                let event = decode_ephemeral(encoded)?;
                Ok(self.encode(&ServerFrame::Event { channel: channel.clone(), event }))
            }
        }
    }
}

/// An entry as the log stores it.
pub fn encode_entry(entry: &Entry) -> Vec<u8> {
    encode_msgpack(entry)
}

/// Reads a stored entry.
pub fn decode_entry(stored: &[u8]) -> Result<Entry, DecodeError> {
    rmp_serde::from_slice(stored).map_err(|error| DecodeError::Malformed(error.to_string()))
}

/// An ephemeral event as edges and workers send it to each other.
pub fn encode_ephemeral(event: &Ephemeral) -> Vec<u8> {
    encode_msgpack(event)
}

/// Reads an ephemeral event.
pub fn decode_ephemeral(encoded: &[u8]) -> Result<Ephemeral, DecodeError> {
    rmp_serde::from_slice(encoded).map_err(|error| DecodeError::Malformed(error.to_string()))
}

fn encode_msgpack<T: serde::Serialize>(value: &T) -> Vec<u8> {
    rmp_serde::to_vec_named(value).expect("writing to memory does not fail")
}

fn put_text(frame: &mut Vec<u8>, text: &str) {
    rmp_serde::encode::write(frame, text).expect("writing to memory does not fail");
}

fn put_number(frame: &mut Vec<u8>, number: u64) {
    rmp_serde::encode::write(frame, &number).expect("writing to memory does not fail");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::{Author, Body};
    use crate::frame::Delivery;
    use crate::ids::{Role, UserId};

    fn entry() -> Entry {
        Entry {
            id: "m-1".into(),
            author: Author {
                id: Some(UserId::parse("mohan").expect("an id")),
                name: "Mohan".into(),
                role: Some(Role::Customer),
            },
            at: 1_700_000_000_000,
            body: Body::Text { text: "My payment is stuck".into() },
        }
    }

    #[test]
    fn a_spliced_delivery_reads_like_an_encoded_one() {
        let channel: Channel = "conv.c-1".parse().expect("a channel");
        let stored = encode_entry(&entry());
        for codec in Codec::ALL {
            let frame = codec.delivery(&channel, 70_000, 3, &stored).expect("stored entries decode");
            let read = codec.decode_server(&frame).expect("a frame");
            let expected = Delivery { channel: channel.clone(), seq: 70_000, prev: 3, entry: entry() };
            assert_eq!(read, ServerFrame::Entry(expected));
        }
    }

    #[test]
    fn a_spliced_event_reads_like_an_encoded_one() {
        let channel: Channel = "conv.c-1".parse().expect("a channel");
        let event = Ephemeral::PresenceQuery { node: "edge-1".into() };
        for codec in Codec::ALL {
            let frame = codec.event(&channel, &encode_ephemeral(&event)).expect("events decode");
            let read = codec.decode_server(&frame).expect("a frame");
            assert_eq!(read, ServerFrame::Event { channel: channel.clone(), event: event.clone() });
        }
    }

    #[test]
    fn unknown_and_malformed_frames_are_told_apart() {
        let unknown = Codec::Json.decode_client(br#"{"t":"dance"}"#).expect_err("no such frame");
        assert_eq!(unknown, DecodeError::Unknown("dance".into()));
        for bytes in [&b"{"[..], br#"{"t":"join"}"#, br#"{"t":"join","channel":"conv.>"}"#, b"[1,2]", b""] {
            let error = Codec::Json.decode_client(bytes).expect_err("no frame");
            assert_eq!(error.code(), ErrorCode::Malformed);
        }
        let error = Codec::MessagePack.decode_client(&[0xc1, 0xff]).expect_err("no frame");
        assert_eq!(error.code(), ErrorCode::Malformed);
    }

    #[test]
    fn the_subprotocol_selects_the_codec() {
        assert_eq!(Codec::from_subprotocols("x, confab.json.v1"), Some(Codec::Json));
        assert_eq!(Codec::from_subprotocols("confab.msgpack.v1,confab.json.v1"), Some(Codec::MessagePack));
        assert_eq!(Codec::from_subprotocols("chat"), None);
    }
}
