//! Conversations in which nobody writes, and customers who left the queue.

use confab_protocol::api::ConversationStatus;
use confab_protocol::{SystemEvent, UnixMillis};

use super::{Builder, Decision, State, abandon_timer, close, found_conversation, idle_timer};
use crate::command::{Command, CommandKind, Refusal};
use crate::model::TicketStatus;

pub(super) fn idle_check(
    command: &Command,
    state: &State,
    warned_at: Option<UnixMillis>,
    now: UnixMillis,
) -> Result<Decision, Refusal> {
    let conversation = found_conversation(state)?;
    if conversation.status != ConversationStatus::Active {
        return Ok(Decision::nothing());
    }
    let began = conversation.assigned_at.unwrap_or(conversation.started_at);
    let last = state.last_message_at.unwrap_or(began).max(began);
    let settings = &state.settings;
    let mut build = Builder::of(command, state);
    let check = |warned_at| CommandKind::IdleCheck { conversation: conversation.id.clone(), warned_at };
    match warned_at {
        Some(warned_at) if last <= warned_at => {
            let text = "The conversation was closed because nobody wrote.".to_owned();
            let by = command.actor.author();
            return Ok(close::end(command, state, conversation, by, text, TicketStatus::Resolved, now));
        }
        None if now >= last + settings.idle_warning_ms => {
            let text = "Nobody has written for a while; the conversation will be closed.".to_owned();
            build.system(conversation, SystemEvent::IdleWarning, text, None);
            build.set_timer(idle_timer(conversation), now + settings.idle_close_ms, check(Some(now)));
        }
        _ => build.set_timer(idle_timer(conversation), last + settings.idle_warning_ms, check(None)),
    }
    Ok(build.done())
}

pub(super) fn abandon_check(command: &Command, state: &State, now: UnixMillis) -> Result<Decision, Refusal> {
    let conversation = found_conversation(state)?;
    if conversation.status != ConversationStatus::Waiting || conversation.snoozed_until.is_some() {
        return Ok(Decision::nothing());
    }
    if state.customer_present {
        let mut build = Builder::of(command, state);
        let again = CommandKind::AbandonCheck { conversation: conversation.id.clone() };
        build.set_timer(abandon_timer(conversation), now + state.settings.abandon_ms, again);
        return Ok(build.done());
    }
    let text = "The customer left before an agent was free.".to_owned();
    let by = command.actor.author();
    // The ticket stays open: the question has not been answered.
    Ok(close::end(command, state, conversation, by, text, TicketStatus::Open, now))
}
