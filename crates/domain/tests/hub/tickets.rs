//! Tickets: the workflow, the history, merging, putting aside, and what conversations do to them.

use confab_domain::model::workflow;
use confab_domain::{Assignee, CommandKind, Outcome, Refusal, TenantSettings, TicketEdit};
use confab_protocol::api::{ConversationStatus, FieldChange, Priority, TicketStatus};
use confab_protocol::{Body, ErrorCode};

use crate::model::{Hub, START, conversation, ticket, user};

/// What must be true of tickets and their histories at any moment.
pub(crate) fn tickets_hold_together(hub: &Hub) {
    for ticket in hub.tickets.values() {
        let steps: Vec<_> = hub.steps.values().filter(|step| step.ticket == ticket.id).collect();
        let versions: Vec<_> = steps.iter().map(|step| step.version).collect();
        assert_eq!(versions, (1..=ticket.version).collect::<Vec<_>>(), "every version has its step");
        assert!(steps.iter().all(|step| !step.changes.is_empty()), "no step without a change: {steps:?}");
        let statuses = steps.iter().flat_map(|step| &step.changes).filter(|change| change.field == "status");
        let mut now: Option<String> = None;
        for FieldChange { from, to, .. } in statuses {
            assert_eq!(*from, now, "a step begins where the one before ended");
            if let (Some(from), Some(to)) = (from, to) {
                assert_eq!(workflow::check(status(from), status(to)), Ok(()));
            }
            now.clone_from(to);
        }
        assert_eq!(now.as_deref(), Some(ticket.status.as_str()), "the history ends with what is");
        assert_eq!(ticket.resolved_at.is_some(), !ticket.status.is_open(), "{ticket:?}");
        for id in &ticket.conversations {
            assert_eq!(hub.conversations[id].ticket_id, ticket.id, "a conversation is of one ticket");
        }
    }
    for conversation in hub.conversations.values() {
        let ticket = &hub.tickets[&conversation.ticket_id];
        assert!(ticket.conversations.contains(&conversation.id), "{ticket:?} knows {conversation:?}");
    }
}

fn status(text: &str) -> TicketStatus {
    TicketStatus::ALL.into_iter().find(|status| status.as_str() == text).expect("a status")
}

/// Two conversations of one customer, each with its ticket; nobody answers.
fn two_tickets() -> Hub {
    let mut hub = Hub::new(TenantSettings::default());
    for number in [1, 2] {
        let CommandKind::Start {
            conversation,
            ticket,
            mut customer,
            issue_type,
            team,
            client_id,
            message,
            ..
        } = Hub::start(number, Priority::Medium)
        else {
            unreachable!("it is a start")
        };
        customer.id = user("mohan");
        let priority = if number == 1 { Priority::High } else { Priority::Low };
        let continues = false;
        hub.give(CommandKind::Start {
            conversation,
            ticket,
            customer,
            issue_type,
            team,
            priority,
            client_id,
            message,
            continues,
        });
    }
    hub
}

fn update(number: u32, edit: TicketEdit) -> CommandKind {
    CommandKind::UpdateTicket { ticket: ticket(number), expected: None, edit }
}

fn to(number: u32, status: TicketStatus) -> CommandKind {
    update(number, TicketEdit { status: Some(status), ..TicketEdit::default() })
}

fn refused(outcome: Outcome) -> Refusal {
    match outcome {
        Outcome::Refused(refusal) => refusal,
        Outcome::Done { .. } => panic!("it was carried out"),
    }
}

#[test]
fn a_step_that_is_impossible_is_refused_with_those_that_are_not() {
    let mut hub = two_tickets();
    hub.give(to(1, TicketStatus::Closed));
    let refusal = refused(hub.give(to(1, TicketStatus::InProgress)));
    assert_eq!((refusal.code, refusal.possible), (ErrorCode::InvalidTransition, vec!["OPEN".to_owned()]));
    hub.give(to(1, TicketStatus::Open));
    hub.give(to(1, TicketStatus::InProgress));
    assert_eq!(hub.tickets[&ticket(1)].status, TicketStatus::InProgress);
    tickets_hold_together(&hub);
}

#[test]
fn of_two_who_edit_one_version_the_second_is_told() {
    let mut hub = two_tickets();
    let edit = |subject: &str| CommandKind::UpdateTicket {
        ticket: ticket(1),
        expected: Some(1),
        edit: TicketEdit { subject: Some(subject.to_owned()), ..TicketEdit::default() },
    };
    hub.give(edit("first"));
    assert_eq!(refused(hub.give(edit("second"))).code, ErrorCode::PreconditionFailed);
    assert_eq!(hub.tickets[&ticket(1)].subject, "first");
}

