//! Putting a conversation aside for a time: its agent's slot is free, and nobody is drawn for it until it wakes.

use confab_protocol::api::ConversationStatus;
use confab_protocol::{ErrorCode, SystemEvent, UnixMillis};

use super::{Builder, Decision, State, abandon_timer, found_conversation, impossible, snooze_timer};
use crate::command::{Command, CommandKind, Refusal};
use crate::model::{Conversation, Ticket};

pub(super) fn snooze(
    command: &Command,
    state: &State,
    until: UnixMillis,
    now: UnixMillis,
) -> Result<Decision, Refusal> {
    let conversation = found_conversation(state)?;
    if conversation.status == ConversationStatus::Closed {
        return Err(impossible(conversation, "put aside"));
    }
    if until <= now {
        return Err(Refusal::new(ErrorCode::Invalid, "until has to be a time to come"));
    }
    // Who was being served is served again when the time comes; who waited keeps their place.
    let since = conversation.queued_at.unwrap_or(until);
    let aside = Conversation { snoozed_until: Some(until), ..conversation.waiting_since(since) };
    let mut build = Builder::of(command, state);
    let text = "The conversation will go on later.".to_owned();
    build.system(&aside, SystemEvent::ConversationSnoozed, text, None);
    build.free_holder(conversation, &aside, state.holder.as_ref(), now);
    build.cancel_timer(abandon_timer(&aside));
    let wake = CommandKind::Wake { conversation: aside.id.clone(), until: Some(until) };
    build.set_timer(snooze_timer(&aside), until, wake);
    if let Some(before) = state.ticket.as_ref().filter(|ticket| ticket.status.is_open()) {
        let wake = CommandKind::WakeTicket { ticket: before.id.clone(), until };
        build.set_timer(format!("wake-{}", before.id), until, wake);
        build.ticket(Some(before), Ticket { snoozed_until: Some(until), ..before.next(now) }, now);
    }
    build.conversation(Some(conversation), aside);
    Ok(build.done())
}

/// Back to the agent who had it, when they are free, or into the queue. `until` is the time that has come.
pub(super) fn wake(
    command: &Command,
    state: &State,
    until: Option<UnixMillis>,
    now: UnixMillis,
) -> Result<Decision, Refusal> {
    let conversation = found_conversation(state)?;
    let outdated = until.is_some() && conversation.snoozed_until != until;
    if conversation.snoozed_until.is_none() || outdated {
        return Ok(Decision::already(conversation));
    }
    let mut build = Builder::of(command, state);
    if let Some(agent) = state.holder.as_ref().filter(|agent| agent.is_available()) {
        build.assign(conversation, agent, state.ticket.as_ref(), &state.settings, now);
        return Ok(build.done());
    }
    build.no_longer_snoozed(conversation);
    if let Some(before) = state.ticket.as_ref().filter(|ticket| ticket.snoozed_until.is_some()) {
        build.ticket(Some(before), Ticket { snoozed_until: None, ..before.next(now) }, now);
    }
    let since = conversation.queued_at.unwrap_or(now).min(now);
    build.enqueue(Some(conversation), conversation.waiting_since(since), &state.settings, now);
    Ok(build.done())
}
