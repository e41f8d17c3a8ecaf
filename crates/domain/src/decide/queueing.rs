//! Into the queue and out of it: start, accept, reopen, requeue.

use confab_protocol::api::ConversationStatus;
use confab_protocol::{Author, Body, ErrorCode, Role, SystemEvent, UnixMillis};

use super::{Builder, Decision, Event, State, found_agent, found_conversation, impossible};
use crate::command::{Command, CommandKind, Refusal};
use crate::model::{Agent, Category, Conversation, Ticket, TicketStatus};

/// Longest subject taken from a first message, in characters.
const SUBJECT_CHARS: usize = 120;

pub(super) fn start(command: &Command, state: &State, now: UnixMillis) -> Result<Decision, Refusal> {
    let CommandKind::Start {
        conversation,
        ticket,
        customer,
        issue_type,
        team,
        priority,
        client_id,
        message,
        continues,
    } = &command.kind
    else {
        return Ok(Decision::nothing());
    };
    if state.conversation.is_some() {
        return Err(Refusal::new(
            ErrorCode::Conflict,
            "a conversation with this id exists; start with a new id",
        ));
    }
    let known = state.ticket.as_ref().filter(|_| *continues);
    if *continues && known.is_none_or(|known| known.customer.id != customer.id || known.deleted) {
        return Err(Refusal::new(ErrorCode::NotFound, "no such ticket"));
    }
    let new = || {
        let subject = message.lines().next().unwrap_or_default().chars().take(SUBJECT_CHARS).collect();
        let new = Ticket::new(ticket.clone(), customer.clone(), subject, message.clone(), now);
        Ticket { priority: *priority, category: Category::of_issue_type(issue_type), ..new }
    };
    let mut issue = known.map_or_else(new, |known| known.next(now));
    if !issue.status.is_open() {
        issue.stand_at(TicketStatus::Open, now);
    }
    issue.conversations.push(conversation.clone());
    let conversation = Conversation {
        id: conversation.clone(),
        ticket_id: issue.id.clone(),
        status: ConversationStatus::Waiting,
        customer: customer.clone(),
        agent: None,
        last_agent: None,
        avoid: None,
        issue_type: issue_type.clone(),
        team: team.clone(),
        priority: *priority,
        started_at: command.at,
        queued_at: Some(command.at),
        assigned_at: None,
        ended_at: None,
        labels: Vec::new(),
        snoozed_until: None,
        satisfaction: None,
        handed_over: false,
        version: 1,
    };
    let mut build = Builder::of(command, state);
    build.system(&conversation, SystemEvent::ConversationStarted, "The conversation began.".to_owned(), None);
    build.decision.events.push(Event {
        channel: conversation.channel(),
        id: Some(client_id.to_string()),
        author: Author {
            id: Some(customer.id.clone()),
            name: customer.name.clone(),
            role: Some(Role::Customer),
        },
        body: Body::Text { text: message.clone() },
    });
    build.ticket(known, issue, now);
    build.enqueue(None, conversation, &state.settings, now);
    Ok(build.done())
}

pub(super) fn accept(command: &Command, state: &State, now: UnixMillis) -> Result<Decision, Refusal> {
    let conversation = found_conversation(state)?;
    let agent = found_agent(state)?;
    match (conversation.status, &conversation.agent) {
        (ConversationStatus::Waiting, _) => {}
        (ConversationStatus::Active, Some(winner)) if winner.id == agent.id => {
            return Ok(Decision::already(conversation));
        }
        (ConversationStatus::Active, winner) => return Err(lost_to(winner.clone())),
        (ConversationStatus::Closed, _) => return Err(impossible(conversation, "accepted")),
    }
    require_slot(agent)?;
    let mut build = Builder::of(command, state);
    build.assign(conversation, agent, state.ticket.as_ref(), &state.settings, now);
    Ok(build.done())
}

fn lost_to(winner: Option<confab_protocol::api::Party>) -> Refusal {
    let name = winner.as_ref().map_or("another agent", |party| party.name.as_str());
    let message = format!("{name} has this conversation");
    Refusal { winner, ..Refusal::new(ErrorCode::AlreadyAssigned, message) }
}

pub(super) fn require_slot(agent: &Agent) -> Result<(), Refusal> {
    if agent.has_slot() {
        return Ok(());
    }
    let message = format!(
        "{} has {} of {} conversations; close or transfer one first",
        agent.name, agent.active, agent.capacity
    );
    Err(Refusal::new(ErrorCode::CapacityExceeded, message))
}

pub(super) fn reopen(command: &Command, state: &State, now: UnixMillis) -> Result<Decision, Refusal> {
    let conversation = found_conversation(state)?;
    if conversation.status != ConversationStatus::Closed {
        return Ok(Decision::already(conversation));
    }
    let mut build = Builder::of(command, state);
    build.system(
        conversation,
        SystemEvent::ConversationReopened,
        "The conversation goes on.".to_owned(),
        None,
    );
    if let Some(agent) = state.holder.as_ref().filter(|agent| agent.is_available()) {
        build.assign(conversation, agent, state.ticket.as_ref(), &state.settings, now);
    } else {
        build.ticket_follows(state.ticket.as_ref(), TicketStatus::Open, now);
        build.enqueue(Some(conversation), conversation.waiting_since(now), &state.settings, now);
    }
    Ok(build.done())
}

pub(super) fn requeue(command: &Command, state: &State, now: UnixMillis) -> Result<Decision, Refusal> {
    let conversation = found_conversation(state)?;
    match conversation.status {
        ConversationStatus::Waiting if conversation.snoozed_until.is_some() => {
            super::snooze::wake(command, state, None, now)
        }
        ConversationStatus::Waiting => Ok(Decision::already(conversation)),
        ConversationStatus::Closed => reopen(command, state, now),
        ConversationStatus::Active => {
            let mut waiting = conversation.waiting_since(now);
            waiting.avoid = conversation.agent.as_ref().map(|agent| agent.id.clone());
            let mut build = Builder::of(command, state);
            build.free_holder(conversation, &waiting, state.holder.as_ref(), now);
            build.enqueue(Some(conversation), waiting, &state.settings, now);
            Ok(build.done())
        }
    }
}
