//! Bodies of the HTTP API, shared by the hub, the terminal client and the tests.

mod admin;
mod attachments;
mod customers;
mod desk;
mod identity;
mod library;
mod mail;
mod privacy;
mod reports;
mod responder;
mod search;
mod service_levels;
mod site;
mod tickets;
mod webhooks;

pub use admin::*;
pub use attachments::*;
pub use desk::*;
pub use identity::*;
pub use mail::*;
pub use privacy::*;
pub use responder::*;
pub use service_levels::*;
pub use site::*;
pub use tickets::*;
pub use webhooks::*;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use customers::{
    AttributeValue, Attributes, AttributesRequest, CustomerContext, CustomerDetails, CustomerProfile,
    DeviceView, PageView, SatisfactionSummary, TicketSummary,
};
pub use library::{
    Article, ArticleHit, ArticlePage, ArticleRequest, CannedMessage, CannedPage, CannedRequest, CannedScope,
    RenderRequest, RenderedText,
};
pub use reports::{
    AgentCounts, DashboardResponse, MeasureView, ReportBy, ReportResponse, ReportRow, TallyView,
};
pub use search::{
    CustomerHit, CustomerHits, Highlight, MessageHit, MessageHits, SearchResponse, TicketHit, TicketHits,
};

use crate::code::ErrorCode;
use crate::entry::Entry;
use crate::ephemeral::Watermark;
use crate::ids::{ClientId, ConversationId, Role, TenantId, TicketId, UnixMillis, UserId};

/// `POST /api/auth/login`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginRequest {
    /// The tenant.
    pub tenant: TenantId,
    /// Login name.
    pub login: String,
    /// Password.
    pub password: String,
}

/// `POST /api/auth/renew`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenewRequest {
    /// The refresh token of the login.
    pub refresh_token: String,
}

/// Tokens of a login.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TokenResponse {
    /// For `Authorization: Bearer` and for the `hello` frame.
    pub access_token: String,
    /// When it runs out.
    pub expires_at: UnixMillis,
    /// For `POST /api/auth/renew`.
    pub refresh_token: String,
    /// Who logged in.
    pub user: UserView,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UserView {
    /// Id.
    pub id: UserId,
    /// Their tenant.
    pub tenant: TenantId,
    /// Name to show.
    pub name: String,
    /// Role.
    pub role: Role,
}

/// Urgency of a conversation or ticket.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum Priority {
    /// Can wait.
    Low,
    /// Usual.
    #[default]
    Medium,
    /// Before the usual.
    High,
    /// Before all others.
    Urgent,
}

impl Priority {
    /// The priority as it stands on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "LOW",
            Self::Medium => "MEDIUM",
            Self::High => "HIGH",
            Self::Urgent => "URGENT",
        }
    }
}

/// `POST /api/chat/start`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartRequest {
    /// The tenant; with a token, the token's tenant is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<TenantId>,
    /// What it is about: routes to agents with this skill.
    pub issue_type: String,
    /// The first message.
    pub message: String,
    /// Id of that message; makes repeating the request safe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<ClientId>,
    /// Name to show to the agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Team that should answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// Urgency.
    #[serde(default)]
    pub priority: Priority,
    /// What the browser tells of the customer, the page and the device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<CustomerDetails>,
    /// The caller's ticket that the conversation is about; a new one when absent. Needs a token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket_id: Option<TicketId>,
}

/// Answer to `POST /api/chat/start`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct StartResponse {
    /// The conversation; its channel is `conv.<id>`.
    pub conversation_id: ConversationId,
    /// The customer.
    pub customer_id: UserId,
    /// Token of the customer, bound to this conversation.
    pub token: String,
    /// When it runs out.
    pub expires_at: UnixMillis,
    /// Channel of the conversation.
    pub channel: String,
    /// The customer's personal channel.
    pub feed: String,
}

/// Status of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ConversationStatus {
    /// In the queue.
    Waiting,
    /// Has an agent.
    Active,
    /// Ended.
    Closed,
}

impl ConversationStatus {
    /// The status as it stands on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Active => "active",
            Self::Closed => "closed",
        }
    }
}

/// A person's id and name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Party {
    /// Id.
    pub id: UserId,
    /// Name to show.
    pub name: String,
}

/// A conversation, as everyone who may see it sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ConversationView {
    /// Id.
    pub id: ConversationId,
    /// Its ticket.
    pub ticket_id: TicketId,
    /// Status.
    pub status: ConversationStatus,
    /// Who asks.
    pub customer: Party,
    /// Who answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<Party>,
    /// What it is about.
    pub issue_type: String,
    /// Team that should answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// Urgency.
    pub priority: Priority,
    /// When it began.
    pub started_at: UnixMillis,
    /// Since when it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queued_at: Option<UnixMillis>,
    /// When an agent took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned_at: Option<UnixMillis>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<UnixMillis>,
    /// Labels of the desk; customers don't see them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// Put aside until then: it waits, and nobody gets it before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snoozed_until: Option<UnixMillis>,
    /// What the customer said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub satisfaction: Option<Satisfaction>,
    /// Grows with every change; the larger one is the newer state.
    pub version: u64,
    /// Activity; absent in entries, present in HTTP answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activity: Option<ActivityView>,
}