#[test]
fn the_history_says_who_changed_what_from_what_to_what() {
    let mut hub = two_tickets().with_agent("ann", 0);
    let edit = TicketEdit {
        assignee: Some(Assignee::Agent(user("ann"))),
        add_labels: vec!["vip".to_owned(), "late".to_owned()],
        ..TicketEdit::default()
    };
    hub.give(update(1, edit));
    let change = |field: &str, to: &str| FieldChange { field: field.into(), from: None, to: Some(to.into()) };
    assert_eq!(
        hub.steps[&(ticket(1), 2)].changes,
        [change("assigned_agent", "ann"), change("labels", "late, vip")]
    );
    let nobody = TicketEdit { assignee: Some(Assignee::Agent(user("zoe"))), ..TicketEdit::default() };
    assert_eq!(refused(hub.give(update(1, nobody))).code, ErrorCode::Invalid);
}

#[test]
fn a_duplicate_brings_its_conversations_and_is_closed() {
    let mut hub = two_tickets();
    hub.give(CommandKind::MergeTicket { ticket: ticket(1), into: ticket(2) });
    let (gone, stays) = (&hub.tickets[&ticket(1)], &hub.tickets[&ticket(2)]);
    assert_eq!((gone.status, gone.merged_into.as_ref()), (TicketStatus::Closed, Some(&ticket(2))));
    assert_eq!(stays.conversations, [conversation(1), conversation(2)]);
    assert_eq!(stays.priority, Priority::High);
    tickets_hold_together(&hub);
    hub.give(CommandKind::Close { conversation: conversation(1) });
    assert_eq!(hub.tickets[&ticket(2)].status, TicketStatus::Open, "the other conversation goes on");
    hub.give(CommandKind::Close { conversation: conversation(2) });
    assert_eq!(hub.tickets[&ticket(2)].status, TicketStatus::Resolved);
    let again = hub.give(CommandKind::MergeTicket { ticket: ticket(1), into: ticket(2) });
    assert_eq!(refused(again).code, ErrorCode::InvalidTransition);
}

#[test]
fn a_ticket_on_which_somebody_talks_is_not_taken_away() {
    let mut hub = two_tickets();
    let delete = || CommandKind::DeleteTicket { ticket: ticket(1), expected: None };
    assert_eq!(refused(hub.give(delete())).code, ErrorCode::InvalidTransition);
    hub.give(CommandKind::Close { conversation: conversation(1) });
    hub.give(delete());
    assert!(hub.events.iter().any(|event| matches!(event.body, Body::TicketDeleted { .. })));
    assert_eq!(refused(hub.give(delete())).code, ErrorCode::NotFound);
}

#[test]
fn what_is_put_aside_comes_back_at_its_time() {
    let mut hub = two_tickets();
    let until = START + 60_000;
    hub.give(update(1, TicketEdit { snoozed_until: Some(until), ..TicketEdit::default() }));
    hub.advance(59_000);
    assert_eq!(hub.tickets[&ticket(1)].snoozed_until, Some(until));
    hub.advance(1_000);
    assert_eq!(hub.tickets[&ticket(1)].snoozed_until, None);
    assert_eq!(hub.steps[&(ticket(1), 3)].by.name, "system");
}

#[test]
fn a_conversation_on_a_ticket_that_exists_opens_it_again() {
    let mut hub = two_tickets();
    hub.give(CommandKind::Close { conversation: conversation(1) });
    assert_eq!(hub.tickets[&ticket(1)].status, TicketStatus::Resolved);
    let mut begin = Hub::start(3, Priority::Medium);
    if let CommandKind::Start { ticket: of, continues, .. } = &mut begin {
        (*of, *continues) = (ticket(1), true);
    }
    assert_eq!(refused(hub.give(begin_as(&begin, "eve"))).code, ErrorCode::NotFound);
    hub.give(begin_as(&begin, "mohan"));
    assert_eq!(hub.tickets[&ticket(1)].status, TicketStatus::Open);
    assert_eq!(hub.tickets[&ticket(1)].conversations, [conversation(1), conversation(3)]);
    assert_eq!(hub.conversation(3).status, ConversationStatus::Waiting);
    tickets_hold_together(&hub);
}

fn begin_as(begin: &CommandKind, customer: &str) -> CommandKind {
    let mut other = begin.clone();
    if let CommandKind::Start { customer: party, .. } = &mut other {
        party.id = user(customer);
    }
    other
}
