//! A conversation: one live session on a ticket, waiting, active or closed.

use confab_protocol::UserId;
use confab_protocol::api::{ConversationStatus, ConversationView, Party, Priority, Satisfaction};
use confab_protocol::{Channel, ConversationId, TicketId, UnixMillis};
use serde::{Deserialize, Serialize};

/// A conversation's state. What was said in it lies in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// Id.
    pub id: ConversationId,
    /// Its ticket.
    pub ticket_id: TicketId,
    /// Status.
    pub status: ConversationStatus,
    /// Who asks.
    pub customer: Party,
    /// Who answers; present exactly while active.
    pub agent: Option<Party>,
    /// Who answered last: a reopened conversation goes back to them.
    pub last_agent: Option<Party>,
    /// An agent who must not be drawn: the one it was taken from.
    pub avoid: Option<UserId>,
    /// What it is about.
    pub issue_type: String,
    /// Team that should answer.
    pub team: Option<String>,
    /// Urgency.
    pub priority: Priority,
    /// When it began.
    pub started_at: UnixMillis,
    /// Since when it waits; present exactly while waiting.
    pub queued_at: Option<UnixMillis>,
    /// When its agent got it.
    pub assigned_at: Option<UnixMillis>,
    /// When it ended.
    pub ended_at: Option<UnixMillis>,
    /// Labels of the desk, sorted, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// Put aside until then: it waits, but not in the queue.
    #[serde(default)]
    pub snoozed_until: Option<UnixMillis>,
    /// What the customer said of it since it last ended.
    #[serde(default)]
    pub satisfaction: Option<Satisfaction>,
    /// Whether it is a person's turn: there are no more automatic replies.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub handed_over: bool,
    /// Grows by one with every change.
    pub version: u64,
}

impl Conversation {
    /// Its channel.
    pub fn channel(&self) -> Channel {
        Channel::Conversation(self.id.clone())
    }

    /// Its channel for private notes.
    pub fn notes(&self) -> Channel {
        Channel::Notes(self.id.clone())
    }

    /// Place in the queue: the smaller one is served first. Strict first come, first served within a priority.
    pub fn queue_key(&self) -> (std::cmp::Reverse<Priority>, UnixMillis, ConversationId) {
        (std::cmp::Reverse(self.priority), self.queued_at.unwrap_or(self.started_at), self.id.clone())
    }

    /// Whether automatic replies may be written: it waits, and no agent has ever had it.
    pub fn takes_auto_replies(&self) -> bool {
        self.status == ConversationStatus::Waiting && self.last_agent.is_none() && !self.handed_over
    }

    /// The same with the next version.
    #[must_use]
    pub fn next(&self) -> Self {
        Self { version: self.version + 1, ..self.clone() }
    }

    /// Given to an agent.
    #[must_use]
    pub fn assigned_to(&self, agent: Party, now: UnixMillis) -> Self {
        Self {
            status: ConversationStatus::Active,
            last_agent: Some(agent.clone()),
            agent: Some(agent),
            avoid: None,
            queued_at: None,
            assigned_at: Some(now),
            ended_at: None,
            snoozed_until: None,
            satisfaction: None,
            ..self.next()
        }
    }

    /// Put into the queue, waiting since `queued_at`.
    #[must_use]
    pub fn waiting_since(&self, queued_at: UnixMillis) -> Self {
        Self {
            status: ConversationStatus::Waiting,
            agent: None,
            queued_at: Some(queued_at),
            assigned_at: None,
            ended_at: None,
            snoozed_until: None,
            satisfaction: None,
            ..self.next()
        }
    }

    /// Ended.
    #[must_use]
    pub fn closed(&self, now: UnixMillis) -> Self {
        Self {
            status: ConversationStatus::Closed,
            agent: None,
            avoid: None,
            queued_at: None,
            ended_at: Some(now),
            snoozed_until: None,
            ..self.next()
        }
    }

    /// What its customer sees: nothing of how the desk sorts its work.
    pub fn public_view(&self) -> ConversationView {
        ConversationView { labels: Vec::new(), ..self.view() }
    }

    /// What those who may see it see.
    pub fn view(&self) -> ConversationView {
        let agent = match self.status {
            ConversationStatus::Closed => self.last_agent.clone(),
            _ => self.agent.clone(),
        };
        ConversationView {
            id: self.id.clone(),
            ticket_id: self.ticket_id.clone(),
            status: self.status,
            customer: self.customer.clone(),
            agent,
            issue_type: self.issue_type.clone(),
            team: self.team.clone(),
            priority: self.priority,
            started_at: self.started_at,
            queued_at: self.queued_at,
            assigned_at: self.assigned_at,
            ended_at: self.ended_at,
            labels: self.labels.clone(),
            snoozed_until: self.snoozed_until,
            satisfaction: self.satisfaction.clone(),
            version: self.version,
            activity: None,
        }
    }
}
