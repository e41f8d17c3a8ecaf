//! Commands: the only way in which a conversation, ticket or agent changes. Each is carried out once.

use confab_protocol::api::{
    AgentView, Availability, Category, ConversationView, Party, Priority, ServiceGoal, TicketStatus,
    TicketView,
};
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
        /// Whether the ticket exists already, as this customer's.
        #[serde(default)]
        continues: bool,
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
    /// Label a conversation.
    SetLabels {
        /// Which.
        conversation: ConversationId,
        /// All its labels.
        labels: Vec<String>,
    },
    /// Put a conversation aside: nobody has it, and it does not wait in the queue.
    Snooze {
        /// Which.
        conversation: ConversationId,
        /// Until when.
        until: UnixMillis,
    },
    /// Take up again a conversation that was put aside.
    Wake {
        /// Which.
        conversation: ConversationId,
        /// The time that has come; absent when somebody does it before.
        until: Option<UnixMillis>,
    },
    /// Make a conversation more urgent, and tell those who lead.
    Escalate {
        /// Which.
        conversation: ConversationId,
        /// The new urgency; one step up when absent.
        priority: Option<Priority>,
        /// Team that should answer from now on.
        team: Option<String>,
        /// Why; the customer does not see it.
        note: Option<String>,
    },
    /// A customer says how they were served.
    Rate {
        /// Which.
        conversation: ConversationId,
        /// 1 to 5.
        score: u8,
        /// In their words.
        comment: Option<String>,
    },
    /// Make a ticket without a conversation.
    CreateTicket {
        /// Id of the new ticket.
        ticket: TicketId,
        /// Whose issue.
        customer: Party,
        /// One line.
        subject: String,
        /// The issue.
        description: String,
        /// What it begins with besides.
        edit: TicketEdit,
    },
    /// Change a ticket.
    UpdateTicket {
        /// Which.
        ticket: TicketId,
        /// The version that the change was made on; any when absent.
        expected: Option<u64>,
        /// What to change.
        edit: TicketEdit,
    },
    /// Take a ticket away.
    DeleteTicket {
        /// Which.
        ticket: TicketId,
        /// The version that whoever deletes it has seen; any when absent.
        expected: Option<u64>,
    },
    /// The ticket is a duplicate: its conversations go to another one.
    MergeTicket {
        /// The duplicate.
        ticket: TicketId,
        /// The one that stays.
        into: TicketId,
    },
    /// The time until which a ticket was put aside has come.
    WakeTicket {
        /// Which.
        ticket: TicketId,
        /// The time.
        until: UnixMillis,
    },
    /// Answer the customer of a waiting conversation without a person.
    AutoReply {
        /// Which.
        conversation: ConversationId,
        /// Name to show.
        name: String,
        /// The answer.
        text: String,
        /// Whether it is the last one: a person was asked for, or there is no sure answer.
        hands_over: bool,
    },
    /// The time of a goal of the service levels is nearly up, or up.
    ServiceCheck {
        /// Which ticket.
        ticket: TicketId,
        /// Which goal.
        goal: ServiceGoal,
        /// The due time that the timer was set for.
        due_at: UnixMillis,
        /// Whether it is only nearly up.
        warning: bool,
    },
}

/// What to change of a ticket; what is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketEdit {
    /// One line.
    pub subject: Option<String>,
    /// The issue.
    pub description: Option<String>,
    /// The next status.
    pub status: Option<TicketStatus>,
    /// Urgency.
    pub priority: Option<Priority>,
    /// What it is about.
    pub category: Option<Category>,
    /// Who works on it.
    pub assignee: Option<Assignee>,
    /// All its labels.
    pub labels: Option<Vec<String>>,
    /// Labels to add.
    pub add_labels: Vec<String>,
    /// Labels to take away.
    pub remove_labels: Vec<String>,
    /// Until when to put it aside; a time that has passed wakes it.
    pub snoozed_until: Option<UnixMillis>,
}

/// Who is to work on a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assignee {
    /// Nobody.
    Nobody,
    /// This agent.
    Agent(UserId),
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
            Self::SetLabels { .. } => "set_labels",
            Self::Snooze { .. } => "snooze",
            Self::Wake { .. } => "wake",
            Self::Escalate { .. } => "escalate",
            Self::Rate { .. } => "rate",
            Self::CreateTicket { .. } => "create_ticket",
            Self::UpdateTicket { .. } => "update_ticket",
            Self::DeleteTicket { .. } => "delete_ticket",
            Self::MergeTicket { .. } => "merge_ticket",
            Self::WakeTicket { .. } => "wake_ticket",
            Self::AutoReply { .. } => "auto_reply",
            Self::ServiceCheck { .. } => "service_check",
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
            | Self::SetLabels { conversation, .. }
            | Self::Snooze { conversation, .. }
            | Self::Wake { conversation, .. }
            | Self::Escalate { conversation, .. }
            | Self::Rate { conversation, .. }
            | Self::AutoReply { conversation, .. }
            | Self::AbandonCheck { conversation } => Some(conversation),
            _ => None,
        }
    }

    /// The ticket it concerns, where it names one that may exist.
    pub fn ticket(&self) -> Option<&TicketId> {
        match self {
            Self::Start { ticket, continues: true, .. }
            | Self::CreateTicket { ticket, .. }
            | Self::UpdateTicket { ticket, .. }
            | Self::DeleteTicket { ticket, .. }
            | Self::MergeTicket { ticket, .. }
            | Self::WakeTicket { ticket, .. }
            | Self::ServiceCheck { ticket, .. } => Some(ticket),
            _ => None,
        }
    }

    /// Whether it concerns all conversations of its ticket.
    pub fn needs_conversations(&self) -> bool {
        matches!(self, Self::DeleteTicket { .. } | Self::MergeTicket { .. })
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
            Self::CreateTicket { edit, .. } | Self::UpdateTicket { edit, .. } => match &edit.assignee {
                Some(Assignee::Agent(agent)) => Some(agent),
                _ => None,
            },
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
        /// The ticket concerned.
        #[serde(default)]
        ticket: Option<TicketView>,
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
    /// The steps that are possible, for `invalid_transition`.
    #[serde(default)]
    pub possible: Vec<String>,
}

impl Refusal {
    /// A refusal without a winner.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), winner: None, possible: Vec::new() }
    }
}
