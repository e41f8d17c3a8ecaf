//! Service levels: when what has to happen on a ticket, the warning before it, and what follows when it did not.

use std::ops::Range;

use confab_protocol::api::{ServiceGoal, ServiceNotice, ServiceState};
use confab_protocol::{Author, Body, Channel, UnixMillis};

use super::{Builder, Decision, State, TimerOp, ticket};
use crate::calendar::Calendar;
use crate::command::{Command, CommandKind, Refusal};
use crate::model::{TenantSettings, Ticket};

/// Shortest time until a goal is looked at again: while the customer is waited for, its time moves on and on.
const LOOK_AGAIN_MS: u64 = 60_000;
const MINUTE_MS: u64 = 60_000;

/// What is known of the conversation on a ticket, for [`CommandKind::ServiceCheck`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceTimes {
    /// When somebody of the staff first wrote.
    pub first_reply_at: Option<UnixMillis>,
    /// When the customer was waited for; the last one ends now when they still are.
    pub pauses: Vec<Range<UnixMillis>>,
}

/// The time a goal has, in milliseconds in which the desk is open.
fn target_ms(settings: &TenantSettings, ticket: &Ticket, goal: ServiceGoal) -> Option<u64> {
    let targets = settings.service_levels.targets.iter().find(|one| one.priority == ticket.priority)?;
    let minutes = match goal {
        ServiceGoal::FirstResponse => targets.first_response_minutes,
        ServiceGoal::Resolution => targets.resolution_minutes,
    };
    minutes.map(|minutes| u64::from(minutes) * MINUTE_MS)
}

/// Since when a goal's time runs.
fn start_of(ticket: &Ticket, goal: ServiceGoal) -> UnixMillis {
    match goal {
        ServiceGoal::FirstResponse => ticket.created_at,
        ServiceGoal::Resolution => ticket.reopened_at.unwrap_or(ticket.created_at),
    }
}

fn due_of(ticket: &Ticket, goal: ServiceGoal) -> Option<UnixMillis> {
    match goal {
        ServiceGoal::FirstResponse => ticket.first_response_due_at,
        ServiceGoal::Resolution => ticket.resolution_due_at,
    }
}

fn timer_of(ticket: &Ticket, goal: ServiceGoal) -> String {
    let goal = match goal {
        ServiceGoal::FirstResponse => "first",
        ServiceGoal::Resolution => "resolution",
    };
    format!("service-{goal}-{}", ticket.id)
}

/// Sets the due times of a ticket that is new, open again or of another urgency, with the timers that watch them.
pub(super) fn keep(settings: &TenantSettings, before: Option<&Ticket>, after: &mut Ticket) -> Vec<TimerOp> {
    let outdated = before
        .is_none_or(|before| before.priority != after.priority || before.reopened_at != after.reopened_at);
    if !outdated || settings.service_levels.targets.is_empty() || !after.status.is_open() {
        return Vec::new();
    }
    // They were checked when they were set; what can't be read any more watches nothing.
    let Ok(calendar) = Calendar::of(&settings.service_levels) else { return Vec::new() };
    let mut timers = Vec::new();
    for goal in [ServiceGoal::FirstResponse, ServiceGoal::Resolution] {
        let first_again = goal == ServiceGoal::FirstResponse && after.reopened_at.is_some();
        if first_again || after.breached.contains(&goal) {
            continue;
        }
        let start = start_of(after, goal);
        let target = target_ms(settings, after, goal);
        let due = target.and_then(|target| calendar.due_at(start, target, &[]));
        match goal {
            ServiceGoal::FirstResponse => after.first_response_due_at = due,
            ServiceGoal::Resolution => after.resolution_due_at = due,
        }
        let warn = target.and_then(|target| calendar.due_at(start, warning_ms(settings, target), &[]));
        match (due, warn) {
            (Some(due_at), Some(warn_at)) => {
                let command = check(after, goal, due_at, true);
                timers.push(TimerOp::Set { id: timer_of(after, goal), at: warn_at, command });
            }
            _ if before.is_some() => timers.push(TimerOp::Cancel { id: timer_of(after, goal) }),
            _ => {}
        }
    }
    timers
}

