//! Into the queue and out of it: start, accept, reopen, requeue.

use confab_protocol::api::ConversationStatus;
use confab_protocol::{Author, Body, ErrorCode, Role, SystemEvent, UnixMillis};

use super::{Builder, Decision, Event, State, found_agent, found_conversation, impossible};
use crate::command::{Command, CommandKind, Refusal};
use crate::model::{Agent, Category, Conversation, Ticket, TicketStatus};

/// Longest subject taken from a first message, in characters.
const SUBJECT_CHARS: usize = 120;

pub(super) fn start(command: &Command, state: &State, now: UnixMillis) -> Result<Decision, Refusal> {
    let CommandKind::Start { conversation, ticket, customer, issue_type, team, priority, client_id, message } =
        &command.kind
    else {
        return Ok(Decision::nothing());
    };
    if state.conversation.is_some() {
        return Err(Refusal::new(
            ErrorCode::Conflict,
            "a conversation with this id exists; start with a new id",
        ));
    }
    let ticket = Ticket {
        id: ticket.clone(),
        subject: message.lines().next().unwrap_or_default().chars().take(SUBJECT_CHARS).collect(),
        description: message.clone(),
        status: TicketStatus::Open,
        priority: *priority,
        category: Category::of_issue_type(issue_type),
        customer: customer.clone(),
        assigned_agent: None,
        created_at: now,
        updated_at: now,
        resolved_at: None,
        version: 1,
    };
    let conversation = Conversation {
        id: conversation.clone(),
        ticket_id: ticket.id.clone(),
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
        version: 1,
    };
    let mut build = Builder::new(&command.tenant);
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
    build.ticket(ticket);
    build.enqueue(conversation, &state.settings, now);
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
    let mut build = Builder::new(&command.tenant);
    build.assign(conversation, agent, state.ticket.as_ref(), &state.settings, now);
    Ok(build.done())
}

fn lost_to(winner: Option<confab_protocol::api::Party>) -> Refusal {
    let name = winner.as_ref().map_or("another agent", |party| party.name.as_str());
    let message = format!("{name} has this conversation");
    Refusal { code: ErrorCode::AlreadyAssigned, message, winner }
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
    let mut build = Builder::new(&command.tenant);
    build.system(
        conversation,
        SystemEvent::ConversationReopened,
        "The conversation goes on.".to_owned(),
        None,
    );
    if let Some(agent) = state.holder.as_ref().filter(|agent| agent.is_available()) {
        build.assign(conversation, agent, state.ticket.as_ref(), &state.settings, now);
    } else {
        if let Some(ticket) = &state.ticket {
            build.ticket(ticket.at_status(TicketStatus::Open, now));
        }
        build.enqueue(conversation.waiting_since(now), &state.settings, now);
    }
    Ok(build.done())
}

pub(super) fn requeue(command: &Command, state: &State, now: UnixMillis) -> Result<Decision, Refusal> {
    let conversation = found_conversation(state)?;
    match conversation.status {
        ConversationStatus::Waiting => Ok(Decision::already(conversation)),
        ConversationStatus::Closed => reopen(command, state, now),
        ConversationStatus::Active => {
            let mut waiting = conversation.waiting_since(now);
            waiting.avoid = conversation.agent.as_ref().map(|agent| agent.id.clone());
            let mut build = Builder::new(&command.tenant);
            build.free_holder(conversation, &waiting, state.holder.as_ref(), now);
            build.enqueue(waiting, &state.settings, now);
            Ok(build.done())
        }
    }
}
