//! A ticket: the issue behind one or more conversations.

use confab_protocol::api::{Party, Priority};
use confab_protocol::{TicketId, UnixMillis};
use serde::{Deserialize, Serialize};

/// Where a ticket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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

/// What a ticket is about, coarsely.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
    Other,
}

impl Category {
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

/// A ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
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
    pub assigned_agent: Option<Party>,
    /// Created.
    pub created_at: UnixMillis,
    /// Last changed.
    pub updated_at: UnixMillis,
    /// Resolved.
    pub resolved_at: Option<UnixMillis>,
    /// Grows by one with every change.
    pub version: u64,
}

impl Ticket {
    /// The same at another status.
    #[must_use]
    pub fn at_status(&self, status: TicketStatus, now: UnixMillis) -> Self {
        let resolved_at = match status {
            TicketStatus::Resolved | TicketStatus::Closed => self.resolved_at.or(Some(now)),
            TicketStatus::Open | TicketStatus::InProgress => None,
        };
        Self { status, resolved_at, updated_at: now, version: self.version + 1, ..self.clone() }
    }
}
