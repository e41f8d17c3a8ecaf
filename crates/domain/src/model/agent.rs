//! An agent: what they chose, whether they are there, how much they carry.

use confab_protocol::api::{AgentView, Availability, Party};
use confab_protocol::{Author, Role, UnixMillis, UserId};
use serde::{Deserialize, Serialize};

use super::Conversation;

/// An agent as the assignment sees them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// Who.
    pub id: UserId,
    /// Name to show.
    pub name: String,
    /// Role; supervisors and admins can take conversations too.
    pub role: Role,
    /// What they chose.
    pub availability: Availability,
    /// Whether one of their devices is connected.
    pub connected: bool,
    /// When the last device went, while none is connected.
    pub disconnected_at: Option<UnixMillis>,
    /// Conversations they have now.
    pub active: u32,
    /// Conversations they can have at once.
    pub capacity: u32,
    /// Issue types they answer; empty means all.
    pub skills: Vec<String>,
    /// Teams they belong to.
    pub teams: Vec<String>,
    /// When they last got a conversation.
    pub last_assigned_at: UnixMillis,
    /// Since when they have had none.
    pub idle_since: UnixMillis,
    /// Grows by one with every change.
    pub version: u64,
}

impl Agent {
    /// A new agent, offline.
    pub fn new(id: UserId, name: impl Into<String>, role: Role, capacity: u32) -> Self {
        Self {
            id,
            name: name.into(),
            role,
            availability: Availability::Offline,
            connected: false,
            disconnected_at: None,
            active: 0,
            capacity,
            skills: Vec::new(),
            teams: Vec::new(),
            last_assigned_at: 0,
            idle_since: 0,
            version: 1,
        }
    }

    /// Whether there is room for one more.
    pub fn has_slot(&self) -> bool {
        self.active < self.capacity
    }

    /// Whether conversations may be given to them without asking.
    pub fn is_available(&self) -> bool {
        self.availability == Availability::Online && self.connected && self.has_slot()
    }

    /// Whether they may answer this conversation: the skill, the team, and not the one it was taken from.
    pub fn fits(&self, conversation: &Conversation) -> bool {
        let skilled = self.skills.is_empty() || self.skills.contains(&conversation.issue_type);
        let in_team = conversation.team.as_ref().is_none_or(|team| self.teams.contains(team));
        let avoided = conversation.avoid.as_ref() == Some(&self.id);
        skilled && in_team && !avoided
    }

    /// Takes a slot.
    #[must_use]
    pub fn with_slot_taken(&self, now: UnixMillis) -> Self {
        Self { active: self.active + 1, last_assigned_at: now, ..self.next() }
    }

    /// Gives a slot back.
    #[must_use]
    pub fn with_slot_freed(&self, now: UnixMillis) -> Self {
        let active = self.active.saturating_sub(1);
        let idle_since = if active == 0 { now } else { self.idle_since };
        Self { active, idle_since, ..self.next() }
    }

    /// The same with the next version.
    #[must_use]
    pub fn next(&self) -> Self {
        Self { version: self.version + 1, ..self.clone() }
    }

    /// Id and name.
    pub fn party(&self) -> Party {
        Party { id: self.id.clone(), name: self.name.clone() }
    }

    /// As author of an entry.
    pub fn author(&self) -> Author {
        Author { id: Some(self.id.clone()), name: self.name.clone(), role: Some(self.role) }
    }

    /// What colleagues see.
    pub fn view(&self) -> AgentView {
        AgentView {
            id: self.id.clone(),
            name: self.name.clone(),
            availability: self.availability,
            connected: self.connected,
            last_seen_at: self.disconnected_at.filter(|_| !self.connected),
            active: self.active,
            capacity: self.capacity,
            skills: self.skills.clone(),
            teams: self.teams.clone(),
            version: self.version,
        }
    }
}
