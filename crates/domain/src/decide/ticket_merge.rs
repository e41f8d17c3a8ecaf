//! Merging a ticket that is a duplicate into the one that stays.

use confab_protocol::api::{ConversationStatus, TicketStatus};
use confab_protocol::{ErrorCode, UnixMillis};

use super::{Builder, Decision, State, ticket};
use crate::command::{Command, Refusal};
use crate::model::{Conversation, Ticket};

/// Most conversations that a ticket can bring along.
const MAX_MOVED: usize = 50;

pub(super) fn merge(command: &Command, state: &State, now: UnixMillis) -> Result<Decision, Refusal> {
    let duplicate = ticket::found(state)?;
    let stays = state.target.as_ref().filter(|target| !target.deleted);
    let stays = stays.ok_or_else(|| Refusal::new(ErrorCode::NotFound, "no such ticket to merge into"))?;
    check(duplicate, stays, state.conversations.len())?;
    let mut build = Builder::of(command, state);
    for conversation in &state.conversations {
        let moved = Conversation { ticket_id: stays.id.clone(), ..conversation.next() };
        build.conversation(Some(conversation), moved);
    }
    let mut gone = duplicate.next(now);
    gone.stand_at(TicketStatus::Closed, now);
    gone.merged_into = Some(stays.id.clone());
    gone.conversations.clear();
    build.cancel_timer(format!("wake-{}", gone.id));
    build.ticket(Some(duplicate), gone, now);
    build.ticket(Some(stays), taking(stays, duplicate, state, now), now);
    Ok(build.done())
}

fn check(duplicate: &Ticket, stays: &Ticket, moved: usize) -> Result<(), Refusal> {
    if duplicate.id == stays.id {
        return Err(Refusal::new(ErrorCode::Invalid, "a ticket can't be merged into itself"));
    }
    if duplicate.merged_into.is_some() || stays.merged_into.is_some() {
        let message = "one of the tickets was merged already; take the one it was merged into";
        return Err(Refusal::new(ErrorCode::InvalidTransition, message));
    }
    if duplicate.customer.id != stays.customer.id {
        // The customer of one would read what the customer of the other said.
        return Err(Refusal::new(ErrorCode::Invalid, "only tickets of one customer can be merged"));
    }
    if moved > MAX_MOVED {
        let message = format!("the ticket has {moved} conversations; at most {MAX_MOVED} can be moved");
        return Err(Refusal::new(ErrorCode::TooLarge, message));
    }
    Ok(())
}

/// The ticket that stays, with what it takes over.
fn taking(stays: &Ticket, duplicate: &Ticket, state: &State, now: UnixMillis) -> Ticket {
    let mut taking = stays.next(now);
    taking.conversations.extend(duplicate.conversations.iter().cloned());
    // Ids sort by when they were made.
    taking.conversations.sort();
    taking.labels.extend(duplicate.labels.iter().cloned());
    taking.labels.sort();
    taking.labels.dedup();
    taking.priority = taking.priority.max(duplicate.priority);
    let has = |status| state.conversations.iter().any(|one| one.status == status);
    if has(ConversationStatus::Active) {
        taking.stand_at(TicketStatus::InProgress, now);
        taking.assigned_agent = duplicate.assigned_agent.clone().or(taking.assigned_agent);
    } else if has(ConversationStatus::Waiting) && !taking.status.is_open() {
        taking.stand_at(TicketStatus::Open, now);
    }
    taking
}

#[cfg(test)]
mod tests {
    use confab_protocol::api::Party;
    use confab_protocol::{TicketId, UserId};

    use super::*;

    fn ticket(id: &str, customer: &str) -> Ticket {
        let customer = Party { id: UserId::parse(customer).expect("an id"), name: "C".into() };
        Ticket::new(TicketId::parse(id).expect("an id"), customer, "s".into(), "d".into(), 1)
    }

    #[test]
    fn what_is_no_duplicate_is_not_merged() {
        let mohans = ticket("t-1", "mohan");
        assert!(check(&mohans, &ticket("t-2", "mohan"), 1).is_ok());
        let code = |duplicate: &Ticket, stays: &Ticket, moved| {
            check(duplicate, stays, moved).expect_err("refused").code
        };
        assert_eq!(code(&mohans, &mohans, 1), ErrorCode::Invalid);
        assert_eq!(code(&mohans, &ticket("t-2", "asha"), 1), ErrorCode::Invalid);
        assert_eq!(code(&mohans, &ticket("t-2", "mohan"), 51), ErrorCode::TooLarge);
        let merged = Ticket { merged_into: TicketId::parse("t-3").ok(), ..ticket("t-2", "mohan") };
        assert_eq!(code(&mohans, &merged, 1), ErrorCode::InvalidTransition);
    }
}
