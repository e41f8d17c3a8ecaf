//! What the person sees: one line for each thing that happens, as text or as JSON.

use std::io::Write as _;

use confab_client::{ChatEvent, LinkState};
use confab_protocol::api::{ConversationView, HistoryItem, QueueEntryView};
use confab_protocol::{Body, ConversationId, Entry, Ephemeral, ServerFrame, UnixMillis};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

/// Characters of a conversation's id that tell it from others: the end of a UUID of version 7 is random.
const SHORT_ID: usize = 6;

/// Where lines go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Screen {
    json: bool,
}

/// The end of an id, enough to name a conversation.
pub(super) fn short(id: &ConversationId) -> &str {
    let text = id.as_str();
    &text[text.len().saturating_sub(SHORT_ID)..]
}

impl Screen {
    pub(super) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Something the client itself has to say.
    pub(super) fn notice(self, text: &str) {
        if self.json {
            write(&json!({ "t": "notice", "text": text }).to_string());
        } else {
            write(&format!("-- {}", one_line(text)));
        }
    }

    /// Something that went wrong.
    pub(super) fn problem(self, text: &str) {
        if self.json {
            write(&json!({ "t": "problem", "text": text }).to_string());
        } else {
            write(&format!("!! {}", one_line(text)));
        }
    }

    /// An event: every one as JSON, as text those that mean something to a person. `place` marks one of several
    /// conversations.
    pub(super) fn event(self, event: &ChatEvent, place: Option<&ConversationId>) {
        if self.json {
            for frame in frames(event) {
                write(&frame.to_string());
            }
        } else if let Some(text) = text_of(event, place) {
            write(&text);
        }
    }

    /// Entries of the history.
    pub(super) fn history(self, items: &[HistoryItem]) {
        for item in items {
            if self.json {
                write(&history_frame(item).to_string());
            } else if let Some(text) = entry_text(&item.entry, None) {
                write(&text);
            }
        }
    }

    /// Those who wait.
    pub(super) fn waiting(self, entries: &[QueueEntryView]) {
        for entry in entries {
            if self.json {
                write(&json!({ "t": "waiting", "entry": entry }).to_string());
            } else {
                let QueueEntryView { position, customer, issue_type, conversation_id, .. } = entry;
                let name = one_line(&customer.name);
                write(&format!(
                    "-- {position}. #{} {name}, {}",
                    short(conversation_id),
                    one_line(issue_type)
                ));
            }
        }
    }
}

fn write(line: &str) {
    let mut out = std::io::stdout().lock();
    // Nobody may be reading: the person or the script will notice.
    drop(writeln!(out, "{line}").and_then(|()| out.flush()));
}

/// Text of others on one line, and nothing in it that could steer the terminal.
fn one_line(text: &str) -> String {
    text.trim()
        .chars()
        .map(|symbol| match symbol {
            '\n' => '⏎',
            symbol if symbol.is_control() => ' ',
            symbol => symbol,
        })
        .collect()
}

fn clock(at: UnixMillis) -> String {
    i64::try_from(at)
        .ok()
        .and_then(|at| Timestamp::from_millisecond(at).ok())
        .map(|at| at.to_zoned(TimeZone::system()).strftime("%H:%M:%S").to_string())
        .unwrap_or_default()
}

fn text_of(event: &ChatEvent, place: Option<&ConversationId>) -> Option<String> {
    match event {
        ChatEvent::Link(state) => link_text(state),
        ChatEvent::Entry(delivery) => entry_text(&delivery.entry, place),
        ChatEvent::History { items, .. } => {
            let lines: Vec<String> = items.iter().filter_map(|item| entry_text(&item.entry, place)).collect();
            (!lines.is_empty()).then(|| lines.join("\n"))
        }
        ChatEvent::Event { event, .. } => ephemeral_text(event),
        ChatEvent::Refused { message, .. } => Some(format!("!! not sent: {}", one_line(message))),
        ChatEvent::Trouble { message, .. } => Some(format!("!! {}", one_line(message))),
        ChatEvent::Resync(_) => Some("-- some notifications were missed for good".to_owned()),
        ChatEvent::Joined { .. } | ChatEvent::Left(_) | ChatEvent::Acked { .. } => None,
    }
}

fn link_text(state: &LinkState) -> Option<String> {
    match state {
        LinkState::Connecting { .. } => None,
        LinkState::Connected(welcome) => Some(format!(
            "-- connected to {} as {} ({})",
            welcome.node,
            one_line(&welcome.name),
            welcome.role.as_str()
        )),
        LinkState::Waiting { reason, wait, .. } => {
            Some(format!("-- reconnecting in {:.1} s: {}", wait.as_secs_f64(), one_line(reason)))
        }
        LinkState::Stopped { reason } => Some(format!("-- disconnected: {}", one_line(reason))),
    }
}

fn entry_text(entry: &Entry, place: Option<&ConversationId>) -> Option<String> {
    let mark = place.map(|id| format!("#{} ", short(id))).unwrap_or_default();
    let (at, author) = (clock(entry.at), one_line(&entry.author.name));
    Some(match &entry.body {
        Body::Text { text } => format!("[{at}] {mark}{author}: {}", one_line(text)),
        Body::Note { text } => format!("[{at}] {mark}{author} (note): {}", one_line(text)),
        Body::Image { attachment, text } | Body::File { attachment, text } => {
            let text = one_line(text);
            format!("[{at}] {mark}{author}: [{}] {text}", one_line(&attachment.name))
        }
        Body::System { text, .. } => format!("[{at}] {mark}* {}", one_line(text)),
        Body::ChatEnded { by, .. } => format!("[{at}] {mark}* chat ended by {}", one_line(&by.name)),
        Body::NewChat { conversation, .. } => format!("[{at}] {}", new_chat(conversation)),
        Body::ChatRemoved { conversation_id, .. } => {
            format!("[{at}] == chat #{} is no longer yours", short(conversation_id))
        }
        Body::ConversationChanged { .. }
        | Body::WebhookDisabled { .. }
        | Body::AgentChanged { .. }
        | Body::TicketChanged { .. }
        | Body::TicketDeleted { .. }
        | Body::Mentioned { .. }
        | Body::Escalated { .. }
        | Body::ServiceLevel { .. } => return None,
    })
}

