//! Tickets: the issues behind conversations. Bodies of `/api/tickets`.

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::{Party, Priority, ServiceGoal};
use crate::code::ErrorCode;
use crate::entry::Author;
use crate::ids::{ClientId, ConversationId, TicketId, UnixMillis, UserId};

/// Where a ticket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TicketStatus {
    /// Nobody works on it.
    Open,
    /// Somebody does.
    InProgress,
    /// Answered.
    Resolved,
    /// Done with.
    Closed,
}

impl TicketStatus {
    /// Every status, in the order of the workflow.
    pub const ALL: [Self; 4] = [Self::Open, Self::InProgress, Self::Resolved, Self::Closed];

    /// The status as it stands on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::InProgress => "IN_PROGRESS",
            Self::Resolved => "RESOLVED",
            Self::Closed => "CLOSED",
        }
    }

    /// Whether somebody still has to do something.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::InProgress)
    }
}

/// What a ticket is about, coarsely.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Category {
    /// Payments and invoices.
    Payment,
    /// Delivery.
    Shipping,
    /// The customer's account.
    Account,
    /// Returns and refunds.
    Returns,
    /// Something doesn't work.
    Technical,
    /// Anything else.
    #[default]
    Other,
}

impl Category {
    /// The category as it stands on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Payment => "PAYMENT",
            Self::Shipping => "SHIPPING",
            Self::Account => "ACCOUNT",
            Self::Returns => "RETURNS",
            Self::Technical => "TECHNICAL",
            Self::Other => "OTHER",
        }
    }

    /// The category an issue type belongs to, by its first word: `PAYMENT_STALLED` is about payment.
    pub fn of_issue_type(issue_type: &str) -> Self {
        let first = issue_type.split(['_', '-', ' ']).next().unwrap_or_default();
        match first.to_ascii_uppercase().as_str() {
            "PAYMENT" => Self::Payment,
            "SHIPPING" => Self::Shipping,
            "ACCOUNT" => Self::Account,
            "RETURN" | "RETURNS" => Self::Returns,
            "TECHNICAL" => Self::Technical,
            _ => Self::Other,
        }
    }
}

/// What a customer said of how they were served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Satisfaction {
    /// 1 (bad) to 5 (good).
    pub score: u8,
    /// In their words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// When.
    pub at: UnixMillis,
}

/// A ticket, as those who may see it see it. Customers see neither labels nor snoozing nor targets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TicketView {
    /// Id.
    pub id: TicketId,
    /// One line.
    pub subject: String,
    /// The issue in the customer's words.
    pub description: String,
    /// Where it stands.
    pub status: TicketStatus,
    /// Urgency.
    pub priority: Priority,
    /// What it is about.
    pub category: Category,
    /// Whose issue.
    pub customer: Party,
    /// Who works on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned_agent: Option<Party>,
    /// When it was made.
    pub created_at: UnixMillis,
    /// When it last changed.
    pub updated_at: UnixMillis,
    /// When it was resolved or closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<UnixMillis>,
    /// Labels of the desk.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// Until when it is put aside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snoozed_until: Option<UnixMillis>,
    /// The ticket it was found to be a duplicate of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<TicketId>,
    /// What the customer said of it, the latest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub satisfaction: Option<Satisfaction>,
    /// When somebody has to have answered, by the service levels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_response_due_at: Option<UnixMillis>,
    /// When it has to be resolved, by the service levels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution_due_at: Option<UnixMillis>,
    /// The goals of the service levels that were missed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breached: Vec<ServiceGoal>,
    /// Its conversations, oldest first.
    #[serde(default)]
    pub conversations: Vec<ConversationId>,
    /// Grows with every change; also the `ETag` of the ticket.
    pub version: u64,
    /// Messages in its conversations; absent in entries, present in HTTP answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_count: Option<u64>,
    /// Beginning of the last message; in HTTP answers only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_message: Option<String>,
    /// When somebody last wrote; in HTTP answers only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_message_at: Option<UnixMillis>,
}

/// A page of tickets.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TicketPage {
    /// The tickets, in the order asked for.
    pub items: Vec<TicketView>,
    /// Give it as `cursor` to get the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// The order of a list of tickets; each begins with the newest or most urgent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TicketSort {
    /// By when they were made.
    #[default]
    Created,
    /// By when they last changed.
    Updated,
    /// By urgency, then by when they were made.
    Priority,
}

