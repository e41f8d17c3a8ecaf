//! Frames: what a client and an edge say to each other. `t` names the variant.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::channel::Channel;
use crate::code::ErrorCode;
use crate::entry::Entry;
use crate::ephemeral::{Ephemeral, Member, Watermark};
use crate::ids::{ClientId, Role, TenantId, UnixMillis, UserId};

/// What a client may say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "t")]
pub enum ClientFrame {
    /// First frame of every connection.
    #[serde(rename = "hello")]
    Hello {
        /// Access or customer token.
        token: String,
        /// Protocol version the client speaks.
        protocol: u16,
        /// Name and version of the client, for the logs.
        #[serde(default)]
        client: Option<String>,
    },
    /// Follow a channel; on a joined channel it fetches again what lies after `after`.
    #[serde(rename = "join")]
    Join {
        /// Comes back in the answer.
        #[serde(rename = "ref", default)]
        reference: u64,
        /// The channel.
        channel: Channel,
        /// Last sequence the client has; 0 for all from the start; absent for nothing but what comes from now on.
        #[serde(default)]
        after: Option<u64>,
        /// The epoch `after` belongs to; required when `after` is above 0.
        #[serde(default)]
        epoch: Option<String>,
    },
    /// Stop following a channel.
    #[serde(rename = "leave")]
    Leave {
        /// Comes back in the answer.
        #[serde(rename = "ref", default)]
        reference: u64,
        /// The channel.
        channel: Channel,
    },
    /// Write a message.
    #[serde(rename = "send")]
    Send {
        /// A joined `conv.<id>` or `conv.<id>.notes`.
        channel: Channel,
        /// The client's own id of the message.
        client_id: ClientId,
        /// The text.
        text: String,
        /// On a resend: the highest sequence of the channel the client knew when it first tried.
        #[serde(default)]
        known: Option<u64>,
    },
    /// Watermarks of the sender.
    #[serde(rename = "receipt")]
    Receipt {
        /// The conversation's channel.
        channel: Channel,
        /// Highest sequence received.
        #[serde(default)]
        delivered: Option<u64>,
        /// Highest sequence seen on screen.
        #[serde(default)]
        read: Option<u64>,
    },
    /// The person types.
    #[serde(rename = "TYPING_START")]
    TypingStart {
        /// The conversation's channel.
        channel: Channel,
    },
    /// The person stopped typing.
    #[serde(rename = "TYPING_STOP")]
    TypingStop {
        /// The conversation's channel.
        channel: Channel,
    },
    /// The conversation came to, or left, the foreground.
    #[serde(rename = "view")]
    View {
        /// The conversation's channel.
        channel: Channel,
        /// Whether it is in the foreground.
        on: bool,
    },
    /// A fresh token, before the old one runs out.
    #[serde(rename = "renew")]
    Renew {
        /// The token; it must be of the same person.
        token: String,
    },
    /// Are you there?
    #[serde(rename = "ping")]
    Ping {
        /// Comes back in the answer.
        #[serde(default)]
        n: u64,
    },
    /// Answer to the hub's `ping`.
    #[serde(rename = "pong")]
    Pong {
        /// From the ping.
        #[serde(default)]
        n: u64,
    },
}

/// Every `t` a client may send; any other is an unknown frame.
pub const CLIENT_FRAME_TYPES: [&str; 11] = [
    "hello",
    "join",
    "leave",
    "send",
    "receipt",
    "TYPING_START",
    "TYPING_STOP",
    "view",
    "renew",
    "ping",
    "pong",
];

