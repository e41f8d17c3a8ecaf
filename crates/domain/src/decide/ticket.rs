//! Tickets by hand: made, changed, put aside, taken away.

use confab_protocol::api::{ConversationStatus, Party};
use confab_protocol::{ErrorCode, UnixMillis};

use super::{Builder, Decision, State};
use crate::command::{Assignee, Command, CommandKind, Outcome, Refusal, TicketEdit};
use crate::model::{Ticket, workflow};

/// Most labels of one ticket.
const MAX_LABELS: usize = 50;

pub(super) fn create(command: &Command, state: &State, now: UnixMillis) -> Result<Decision, Refusal> {
    let CommandKind::CreateTicket { ticket, customer, subject, description, edit } = &command.kind else {
        return Ok(Decision::nothing());
    };
    if state.ticket.is_some() {
        return Err(Refusal::new(
            ErrorCode::Conflict,
            "a ticket with this id exists; make one with a new id",
        ));
    }
    let mut new = Ticket::new(ticket.clone(), customer.clone(), subject.clone(), description.clone(), now);
    apply(edit, &mut new, state, now)?;
    let mut build = Builder::of(command, state);
    watch_snooze(&mut build, None, &new);
    build.ticket(None, new, now);
    Ok(build.done())
}

pub(super) fn update(
    command: &Command,
    state: &State,
    expected: Option<u64>,
    edit: &TicketEdit,
    now: UnixMillis,
) -> Result<Decision, Refusal> {
    let before = found(state)?;
    require_version(before, expected)?;
    let mut changed = before.clone();
    apply(edit, &mut changed, state, now)?;
    if changed == *before {
        return Ok(already(before));
    }
    if before.merged_into.is_some() {
        return Err(Refusal::new(
            ErrorCode::InvalidTransition,
            "this ticket was merged into another one; change that one",
        ));
    }
    (changed.version, changed.updated_at) = (before.version + 1, now);
    let mut build = Builder::of(command, state);
    watch_snooze(&mut build, Some(before), &changed);
    build.ticket(Some(before), changed, now);
    Ok(build.done())
}

pub(super) fn delete(
    command: &Command,
    state: &State,
    expected: Option<u64>,
    now: UnixMillis,
) -> Result<Decision, Refusal> {
    let before = found(state)?;
    require_version(before, expected)?;
    if state.conversations.iter().any(|one| one.status != ConversationStatus::Closed) {
        return Err(Refusal::new(
            ErrorCode::InvalidTransition,
            "a conversation on this ticket goes on; close it first",
        ));
    }
    let gone = Ticket { deleted: true, snoozed_until: None, ..before.next(now) };
    let mut build = Builder::of(command, state);
    watch_snooze(&mut build, Some(before), &gone);
    build.ticket(Some(before), gone, now);
    Ok(build.done())
}

pub(super) fn wake(
    command: &Command,
    state: &State,
    until: UnixMillis,
    now: UnixMillis,
) -> Result<Decision, Refusal> {
    let before = found(state)?;
    if before.snoozed_until != Some(until) {
        return Ok(already(before));
    }
    let mut build = Builder::of(command, state);
    build.ticket(Some(before), Ticket { snoozed_until: None, ..before.next(now) }, now);
    Ok(build.done())
}

/// The ticket that the command names.
pub(super) fn found(state: &State) -> Result<&Ticket, Refusal> {
    let ticket = state.ticket.as_ref().filter(|ticket| !ticket.deleted);
    ticket.ok_or_else(|| Refusal::new(ErrorCode::NotFound, "no such ticket"))
}

/// Refuses a change that was made on another version.
fn require_version(ticket: &Ticket, expected: Option<u64>) -> Result<(), Refusal> {
    if expected.is_none_or(|expected| expected == ticket.version) {
        return Ok(());
    }
    let message = format!("the ticket is at version {}; read it again and change that", ticket.version);
    Err(Refusal::new(ErrorCode::PreconditionFailed, message))
}

fn already(ticket: &Ticket) -> Decision {
    let outcome = Outcome::Done { conversation: None, agent: None, ticket: Some(ticket.view()) };
    Decision { outcome, ..Decision::nothing() }
}

fn apply(edit: &TicketEdit, ticket: &mut Ticket, state: &State, now: UnixMillis) -> Result<(), Refusal> {
    if let Some(status) = edit.status {
        workflow::check(ticket.status, status)?;
        ticket.stand_at(status, now);
    }
    if let Some(subject) = &edit.subject {
        ticket.subject.clone_from(subject);
    }
    if let Some(description) = &edit.description {
        ticket.description.clone_from(description);
    }
    ticket.priority = edit.priority.unwrap_or(ticket.priority);
    ticket.category = edit.category.unwrap_or(ticket.category);
    if let Some(assignee) = &edit.assignee {
        ticket.assigned_agent = assigned(assignee, state)?;
    }
    ticket.labels = labels(edit, std::mem::take(&mut ticket.labels))?;
    if let Some(until) = edit.snoozed_until {
        ticket.snoozed_until = Some(until).filter(|until| *until > now);
        if ticket.snoozed_until.is_some() && !ticket.status.is_open() {
            return Err(Refusal::new(
                ErrorCode::InvalidTransition,
                "only a ticket that is open or in progress can be put aside",
            ));
        }
    }
    Ok(())
}

fn assigned(assignee: &Assignee, state: &State) -> Result<Option<Party>, Refusal> {
    match (assignee, &state.agent) {
        (Assignee::Nobody, _) => Ok(None),
        (Assignee::Agent(_), Some(agent)) => Ok(Some(agent.party())),
        (Assignee::Agent(id), None) => {
            Err(Refusal::new(ErrorCode::Invalid, format!("assigned_agent {id} is no agent of yours")))
        }
    }
}

/// The labels after the change, sorted, each once.
fn labels(edit: &TicketEdit, before: Vec<String>) -> Result<Vec<String>, Refusal> {
    let mut labels = edit.labels.clone().unwrap_or(before);
    labels.extend(edit.add_labels.iter().cloned());
    labels.retain(|label| !edit.remove_labels.contains(label));
    labels.sort();
    labels.dedup();
    if labels.len() > MAX_LABELS {
        return Err(Refusal::new(ErrorCode::Invalid, format!("a ticket has at most {MAX_LABELS} labels")));
    }
    Ok(labels)
}

/// Sets the timer that wakes the ticket, or cancels it.
fn watch_snooze(build: &mut Builder<'_>, before: Option<&Ticket>, after: &Ticket) {
    let timer = format!("wake-{}", after.id);
    match (before.and_then(|before| before.snoozed_until), after.snoozed_until) {
        (was, Some(until)) if was != Some(until) => {
            build.set_timer(timer, until, CommandKind::WakeTicket { ticket: after.id.clone(), until });
        }
        (Some(_), None) => build.cancel_timer(timer),
        _ => {}
    }
}
