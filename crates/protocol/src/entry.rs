//! Entries: what a channel's log keeps. One entry is encoded once, by the node that writes it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::{AgentView, ConversationView, ServiceNotice, TicketView};
use crate::ids::{AttachmentId, ConversationId, Role, TicketId, UnixMillis, UserId};

/// One entry of a channel, as it is stored in the log and delivered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Entry {
    /// The sender's client id, or an id derived from the command that caused the entry. Unique per author and channel.
    pub id: String,
    /// Who wrote it.
    pub author: Author,
    /// When the hub accepted it.
    pub at: UnixMillis,
    /// What it says.
    pub body: Body,
}

impl Entry {
    /// Whether it is an automatic reply: a message that no person wrote.
    pub fn is_automatic(&self) -> bool {
        self.author.id.is_none() && self.body.is_message()
    }
}

/// Who wrote an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Author {
    /// The person; absent for the system itself, and for automatic replies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<UserId>,
    /// Name to show.
    pub name: String,
    /// Their role; absent for the system itself, and for automatic replies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
}

impl Author {
    /// The hub itself, author of system entries.
    pub fn system() -> Self {
        Self { id: None, name: "system".into(), role: None }
    }

    /// The hub's automatic answers: a message without a person behind it, under a name that the tenant chose.
    pub fn automatic(name: impl Into<String>) -> Self {
        Self { id: None, name: name.into(), role: None }
    }
}

/// A file that somebody attached. Its bytes come from a link, which `GET /api/attachments/{id}` gives out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Attachment {
    /// Id.
    pub id: AttachmentId,
    /// The file's name, for people.
    pub name: String,
    /// What it is, by its bytes.
    pub media_type: String,
    /// Its size in bytes.
    pub size: u64,
    /// Width in pixels, for pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Height in pixels, for pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
}

/// What an entry says. `kind` names the variant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind")]
pub enum Body {
    /// A message's text, plain. In `conv.<id>`.
    #[serde(rename = "TEXT")]
    Text {
        /// The text, at most `limits.max_message_chars` characters.
        text: String,
    },
    /// A private note, in `conv.<id>.notes`: never sent to a customer.
    #[serde(rename = "NOTE")]
    Note {
        /// The text.
        text: String,
    },
    /// A picture, in `conv.<id>` or its notes.
    #[serde(rename = "IMAGE")]
    Image {
        /// The file.
        attachment: Attachment,
        /// What was written with it; the file's name when nothing was.
        text: String,
    },
    /// Any other file, in `conv.<id>` or its notes.
    #[serde(rename = "FILE")]
    File {
        /// The file.
        attachment: Attachment,
        /// What was written with it; the file's name when nothing was.
        text: String,
    },
    /// A step in the conversation's life, in `conv.<id>`.
    #[serde(rename = "SYSTEM")]
    System {
        /// Which step.
        event: SystemEvent,
        /// A sentence to show, in English; clients may word `event` themselves.
        text: String,
        /// The agent concerned, where there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<Author>,
    },
    /// The conversation has ended. In `conv.<id>`, after the system entry.
    #[serde(rename = "chat_ended")]
    ChatEnded {
        /// The conversation.
        conversation_id: ConversationId,
        /// Who ended it.
        by: Author,
    },
    /// A conversation has an agent; both sides should join its channel. In `feed.user`.
    #[serde(rename = "new_chat")]
    NewChat {
        /// The conversation.
        conversation_id: ConversationId,
        /// Its state.
        conversation: ConversationView,
    },
    /// A conversation is no longer this person's. In `feed.user`.
    #[serde(rename = "chat_removed")]
    ChatRemoved {
        /// The conversation.
        conversation_id: ConversationId,
        /// Its state.
        conversation: ConversationView,
    },
    /// A conversation changed. In `feed.desk`.
    #[serde(rename = "conversation_changed")]
    ConversationChanged {
        /// Its new state.
        conversation: ConversationView,
    },
    /// A webhook failed for so long that it was switched off. In `feed.desk`.
    #[serde(rename = "webhook_disabled")]
    WebhookDisabled {
        /// The webhook.
        webhook_id: String,
        /// Where it went.
        url: String,
        /// What was wrong.
        reason: String,
    },
    /// An agent changed. In `feed.desk`.
    #[serde(rename = "agent_changed")]
    AgentChanged {
        /// Their new state.
        agent: AgentView,
    },
    /// Somebody names this person in a private note. In `feed.user`.
    #[serde(rename = "mentioned")]
    Mentioned {
        /// The conversation.
        conversation_id: ConversationId,
        /// Who wrote the note.
        by: Author,
        /// The note.
        text: String,
    },
    /// Somebody asks this lead for help with a conversation. In `feed.user`.
    #[serde(rename = "escalated")]
    Escalated {
        /// Its state.
        conversation: ConversationView,
        /// Who asks.
        by: Author,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// A goal of the service levels is nearly missed, or was. In `feed.desk`, and in the assigned agent's `feed.user`.
    #[serde(rename = "service_level")]
    ServiceLevel {
        /// Which, and how it stands.
        notice: ServiceNotice,
    },
    /// A ticket is new or changed. In `feed.desk`.
    #[serde(rename = "ticket_changed")]
    TicketChanged {
        /// Its new state.
        ticket: TicketView,
    },
    /// A ticket is gone. In `feed.desk`.
    #[serde(rename = "ticket_deleted")]
    TicketDeleted {
        /// Which.
        ticket_id: TicketId,
    },
}

impl Body {
    /// Whether this is something a person said, as opposed to something that happened.
    pub fn is_message(&self) -> bool {
        matches!(self, Self::Text { .. } | Self::Note { .. } | Self::Image { .. } | Self::File { .. })
    }

    /// The `kind` on the wire.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text { .. } => "TEXT",
            Self::Note { .. } => "NOTE",
            Self::Image { .. } => "IMAGE",
            Self::File { .. } => "FILE",
            Self::System { .. } => "SYSTEM",
            Self::ChatEnded { .. } => "chat_ended",
            Self::NewChat { .. } => "new_chat",
            Self::ChatRemoved { .. } => "chat_removed",
            Self::ConversationChanged { .. } => "conversation_changed",
            Self::WebhookDisabled { .. } => "webhook_disabled",
            Self::AgentChanged { .. } => "agent_changed",
            Self::Mentioned { .. } => "mentioned",
            Self::Escalated { .. } => "escalated",
            Self::ServiceLevel { .. } => "service_level",
            Self::TicketChanged { .. } => "ticket_changed",
            Self::TicketDeleted { .. } => "ticket_deleted",
        }
    }

    /// The text to show and to search, where there is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text { text }
            | Self::Note { text }
            | Self::System { text, .. }
            | Self::Image { text, .. }
            | Self::File { text, .. } => Some(text),
            _ => None,
        }
    }
}

/// Steps in a conversation's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SystemEvent {
    /// It began.
    ConversationStarted,
    /// It waits for an agent.
    ConversationQueued,
    /// An agent took it, or was given it.
    ConversationAccepted,
    /// It went to another agent or team.
    ConversationTransferred,
    /// Its agent vanished and it went back to the queue.
    AgentLost,
    /// Nobody wrote for a while; it will be closed unless somebody does.
    IdleWarning,
    /// It ended.
    ConversationClosed,
    /// It goes on after an end.
    ConversationReopened,
    /// It was put aside for a time.
    ConversationSnoozed,
    /// It became more urgent, and those who lead were told. In `conv.<id>.notes`.
    ConversationEscalated,
}