/// What has been said in a conversation, in figures.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ActivityView {
    /// Messages stored in the history.
    pub message_count: u64,
    /// Sequence of the last entry in the history.
    pub last_seq: u64,
    /// When the last entry was written.
    pub last_activity_at: UnixMillis,
    /// Beginning of the last message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_message: Option<String>,
    /// Messages of others above the caller's `read` watermark.
    pub unread: u64,
}

/// A page of conversations.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ConversationPage {
    /// The conversations, newest first.
    pub items: Vec<ConversationView>,
    /// Unread messages in all the caller's open conversations.
    pub unread_total: u64,
    /// Give it as `cursor` to get the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// An entry of the history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HistoryItem {
    /// Epoch of the log that gave the sequence.
    pub epoch: String,
    /// Sequence in the channel.
    pub seq: u64,
    /// Whether it is a private note, from `conv.<id>.notes`.
    #[serde(default)]
    pub note: bool,
    /// The entry.
    pub entry: Entry,
}

/// A page of history.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct HistoryPage {
    /// Entries, oldest first.
    pub items: Vec<HistoryItem>,
    /// Give it as `before` to get what lies before; absent at the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// The log's epoch now: for `join`.
    pub epoch: String,
    /// Stored watermarks.
    pub receipts: Vec<Watermark>,
}

/// `POST /api/conversations/{id}/messages`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendRequest {
    /// The client's own id of the message.
    pub client_id: ClientId,
    /// The text.
    pub text: String,
    /// A private note instead of a message; agents only.
    #[serde(default)]
    pub note: bool,
    /// On a resend: the highest sequence known at the first try.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<u64>,
}

/// Answer to a message sent over HTTP.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SendResponse {
    /// Sequence in the channel.
    pub seq: u64,
    /// Whether it had been stored before.
    pub duplicate: bool,
}

/// `POST /api/conversations/{id}/typing`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TypingRequest {
    /// Whether the person types.
    pub typing: bool,
}

/// `POST /api/conversations/{id}/read`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadRequest {
    /// Highest sequence received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered: Option<u64>,
    /// Highest sequence seen on screen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<u64>,
}

/// `POST /api/agent/conversations/{id}/transfer`: exactly one of `agent` and `team`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferRequest {
    /// To this agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<UserId>,
    /// To the queue of this team.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// A private note for whoever takes over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What an agent says of themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Availability {
    /// Takes conversations.
    Online,
    /// Will be back.
    Away,
    /// Keeps theirs, takes no more.
    Busy,
    /// Not working.
    Offline,
}

/// `PUT /api/agent/availability`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AvailabilityRequest {
    /// The new availability.
    pub availability: Availability,
}

/// An agent, as colleagues see them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AgentView {
    /// Id.
    pub id: UserId,
    /// Name to show.
    pub name: String,
    /// What they chose.
    pub availability: Availability,
    /// Whether one of their devices is connected.
    pub connected: bool,
    /// When their last device went, while none is connected; absent for who never was here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<UnixMillis>,
    /// Conversations they have now.
    pub active: u32,
    /// Conversations they can have at once.
    pub capacity: u32,
    /// Issue types they answer; empty means all.
    pub skills: Vec<String>,
    /// Teams they belong to.
    pub teams: Vec<String>,
    /// Grows with every change.
    pub version: u64,
}

/// The waiting queue of a tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct QueueSnapshot {
    /// How many wait.
    pub length: u64,
    /// The first of them, in the order in which they will be assigned.
    pub entries: Vec<QueueEntryView>,
    /// When this was read.
    pub at: UnixMillis,
}

/// One waiting conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct QueueEntryView {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// Who waits.
    pub customer: Party,
    /// What it is about.
    pub issue_type: String,
    /// Team that should answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// Urgency.
    pub priority: Priority,
    /// 1 is next.
    pub position: u32,
    /// Since when.
    pub queued_at: UnixMillis,
    /// Estimate in seconds from now; absent when there is nothing to base one on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimated_wait_seconds: Option<u32>,
}

/// Answer to commands on a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ConversationResponse {
    /// Its state after the command.
    pub conversation: ConversationView,
}

/// An error answer: a problem document (RFC 9457), `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// `urn:confab:error:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The code in words.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What happened and what to do.
    pub detail: String,
    /// The code.
    pub code: ErrorCode,
    /// Who won the conversation, for `already_assigned`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub winner: Option<Party>,
    /// The steps that are possible, for `invalid_transition`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub possible: Vec<String>,
    /// When to try again, for codes that allow it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}
