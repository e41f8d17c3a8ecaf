//! Bodies of the search: what was found, best first, with the places of the words in plain texts.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Party, Priority};
use crate::entry::Author;
use crate::ids::{ConversationId, TicketId, UnixMillis};

/// Answer to `GET /api/search`: a group for each kind that was searched.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SearchResponse {
    /// Messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messages: Option<MessageHits>,
    /// Tickets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tickets: Option<TicketHits>,
    /// Customers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customers: Option<CustomerHits>,
}

/// Messages that were found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MessageHits {
    /// The best ones, best first.
    pub items: Vec<MessageHit>,
    /// How many matches were ranked.
    pub candidates: u64,
    /// Whether there may be older matches, which were not looked at; narrow the search by time to find them.
    pub is_bounded: bool,
}

/// Tickets that were found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TicketHits {
    /// The best ones, best first.
    pub items: Vec<TicketHit>,
    /// How many matches were ranked.
    pub candidates: u64,
    /// Whether there may be older matches, which were not looked at; narrow the search by time to find them.
    pub is_bounded: bool,
}

/// Customers who were found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CustomerHits {
    /// The best ones, best first.
    pub items: Vec<CustomerHit>,
    /// How many matches were ranked.
    pub candidates: u64,
    /// Whether there may be more matches, which were not looked at.
    pub is_bounded: bool,
}

/// A part of a text to mark, in UTF-16 code units: `text.slice(start, end)` in JavaScript.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Highlight {
    /// Where it begins.
    pub start: u32,
    /// Where it ends, exclusive.
    pub end: u32,
}

/// A message that was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MessageHit {
    /// Its conversation.
    pub conversation_id: ConversationId,
    /// The conversation's customer; absent when it isn't known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<Party>,
    /// Epoch of the log that gave the sequence.
    pub epoch: String,
    /// Sequence in its channel.
    pub seq: u64,
    /// Whether it is a private note.
    pub note: bool,
    /// Who wrote it.
    pub author: Author,
    /// When.
    pub at: UnixMillis,
    /// The part of the text around the first match: plain text, never markup.
    pub excerpt: String,
    /// Where the words stand in `excerpt`.
    pub highlights: Vec<Highlight>,
    /// How well it fits; only to be compared within one answer.
    pub score: f64,
}

/// A ticket that was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TicketHit {
    /// Id.
    pub id: TicketId,
    /// One line.
    pub subject: String,
    /// Where the words stand in `subject`.
    pub subject_highlights: Vec<Highlight>,
    /// The part of the description around the first match: plain text, never markup.
    pub excerpt: String,
    /// Where the words stand in `excerpt`.
    pub highlights: Vec<Highlight>,
    /// Where it stands: `OPEN`, `IN_PROGRESS`, `RESOLVED`, `CLOSED`.
    pub status: String,
    /// What it is about.
    pub category: String,
    /// Urgency.
    pub priority: Priority,
    /// Whose.
    pub customer: Party,
    /// Created.
    pub created_at: UnixMillis,
    /// Last changed.
    pub updated_at: UnixMillis,
    /// How well it fits; only to be compared within one answer.
    pub score: f64,
}

/// A customer who was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CustomerHit {
    /// Who.
    #[serde(flatten)]
    pub customer: Party,
    /// Where the words stand in `name`.
    pub highlights: Vec<Highlight>,
    /// When they last began a conversation.
    pub last_seen_at: UnixMillis,
}
