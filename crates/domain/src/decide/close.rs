//! The end of a conversation.

use confab_protocol::api::ConversationStatus;
use confab_protocol::{Author, Body, SystemEvent, UnixMillis};

use super::{Builder, Decision, State, abandon_timer, found_conversation};
use crate::command::{Command, Refusal};
use crate::model::{Conversation, TicketStatus};

pub(super) fn close(command: &Command, state: &State, now: UnixMillis) -> Result<Decision, Refusal> {
    let conversation = found_conversation(state)?;
    if conversation.status == ConversationStatus::Closed {
        return Ok(Decision::already(conversation));
    }
    let by = command.actor.author();
    let text = format!("{} ended the conversation.", by.name);
    Ok(end(command, state, conversation, by, text, TicketStatus::Resolved, now))
}

/// Ends the conversation, frees its agent, moves its ticket on unless another conversation on it goes on.
pub(super) fn end(
    command: &Command,
    state: &State,
    conversation: &Conversation,
    by: Author,
    text: String,
    ticket_status: TicketStatus,
    now: UnixMillis,
) -> Decision {
    let closed = conversation.closed(now);
    let mut build = Builder::of(command, state);
    build.system(&closed, SystemEvent::ConversationClosed, text, None);
    let ended = Body::ChatEnded { conversation_id: closed.id.clone(), by };
    build.event(closed.channel(), Author::system(), ended);
    build.free_holder(conversation, &closed, state.holder.as_ref(), now);
    let goes_on = state
        .conversations
        .iter()
        .any(|other| other.id != conversation.id && other.status != ConversationStatus::Closed);
    let ticket = state.ticket.as_ref().filter(|ticket| ticket.status.is_open() && !goes_on);
    build.ticket_follows(ticket, ticket_status, now);
    build.cancel_timer(abandon_timer(&closed));
    build.no_longer_snoozed(conversation);
    build.conversation(Some(conversation), closed);
    build.done()
}