fn warning_ms(settings: &TenantSettings, target: u64) -> u64 {
    target * u64::from(settings.service_levels.warn_percent) / 100
}

fn check(ticket: &Ticket, goal: ServiceGoal, due_at: UnixMillis, warning: bool) -> CommandKind {
    CommandKind::ServiceCheck { ticket: ticket.id.clone(), goal, due_at, warning }
}

/// A goal's time is nearly up, or up: whether it was met, has more time because the customer was waited for, or is missed.
pub(super) fn service_check(command: &Command, state: &State, now: UnixMillis) -> Result<Decision, Refusal> {
    let CommandKind::ServiceCheck { goal, due_at, warning, .. } = &command.kind else {
        return Ok(Decision::nothing());
    };
    let (goal, warning) = (*goal, *warning);
    let before = ticket::found(state)?;
    let met = goal == ServiceGoal::FirstResponse && state.service.first_reply_at.is_some();
    let outdated = due_of(before, goal) != Some(*due_at) || before.breached.contains(&goal);
    if met || outdated || !before.status.is_open() {
        return Ok(Decision::nothing());
    }
    let mut build = Builder::of(command, state);
    let (warn_at, due) = match goal {
        ServiceGoal::FirstResponse => (now, *due_at),
        ServiceGoal::Resolution => times_now(before, state).unwrap_or((now, *due_at)),
    };
    if due <= now {
        tell(&mut build, before, goal, ServiceState::Breached, due);
        let mut missed = before.next(now);
        missed.breached.push(goal);
        missed.breached.sort();
        build.ticket(Some(before), missed, now);
        return Ok(build.done());
    }
    let warns = warning && warn_at <= now;
    if warns {
        tell(&mut build, before, goal, ServiceState::Warning, due);
    }
    let next = if warning && !warns { warn_at } else { due };
    let soonest = if goal == ServiceGoal::Resolution { now + LOOK_AGAIN_MS } else { now };
    let at = next.max(soonest);
    build.set_timer(timer_of(before, goal), at, check(before, goal, due, warning && !warns));
    if due != *due_at {
        // The time in which the customer was waited for is given back.
        build.ticket(Some(before), Ticket { resolution_due_at: Some(due), ..before.next(now) }, now);
    }
    Ok(build.done())
}

/// When the warning of the resolution and the resolution itself are due, with all pauses until now.
fn times_now(ticket: &Ticket, state: &State) -> Option<(UnixMillis, UnixMillis)> {
    let goal = ServiceGoal::Resolution;
    let calendar = Calendar::of(&state.settings.service_levels).ok()?;
    let target = target_ms(&state.settings, ticket, goal)?;
    let (start, pauses) = (start_of(ticket, goal), &state.service.pauses);
    let warn_at = calendar.due_at(start, warning_ms(&state.settings, target), pauses)?;
    Some((warn_at, calendar.due_at(start, target, pauses)?))
}

fn tell(
    build: &mut Builder<'_>,
    ticket: &Ticket,
    goal: ServiceGoal,
    state: ServiceState,
    due_at: UnixMillis,
) {
    let notice =
        ServiceNotice { ticket_id: ticket.id.clone(), subject: ticket.subject.clone(), goal, state, due_at };
    let tenant = build.tenant.clone();
    if let Some(agent) = &ticket.assigned_agent {
        let feed = Channel::UserFeed(tenant.clone(), agent.id.clone());
        build.event(feed, Author::system(), Body::ServiceLevel { notice: notice.clone() });
    }
    build.event(Channel::DeskFeed(tenant), Author::system(), Body::ServiceLevel { notice });
}
