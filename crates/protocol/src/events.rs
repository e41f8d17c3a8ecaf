//! Events: what happened, for programs that follow the streams `chat.lifecycle` and `chat.messages` or get webhooks.
//! Documented in `docs/EVENTS.md`; a change here is a change of that document.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::entry::{Author, Body, Entry, SystemEvent};
use crate::ids::{ConversationId, TenantId, UnixMillis};

/// Kinds of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EventKind {
    /// A conversation began.
    ConversationStarted,
    /// It waits for an agent.
    ConversationQueued,
    /// An agent took it, or was given it.
    ConversationAccepted,
    /// It went to another agent or team.
    ConversationTransferred,
    /// Its agent vanished and it went back to the queue.
    AgentLost,
    /// Nobody wrote for a while.
    IdleWarning,
    /// It ended.
    ConversationClosed,
    /// It goes on after an end.
    ConversationReopened,
    /// Another step in the life of a conversation, which `data.step` names.
    ConversationStep,
    /// Somebody wrote a message.
    MessageReceived,
    /// A test, sent on request.
    WebhookTest,
}

impl EventKind {
    /// Every kind that happens by itself.
    pub const ALL: [Self; 10] = [
        Self::ConversationStarted,
        Self::ConversationQueued,
        Self::ConversationAccepted,
        Self::ConversationTransferred,
        Self::AgentLost,
        Self::IdleWarning,
        Self::ConversationClosed,
        Self::ConversationReopened,
        Self::ConversationStep,
        Self::MessageReceived,
    ];

    /// The kind as it stands on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ConversationStarted => "CONVERSATION_STARTED",
            Self::ConversationQueued => "CONVERSATION_QUEUED",
            Self::ConversationAccepted => "CONVERSATION_ACCEPTED",
            Self::ConversationTransferred => "CONVERSATION_TRANSFERRED",
            Self::AgentLost => "AGENT_LOST",
            Self::IdleWarning => "IDLE_WARNING",
            Self::ConversationClosed => "CONVERSATION_CLOSED",
            Self::ConversationReopened => "CONVERSATION_REOPENED",
            Self::ConversationStep => "CONVERSATION_STEP",
            Self::MessageReceived => "MESSAGE_RECEIVED",
            Self::WebhookTest => "WEBHOOK_TEST",
        }
    }

    fn of_step(step: SystemEvent) -> Self {
        match step {
            SystemEvent::ConversationStarted => Self::ConversationStarted,
            SystemEvent::ConversationQueued => Self::ConversationQueued,
            SystemEvent::ConversationAccepted => Self::ConversationAccepted,
            SystemEvent::ConversationTransferred => Self::ConversationTransferred,
            SystemEvent::AgentLost => Self::AgentLost,
            SystemEvent::IdleWarning => Self::IdleWarning,
            SystemEvent::ConversationClosed => Self::ConversationClosed,
            SystemEvent::ConversationReopened => Self::ConversationReopened,
            _ => Self::ConversationStep,
        }
    }
}

/// An event, as it lies in the streams and is sent to webhooks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChatEvent {
    /// Id: the same for every repetition of the same event.
    pub id: String,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: EventKind,
    /// When, in milliseconds since the Unix epoch.
    pub at: UnixMillis,
    /// Whose.
    pub tenant: TenantId,
    /// Where.
    pub conversation_id: ConversationId,
    /// Place among the conversation's events: grows, with holes.
    pub seq: u64,
    /// The log that gave `seq`; sequences of another one mean nothing beside it.
    pub epoch: String,
    /// More about it.
    pub data: EventData,
}

/// More about an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EventData {
    /// Id of the message, its author's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// Who wrote it, or did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Author>,
    /// The agent concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<Author>,
    /// What was said, with its kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Body>,
    /// A sentence, in English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl ChatEvent {
    /// The event of an entry in a conversation's channel; none for entries that only repeat what another one says.
    pub fn of_entry(
        tenant: &TenantId,
        conversation: &ConversationId,
        epoch: &str,
        seq: u64,
        entry: Entry,
    ) -> Option<Self> {
        let (kind, data) = match entry.body {
            Body::System { event, text, agent } => {
                let data =
                    EventData { message_id: None, author: None, agent, message: None, text: Some(text) };
                (EventKind::of_step(event), data)
            }
            body if body.is_message() && !matches!(body, Body::Note { .. }) => {
                let data = EventData {
                    message_id: Some(entry.id),
                    author: Some(entry.author),
                    agent: None,
                    message: Some(body),
                    text: None,
                };
                (EventKind::MessageReceived, data)
            }
            _ => return None,
        };
        Some(Self {
            id: format!("evt_{epoch}_{seq}"),
            kind,
            at: entry.at,
            tenant: tenant.clone(),
            conversation_id: conversation.clone(),
            seq,
            epoch: epoch.to_owned(),
            data,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(body: Body) -> Option<ChatEvent> {
        let entry = Entry { id: "m-1".into(), author: Author::system(), at: 5, body };
        let tenant = TenantId::parse("acme").expect("an id");
        ChatEvent::of_entry(&tenant, &ConversationId::parse("c-1").expect("an id"), "17", 3, entry)
    }

    #[test]
    fn the_same_entry_is_always_the_same_event() {
        let text = || Body::Text { text: "Hello".into() };
        let one = event(text()).expect("an event");
        assert_eq!(one, event(text()).expect("an event"));
        assert_eq!((one.id.as_str(), one.kind), ("evt_17_3", EventKind::MessageReceived));
        let json = serde_json::to_value(&one).expect("JSON");
        assert_eq!(json["type"], "MESSAGE_RECEIVED");
        assert_eq!(json["data"]["message"]["kind"], "TEXT");
    }

    #[test]
    fn private_notes_are_nobody_elses_business() {
        assert_eq!(event(Body::Note { text: "a secret".into() }), None);
    }

    #[test]
    fn the_text_of_a_kind_is_what_serde_writes() {
        for kind in EventKind::ALL {
            assert_eq!(serde_json::to_value(kind).expect("JSON"), kind.as_str());
        }
    }
}
