//! What the desk does with a conversation besides answering: labels and escalation; and the customer's verdict.

use confab_protocol::api::{ConversationStatus, Priority, Satisfaction};
use confab_protocol::{Body, Channel, ErrorCode, SystemEvent, UnixMillis};

use super::{Builder, Decision, State, found_conversation, impossible};
use crate::command::{Command, CommandKind, Refusal};
use crate::model::{Conversation, Ticket};

/// Most leads who are told of one escalation.
const MAX_TOLD: usize = 50;

pub(super) fn set_labels(command: &Command, state: &State, labels: &[String]) -> Result<Decision, Refusal> {
    let conversation = found_conversation(state)?;
    let mut labels = labels.to_vec();
    labels.sort();
    labels.dedup();
    if labels == conversation.labels {
        return Ok(Decision::already(conversation));
    }
    let mut build = Builder::of(command, state);
    build.conversation(Some(conversation), Conversation { labels, ..conversation.next() });
    Ok(build.done())
}

pub(super) fn escalate(command: &Command, state: &State, now: UnixMillis) -> Result<Decision, Refusal> {
    let CommandKind::Escalate { priority, team, note, .. } = &command.kind else {
        return Ok(Decision::nothing());
    };
    let before = found_conversation(state)?;
    if before.status == ConversationStatus::Closed {
        return Err(impossible(before, "escalated"));
    }
    let priority = priority.unwrap_or(above(before.priority));
    if priority < before.priority {
        let message = format!("it is {} already; escalating never lowers that", before.priority.as_str());
        return Err(Refusal::new(ErrorCode::Invalid, message));
    }
    let mut build = Builder::of(command, state);
    tell_notes(&mut build, before, priority, team.as_deref(), note.as_deref());
    let moves = team.as_ref().is_some_and(|team| {
        let holder = state.holder.as_ref().filter(|_| before.status == ConversationStatus::Active);
        holder.is_some_and(|holder| !holder.teams.contains(team))
    });
    let team = team.clone().or_else(|| before.team.clone());
    let after = if moves {
        let avoid = before.agent.as_ref().map(|agent| agent.id.clone());
        Conversation { avoid, team, priority, ..before.waiting_since(now) }
    } else if before.snoozed_until.is_some() {
        Conversation { team, priority, ..before.waiting_since(before.queued_at.unwrap_or(now).min(now)) }
    } else {
        Conversation { team, priority, ..before.next() }
    };
    tell_leads(&mut build, state, &after, note.as_deref());
    if let Some(ticket) = state.ticket.as_ref().filter(|ticket| ticket.priority < priority) {
        build.ticket(Some(ticket), Ticket { priority, ..ticket.next(now) }, now);
    }
    if moves || before.snoozed_until.is_some() {
        build.no_longer_snoozed(before);
        build.free_holder(before, &after, state.holder.as_ref(), now);
        build.enqueue(Some(before), after, &state.settings, now);
    } else {
        // Its place in the queue may be another one, and another team's agents may be free.
        build.decision.draws = after.status == ConversationStatus::Waiting;
        build.conversation(Some(before), after);
    }
    Ok(build.done())
}

fn above(priority: Priority) -> Priority {
    match priority {
        Priority::Low => Priority::Medium,
        Priority::Medium => Priority::High,
        Priority::High | Priority::Urgent => Priority::Urgent,
    }
}

/// What happened, for agents only, and the reason as a note of who gives it.
fn tell_notes(
    build: &mut Builder<'_>,
    conversation: &Conversation,
    priority: Priority,
    team: Option<&str>,
    note: Option<&str>,
) {
    let by = build.by.clone();
    let to = team.map(|team| format!(", to {team}")).unwrap_or_default();
    let text = format!("{} escalated the conversation to {}{to}.", by.name, priority.as_str());
    let body = Body::System { event: SystemEvent::ConversationEscalated, text, agent: None };
    build.event(conversation.notes(), confab_protocol::Author::system(), body);
    if let Some(text) = note {
        build.event(conversation.notes(), by, Body::Note { text: text.to_owned() });
    }
}

fn tell_leads(build: &mut Builder<'_>, state: &State, after: &Conversation, note: Option<&str>) {
    let by = build.by.clone();
    for lead in state.leads.iter().filter(|lead| by.id.as_ref() != Some(lead)).take(MAX_TOLD) {
        let body =
            Body::Escalated { conversation: after.view(), by: by.clone(), note: note.map(str::to_owned) };
        build.event(Channel::UserFeed(build.tenant.clone(), lead.clone()), by.clone(), body);
    }
}

pub(super) fn rate(
    command: &Command,
    state: &State,
    score: u8,
    comment: Option<&str>,
    now: UnixMillis,
) -> Result<Decision, Refusal> {
    let conversation = found_conversation(state)?;
    if !(1..=5).contains(&score) {
        return Err(Refusal::new(ErrorCode::Invalid, "score has to be 1 to 5"));
    }
    if conversation.status != ConversationStatus::Closed {
        return Err(impossible(conversation, "rated"));
    }
    if conversation.satisfaction.is_some() {
        return Err(Refusal::new(ErrorCode::Conflict, "you have rated this conversation already"));
    }
    let given = Satisfaction { score, comment: comment.map(str::to_owned), at: now };
    let mut build = Builder::of(command, state);
    if let Some(before) = &state.ticket {
        let rated = Ticket { satisfaction: Some(given.clone()), ..before.next(now) };
        build.ticket(Some(before), rated, now);
    }
    let rated = Conversation { satisfaction: Some(given), ..conversation.next() };
    build.conversation(Some(conversation), rated);
    Ok(build.done())
}