fn new_chat(conversation: &ConversationView) -> String {
    let agent = conversation.agent.as_ref().map_or("nobody", |agent| agent.name.as_str());
    format!(
        "== new chat #{} ({}): {} with {}, {}",
        short(&conversation.id),
        conversation.id,
        one_line(&conversation.customer.name),
        one_line(agent),
        one_line(&conversation.issue_type)
    )
}

fn ephemeral_text(event: &Ephemeral) -> Option<String> {
    Some(match event {
        Ephemeral::TypingStart { member, .. } => format!("-- {} is typing", one_line(&member.name)),
        Ephemeral::UserOnline { member, viewing: false, .. } => {
            format!("-- {} is here", one_line(&member.name))
        }
        Ephemeral::UserOnline { member, .. } => format!("-- {} is looking", one_line(&member.name)),
        Ephemeral::UserOffline { member, .. } => format!("-- {} has left", one_line(&member.name)),
        Ephemeral::QueuePosition { position, estimated_wait_seconds, .. } => match estimated_wait_seconds {
            Some(seconds) => format!("-- place in the queue: {position}, about {seconds} s"),
            None => format!("-- place in the queue: {position}"),
        },
        Ephemeral::QueueSnapshot(snapshot) => format!("-- waiting in the queue: {}", snapshot.length),
        Ephemeral::Receipt(_) | Ephemeral::TypingStop { .. } | Ephemeral::PresenceQuery { .. } => {
            return None;
        }
    })
}

/// An event as the frames that it came from, or in their form.
fn frames(event: &ChatEvent) -> Vec<Value> {
    let frame = |frame: ServerFrame| serde_json::to_value(frame).unwrap_or_default();
    vec![match event.clone() {
        ChatEvent::Link(LinkState::Connected(welcome)) => frame(ServerFrame::Welcome(*welcome)),
        ChatEvent::Link(LinkState::Connecting { url }) => json!({ "t": "connecting", "url": url }),
        ChatEvent::Link(LinkState::Waiting { reason, code, wait }) => {
            json!({ "t": "reconnecting", "reason": reason, "code": code, "wait_seconds": wait.as_secs_f64() })
        }
        ChatEvent::Link(LinkState::Stopped { reason }) => json!({ "t": "stopped", "reason": reason }),
        ChatEvent::Joined { frame: joined, resumed, behind } => {
            let mut value = frame(ServerFrame::Joined(*joined));
            value["resumed"] = resumed.into();
            value["behind"] = behind.into();
            value
        }
        ChatEvent::Left(channel) => frame(ServerFrame::Left { reference: 0, channel }),
        ChatEvent::Entry(delivery) => frame(ServerFrame::Entry(delivery)),
        ChatEvent::History { items, .. } => return items.iter().map(history_frame).collect(),
        ChatEvent::Resync(channel) => json!({ "t": "resync", "channel": channel }),
        ChatEvent::Event { channel, event } => frame(ServerFrame::Event { channel, event: *event }),
        ChatEvent::Acked { channel, client_id, seq, duplicate } => {
            frame(ServerFrame::Ack { channel, client_id, seq, duplicate })
        }
        ChatEvent::Refused { channel, client_id, code, message } => {
            frame(ServerFrame::Nack { channel, client_id, code, message, retry_after_ms: None })
        }
        ChatEvent::Trouble { channel, code, message } => {
            json!({ "t": "error", "channel": channel, "code": code, "message": message })
        }
    }]
}

fn history_frame(item: &HistoryItem) -> Value {
    json!({ "t": "history", "seq": item.seq, "epoch": item.epoch, "note": item.note, "entry": item.entry })
}

#[cfg(test)]
mod tests {
    use super::*;
    use confab_protocol::{Author, Delivery};

    fn delivery(text: &str) -> ChatEvent {
        ChatEvent::Entry(Delivery {
            channel: "conv.c-1".parse().expect("a channel"),
            seq: 7,
            prev: 3,
            entry: Entry {
                id: "m-1".into(),
                author: Author { name: "Sam\u{1b}[2J".into(), ..Author::system() },
                at: 1_700_000_000_000,
                body: Body::Text { text: text.into() },
            },
        })
    }

    #[test]
    fn a_message_is_one_line_without_control_characters() {
        let id: ConversationId = "conversation-abcdef".parse().expect("an id");
        let text = text_of(&delivery("one\ntwo\u{7}"), Some(&id)).expect("a line");
        assert!(text.ends_with("#abcdef Sam [2J: one⏎two "), "{text:?}");
        assert_eq!(text.lines().count(), 1);
        assert!(!text.contains('\u{1b}'));
    }

    #[test]
    fn as_json_it_is_the_frame() {
        let frames = frames(&delivery("hi"));
        assert_eq!(frames.len(), 1);
        assert_eq!((&frames[0]["t"], &frames[0]["seq"]), (&json!("entry"), &json!(7)));
        assert_eq!(frames[0]["entry"]["body"]["text"], "hi");
    }

    #[test]
    fn a_short_id_is_the_end_of_the_id() {
        assert_eq!(short(&"c-1".parse().expect("an id")), "c-1");
        assert_eq!(short(&"0198-abcdef".parse().expect("an id")), "abcdef");
    }
}
