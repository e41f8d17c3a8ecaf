//! Commands: the only way in which a conversation, ticket or agent changes. Each is carried out once.

use confab_protocol::api::{AgentView, Availability, ConversationView, Party, Priority};
use confab_protocol::{
    Author, ClientId, CommandId, ConversationId, ErrorCode, Role, TenantId, TicketId, UnixMillis, UserId,
};
use serde::{Deserialize, Serialize};

/// A command as it lies on the work queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// Id: a repetition changes nothing and gets the first one's outcome.
    pub id: CommandId,
    /// Whose.
    pub tenant: TenantId,
    /// When it was given.
    pub at: UnixMillis,
    /// Who gave it.
    pub actor: Actor,
    /// What to do.
    pub kind: CommandKind,
}

/// Who gives a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Actor {
    /// A person.
    User {
        /// Who.
        id: UserId,
        /// Name to show.
        name: String,
        /// Role.
        role: Role,
    },
    /// The hub itself: timers and presence.
    System,
}

impl Actor {
    /// The author of what the command writes.
    pub fn author(&self) -> Author {
        match self {
            Self::User { id, name, role } => {
                Author { id: Some(id.clone()), name: name.clone(), role: Some(*role) }
            }
            Self::System => Author::system(),
        }
    }
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum CommandKind {
    /// Begin a conversation with its first message.
    Start {
        /// Id of the new conversation.
        conversation: ConversationId,
        /// Id of the new ticket.
        ticket: TicketId,
        /// Who asks.
        customer: Party,
        /// What it is about.
        issue_type: String,
        /// Team that should answer.
        team: Option<String>,
        /// Urgency.
        priority: Priority,
        /// Id of the first message.
        client_id: ClientId,
        /// The first message.
        message: String,
    },
    /// An agent takes a waiting conversation.
    Accept {
        /// Which.
        conversation: ConversationId,
        /// Who.
        agent: UserId,
    },
    /// End a conversation.
    Close {
        /// Which.
        conversation: ConversationId,
    },
    /// Go on with an ended conversation.
    Reopen {
        /// Which.
        conversation: ConversationId,
    },
    /// Put a conversation into the queue, taking it from its agent.
    Requeue {
        /// Which.
        conversation: ConversationId,
    },
    /// Give a conversation to another agent or team.
    Transfer {
        /// Which.
        conversation: ConversationId,
        /// To whom.
        to: TransferTarget,
        /// For whoever takes over; the customer does not see it.
        note: Option<String>,
    },
    /// An agent says whether they take conversations.
    SetAvailability {
        /// Who.
        agent: UserId,
        /// What they chose.
        availability: Availability,
    },
    /// The first device of an agent connected.
    AgentConnected {
        /// Who.
        agent: UserId,
    },
    /// The last device of an agent has been gone for the length of its lease.
    AgentDisconnected {
        /// Who.
        agent: UserId,
    },
    /// The grace period of a vanished agent is over.
    AgentGraceOver {
        /// Who.
        agent: UserId,
        /// `disconnected_at` of the disconnection it belongs to.
        since: UnixMillis,
    },
    /// Look whether anybody still writes; set when an agent gets a conversation.
    IdleCheck {
        /// Which.
        conversation: ConversationId,
        /// When the warning was written; absent before it.
        warned_at: Option<UnixMillis>,
    },
    /// Look whether a waiting customer is still there.
    AbandonCheck {
        /// Which.
        conversation: ConversationId,
    },
    /// What an admin set about an agent.
    ConfigureAgent {
        /// Who.
        agent: UserId,
        /// Name to show.
        name: String,
        /// Role.
        role: Role,
        /// Conversations they can have at once.
        capacity: u32,
        /// Issue types they answer; empty means all.
        skills: Vec<String>,
        /// Teams they belong to.
        teams: Vec<String>,
        /// Whether they may log in; who may not keeps no conversation.
        enabled: bool,
    },
    /// Give waiting conversations to free agents; decides nothing by itself.
    Draw,
}

impl CommandKind {
    /// Name: last token of the subject, and a metrics label.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Start { .. } => "start",
            Self::Accept { .. } => "accept",
            Self::Close { .. } => "close",
            Self::Reopen { .. } => "reopen",
            Self::Requeue { .. } => "requeue",
            Self::Transfer { .. } => "transfer",
            Self::SetAvailability { .. } => "set_availability",
            Self::AgentConnected { .. } => "agent_connected",
            Self::AgentDisconnected { .. } => "agent_disconnected",
            Self::AgentGraceOver { .. } => "agent_grace_over",
            Self::IdleCheck { .. } => "idle_check",
            Self::AbandonCheck { .. } => "abandon_check",
            Self::ConfigureAgent { .. } => "configure_agent",
            Self::Draw => "draw",
        }
    }

    /// The conversation it concerns.
    pub fn conversation(&self) -> Option<&ConversationId> {
        match self {
            Self::Start { conversation, .. }
            | Self::Accept { conversation, .. }
            | Self::Close { conversation }
            | Self::Reopen { conversation }
            | Self::Requeue { conversation }
            | Self::Transfer { conversation, .. }
            | Self::IdleCheck { conversation, .. }
            | Self::AbandonCheck { conversation } => Some(conversation),
            _ => None,
        }
    }

    /// The agent it names.
    pub fn agent(&self) -> Option<&UserId> {
        match self {
            Self::Accept { agent, .. }
            | Self::SetAvailability { agent, .. }
            | Self::AgentConnected { agent }
            | Self::AgentDisconnected { agent }
            | Self::AgentGraceOver { agent, .. }
            | Self::ConfigureAgent { agent, .. }
            | Self::Transfer { to: TransferTarget::Agent(agent), .. } => Some(agent),
            _ => None,
        }
    }
}

/// Where a conversation goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferTarget {
    /// To this agent.
    Agent(UserId),
    /// To the queue of this team.
    Team(String),
}

/// What came of a command: recorded with it, and the reply to whoever waits.
#[expect(clippy::large_enum_variant, reason = "an outcome is made once a command and not kept")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Carried out; with the state after it.
    Done {
        /// The conversation concerned.
        conversation: Option<ConversationView>,
        /// The agent concerned.
        agent: Option<AgentView>,
    },
    /// Not carried out; nothing changed.
    Refused(Refusal),
}

/// Why a command was not carried out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Refusal {
    /// The code.
    pub code: ErrorCode,
    /// What to do.
    pub message: String,
    /// Who has the conversation, for `already_assigned`.
    pub winner: Option<Party>,
}

impl Refusal {
    /// A refusal without a winner.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), winner: None }
    }
}
