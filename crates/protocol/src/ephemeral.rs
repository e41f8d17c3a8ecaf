//! What need not last: typing, presence, receipts, queue positions. Never stored, never replayed.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::QueueSnapshot;
use crate::ids::{ConversationId, Role, UserId};

/// An ephemeral event of a channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind")]
pub enum Ephemeral {
    /// Somebody types; forget it after `expires_ms` without another.
    #[serde(rename = "TYPING_START")]
    TypingStart {
        /// Who types.
        member: Member,
        /// Milliseconds until it lapses by itself.
        expires_ms: u64,
    },
    /// Somebody stopped typing.
    #[serde(rename = "TYPING_STOP")]
    TypingStop {
        /// Who stopped.
        member: Member,
    },
    /// A participant's watermarks: the highest sequence delivered to and read by them. They only grow.
    #[serde(rename = "receipt")]
    Receipt(Watermark),
    /// Somebody is here (or viewing), through the edge `node`. A node that dies takes its people with it.
    #[serde(rename = "USER_ONLINE")]
    UserOnline {
        /// Who.
        member: Member,
        /// The edge that says so: one person can be connected through several.
        node: String,
        /// Whether the conversation is in the foreground of their screen.
        viewing: bool,
    },
    /// Somebody left, as seen from the edge `node`.
    #[serde(rename = "USER_OFFLINE")]
    UserOffline {
        /// Who.
        member: Member,
        /// The edge that says so.
        node: String,
    },
    /// An edge got its first follower of the channel and asks the others who is here. Not sent to clients.
    #[serde(rename = "presence_query")]
    PresenceQuery {
        /// The edge that asks.
        node: String,
    },
    /// The customer's place in the queue. On `feed.user`.
    #[serde(rename = "queue_position")]
    QueuePosition {
        /// The waiting conversation.
        conversation_id: ConversationId,
        /// 1 is next.
        position: u32,
        /// Estimate in seconds; absent when there is nothing to base one on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        estimated_wait_seconds: Option<u32>,
    },
    /// The tenant's waiting queue. On `feed.desk`.
    #[serde(rename = "queue:snapshot")]
    QueueSnapshot(QueueSnapshot),
}

/// A person in a channel.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct Member {
    /// Who.
    pub id: UserId,
    /// Name to show.
    pub name: String,
    /// Their role.
    pub role: Role,
}

/// How far a participant has got in a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Watermark {
    /// Who.
    pub user_id: UserId,
    /// Highest sequence that reached one of their devices.
    #[serde(default)]
    pub delivered: u64,
    /// Highest sequence they have seen on screen.
    #[serde(default)]
    pub read: u64,
}

impl Watermark {
    /// Takes the larger of both watermarks: receipts may arrive late, twice or out of order.
    pub fn merge(&mut self, other: &Self) {
        self.read = self.read.max(other.read);
        self.delivered = self.delivered.max(other.delivered).max(self.read);
    }
}
