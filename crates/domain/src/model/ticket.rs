//! A ticket: the issue behind one or more conversations.

use confab_protocol::api::{Category, Party, Priority, Satisfaction, ServiceGoal, TicketStatus, TicketView};
use confab_protocol::{ConversationId, TicketId, UnixMillis};
use serde::{Deserialize, Serialize};

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
    /// Labels of the desk, sorted, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// Put aside until then.
    #[serde(default)]
    pub snoozed_until: Option<UnixMillis>,
    /// The ticket that took its conversations.
    #[serde(default)]
    pub merged_into: Option<TicketId>,
    /// What the customer said of it, the latest.
    #[serde(default)]
    pub satisfaction: Option<Satisfaction>,
    /// When somebody has to have answered.
    #[serde(default)]
    pub first_response_due_at: Option<UnixMillis>,
    /// When it has to be resolved.
    #[serde(default)]
    pub resolution_due_at: Option<UnixMillis>,
    /// Goals that were missed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breached: Vec<ServiceGoal>,
    /// When it was last opened again, once it has been.
    #[serde(default)]
    pub reopened_at: Option<UnixMillis>,
    /// Its conversations, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conversations: Vec<ConversationId>,
    /// Gone: kept for its history only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    /// Grows by one with every change.
    pub version: u64,
}

impl Ticket {
    /// A new ticket, open.
    pub fn new(id: TicketId, customer: Party, subject: String, description: String, now: UnixMillis) -> Self {
        Self {
            id,
            subject,
            description,
            status: TicketStatus::Open,
            priority: Priority::default(),
            category: Category::default(),
            customer,
            assigned_agent: None,
            created_at: now,
            updated_at: now,
            resolved_at: None,
            labels: Vec::new(),
            snoozed_until: None,
            merged_into: None,
            satisfaction: None,
            first_response_due_at: None,
            resolution_due_at: None,
            breached: Vec::new(),
            reopened_at: None,
            conversations: Vec::new(),
            deleted: false,
            version: 1,
        }
    }

    /// The same with the next version, changed at `now`.
    #[must_use]
    pub fn next(&self, now: UnixMillis) -> Self {
        Self { updated_at: now, version: self.version + 1, ..self.clone() }
    }

    /// Puts it at a status, in the same version. Whoever asks knows that the step is possible.
    pub(crate) fn stand_at(&mut self, status: TicketStatus, now: UnixMillis) {
        self.resolved_at = if status.is_open() { None } else { self.resolved_at.or(Some(now)) };
        if self.status != status {
            self.snoozed_until = None;
        }
        if status.is_open() && !self.status.is_open() {
            self.reopened_at = Some(now);
        }
        self.status = status;
    }

    /// What those who may see all of it see.
    pub fn view(&self) -> TicketView {
        TicketView {
            id: self.id.clone(),
            subject: self.subject.clone(),
            description: self.description.clone(),
            status: self.status,
            priority: self.priority,
            category: self.category,
            customer: self.customer.clone(),
            assigned_agent: self.assigned_agent.clone(),
            created_at: self.created_at,
            updated_at: self.updated_at,
            resolved_at: self.resolved_at,
            labels: self.labels.clone(),
            snoozed_until: self.snoozed_until,
            merged_into: self.merged_into.clone(),
            satisfaction: self.satisfaction.clone(),
            first_response_due_at: self.first_response_due_at,
            resolution_due_at: self.resolution_due_at,
            breached: self.breached.clone(),
            conversations: self.conversations.clone(),
            version: self.version,
            message_count: None,
            last_message: None,
            last_message_at: None,
        }
    }

    /// What its customer sees: nothing of how the desk sorts its work.
    pub fn public_view(&self) -> TicketView {
        public(self.view())
    }
}

/// Leaves out of a view what customers don't see.
pub fn public(view: TicketView) -> TicketView {
    TicketView {
        labels: Vec::new(),
        snoozed_until: None,
        first_response_due_at: None,
        resolution_due_at: None,
        breached: Vec::new(),
        ..view
    }
}