/// `POST /api/tickets`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateTicketRequest {
    /// One line.
    pub subject: String,
    /// The issue.
    pub description: String,
    /// What it is about.
    #[serde(default)]
    pub category: Category,
    /// Urgency.
    #[serde(default)]
    pub priority: Priority,
    /// Whose issue; staff have to name somebody, customers are it themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<Party>,
    /// Who works on it; for staff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assigned_agent: Option<UserId>,
    /// Labels; for staff.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
}

/// `PUT` and `PATCH /api/tickets/{id}`: what is left out stays as it is.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateTicketRequest {
    /// One line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The issue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The next status; one that is possible from the one it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<TicketStatus>,
    /// Urgency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    /// Who works on it; `null` for nobody.
    #[serde(default, deserialize_with = "named", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub assigned_agent: Option<Option<UserId>>,
    /// All its labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<Vec<String>>,
    /// Put it aside until then; `null` wakes it.
    #[serde(default, deserialize_with = "named", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u64>)]
    pub snoozed_until: Option<Option<UnixMillis>>,
}

/// Tells a field that is `null` from one that is left out.
#[expect(
    clippy::option_option,
    reason = "the outer is whether the field is there, the inner whether it is null"
)]
fn named<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

/// `POST /api/tickets/bulk`: the same change for many tickets.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkTicketRequest {
    /// The tickets, 1 to 100.
    pub ids: Vec<TicketId>,
    /// The next status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<TicketStatus>,
    /// Urgency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// Who works on them; `null` for nobody.
    #[serde(default, deserialize_with = "named", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub assigned_agent: Option<Option<UserId>>,
    /// Labels to add.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub add_labels: Vec<String>,
    /// Labels to take away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove_labels: Vec<String>,
}

/// Answer to a bulk change: one outcome for each ticket, in the order asked.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BulkTicketResponse {
    /// The outcomes.
    pub outcomes: Vec<BulkTicketOutcome>,
}

/// What became of one ticket of a bulk change.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BulkTicketOutcome {
    /// Which.
    pub id: TicketId,
    /// The HTTP status it would have had alone.
    pub status: u16,
    /// The ticket afterwards, when it was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<TicketView>,
    /// Why it was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<ErrorCode>,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// `POST /api/tickets/{id}/merge`: the ticket is a duplicate; its conversations go to the other one.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeTicketRequest {
    /// The ticket that stays.
    pub into: TicketId,
}

/// A field that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldChange {
    /// Which.
    pub field: String,
    /// What it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// One step in the history of a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TicketStepView {
    /// The ticket's version after it.
    pub version: u64,
    /// When.
    pub at: UnixMillis,
    /// Who.
    pub by: Author,
    /// What changed.
    pub changes: Vec<FieldChange>,
}

/// A page of a ticket's history, oldest first.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TicketHistoryPage {
    /// The steps.
    pub items: Vec<TicketStepView>,
    /// Give it as `cursor` to get the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// A page of what was said on a ticket; the entries of a page are of one conversation.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TicketMessagesPage {
    /// The conversation; absent when the ticket has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<ConversationId>,
    /// Entries, oldest first.
    pub items: Vec<super::HistoryItem>,
    /// Give it as `before` to get what lies before, also in earlier conversations; absent at the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

/// `POST /api/tickets/{id}/messages`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketMessageRequest {
    /// The client's own id of the message.
    pub client_id: ClientId,
    /// The text.
    pub text: String,
    /// A private note instead of a message; agents only.
    #[serde(default)]
    pub note: bool,
}

/// Answer to a message written on a ticket.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TicketMessageResponse {
    /// The conversation it went to.
    pub conversation_id: ConversationId,
    /// Sequence in the channel; absent when the message began the conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// Whether it had been stored before.
    pub duplicate: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_something_else_than_nothing() {
        let read = |text: &str| serde_json::from_str::<UpdateTicketRequest>(text).expect("a request");
        assert_eq!(read("{}").assigned_agent, None);
        assert_eq!(read(r#"{"assigned_agent":null}"#).assigned_agent, Some(None));
        assert_eq!(read(r#"{"snoozed_until":5}"#).snoozed_until, Some(Some(5)));
    }

    #[test]
    fn a_status_is_written_as_it_is_named() {
        for status in TicketStatus::ALL {
            let json = serde_json::to_string(&status).expect("a status is a string");
            assert_eq!(json, format!("\"{}\"", status.as_str()));
        }
    }
}
