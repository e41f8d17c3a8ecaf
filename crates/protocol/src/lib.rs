//! What goes over the wire between clients and the hub: ids, channels, entries, frames, codes.
//!
//! No I/O, no clock, no randomness. Everything here is part of the public protocol described in
//! `docs/PROTOCOL.md`; a change here is a change of the protocol.

pub mod api;
pub mod channel;
pub mod code;
pub mod codec;
pub mod entry;
pub mod ephemeral;
pub mod events;
pub mod frame;
pub mod ids;
pub mod shard;

pub use channel::{Channel, ChannelError};
pub use code::{CloseCode, ErrorCode};
pub use codec::{Codec, DecodeError};
pub use entry::{Attachment, Author, Body, Entry, SystemEvent};
pub use ephemeral::{Ephemeral, Member};
pub use events::{ChatEvent, EventData, EventKind};
pub use frame::{ClientFrame, Delivery, JoinedFrame, ServerFrame, WelcomeFrame};
pub use ids::{
    ArticleId, AttachmentId, CannedId, ClientId, CommandId, ConversationId, InvalidId, Role, TenantId,
    TicketId, UnixMillis, UserId,
};

/// Version of the frame protocol that this crate speaks, sent in `hello` and `welcome`.
pub const PROTOCOL_VERSION: u16 = 1;