/// What the hub may say.
#[expect(clippy::large_enum_variant, reason = "frames are made, encoded and dropped one at a time")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "t")]
pub enum ServerFrame {
    /// Answer to `hello`.
    #[serde(rename = "welcome")]
    Welcome(WelcomeFrame),
    /// The channel is followed; what the client missed comes next, then what is new.
    #[serde(rename = "joined")]
    Joined(JoinedFrame),
    /// What lies after the given position can't be had whole: read the history over HTTP, then join anew.
    #[serde(rename = "resync")]
    Resync {
        /// From the join; 0 when the hub found it out by itself.
        #[serde(rename = "ref", default)]
        reference: u64,
        /// The channel. It is not followed.
        channel: Channel,
        /// The log's epoch now.
        epoch: String,
    },
    /// The channel is no longer followed.
    #[serde(rename = "left")]
    Left {
        /// From the leave.
        #[serde(rename = "ref", default)]
        reference: u64,
        /// The channel.
        channel: Channel,
    },
    /// An entry of a followed channel.
    #[serde(rename = "entry")]
    Entry(Delivery),
    /// An ephemeral event of a followed channel.
    #[serde(rename = "event")]
    Event {
        /// The channel.
        channel: Channel,
        /// What happened.
        event: Ephemeral,
    },
    /// The message is stored.
    #[serde(rename = "ack")]
    Ack {
        /// The channel.
        channel: Channel,
        /// From the send.
        client_id: ClientId,
        /// Its sequence in the channel.
        seq: u64,
        /// Whether it had been stored before.
        #[serde(default)]
        duplicate: bool,
    },
    /// The message is not stored.
    #[serde(rename = "nack")]
    Nack {
        /// The channel.
        channel: Channel,
        /// From the send.
        client_id: ClientId,
        /// Why.
        code: ErrorCode,
        /// What to do.
        message: String,
        /// When to try again, for codes that allow it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<u64>,
    },
    /// A frame was refused; the connection goes on.
    #[serde(rename = "error")]
    Error {
        /// From the frame, where it had one.
        #[serde(rename = "ref", default)]
        reference: u64,
        /// Why.
        code: ErrorCode,
        /// What to do.
        message: String,
        /// The channel concerned, where there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        channel: Option<Channel>,
    },
    /// The new token counts.
    #[serde(rename = "renewed")]
    Renewed {
        /// When it runs out.
        expires_at: UnixMillis,
    },
    /// Are you there?
    #[serde(rename = "ping")]
    Ping {
        /// Comes back in the answer.
        n: u64,
    },
    /// Answer to the client's `ping`.
    #[serde(rename = "pong")]
    Pong {
        /// From the ping.
        n: u64,
    },
    /// The node is going away: reconnect after this time; nothing is lost.
    #[serde(rename = "draining")]
    Draining {
        /// Milliseconds to wait, different for every client.
        reconnect_after_ms: u64,
    },
}

/// An entry with its place in the channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Delivery {
    /// The channel.
    pub channel: Channel,
    /// Its sequence: grows within the channel, with holes.
    pub seq: u64,
    /// The channel's sequence before it; when that is not the last one received, something was missed.
    pub prev: u64,
    /// The entry. Last in the frame, so that stored bytes can be put behind the header unread.
    pub entry: Entry,
}

/// Answer to `hello`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WelcomeFrame {
    /// Protocol version the hub speaks.
    pub protocol: u16,
    /// Id of this connection, for the logs.
    pub session: String,
    /// The edge node.
    pub node: String,
    /// Who the token says you are.
    pub user_id: UserId,
    /// The name to show.
    pub name: String,
    /// The role.
    pub role: Role,
    /// The tenant.
    pub tenant: TenantId,
    /// The personal channel to join.
    pub feed: Channel,
    /// The desk's channel, for agents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desk: Option<Channel>,
    /// The hub's time.
    pub now: UnixMillis,
    /// When the token runs out.
    pub expires_at: UnixMillis,
    /// Send something at least this often.
    pub heartbeat_ms: u64,
    /// Largest frame in bytes.
    pub max_frame_bytes: usize,
    /// Longest text in characters.
    pub max_message_chars: usize,
}

/// Answer to `join`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JoinedFrame {
    /// From the join.
    #[serde(rename = "ref", default)]
    pub reference: u64,
    /// The channel.
    pub channel: Channel,
    /// The log's epoch; give it back in the next `join`.
    pub epoch: String,
    /// The channel's last sequence at this moment, 0 when empty.
    pub head: u64,
    /// Stored watermarks, for `conv.<id>`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub receipts: Vec<Watermark>,
    /// Who is here, as this edge knows it; the rest follows as `USER_ONLINE` events.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Member>,
}
