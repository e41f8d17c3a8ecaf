//! What the desk does with a conversation besides answering: putting it aside, escalating it, hearing the customer's verdict.

use confab_domain::{CommandKind, Outcome, TenantSettings};
use confab_protocol::api::{Availability, ConversationStatus, Priority, TicketStatus};
use confab_protocol::{Body, Channel, ErrorCode, SystemEvent};

use crate::model::{Hub, START, accept, conversation, ticket, user};

const MINUTE: u64 = 60_000;

/// Ann with one slot and conversation 1.
fn ann_talks() -> Hub {
    let mut hub = Hub::new(TenantSettings::default()).with_agent("ann", 1);
    hub.give(Hub::start(1, Priority::Medium));
    assert_eq!(hub.holder(1), Some("ann"));
    hub
}

fn snooze(number: u32, minutes: u64) -> CommandKind {
    CommandKind::Snooze { conversation: conversation(number), until: START + minutes * MINUTE }
}

fn escalate(number: u32, team: Option<&str>, priority: Option<Priority>) -> CommandKind {
    let (team, note) = (team.map(str::to_owned), Some("He shouts".to_owned()));
    CommandKind::Escalate { conversation: conversation(number), priority, team, note }
}

fn rate(number: u32, score: u8) -> CommandKind {
    CommandKind::Rate { conversation: conversation(number), score, comment: Some("Quick".to_owned()) }
}

fn code(outcome: Outcome) -> ErrorCode {
    match outcome {
        Outcome::Refused(refusal) => refusal.code,
        Outcome::Done { .. } => panic!("it was carried out"),
    }
}

#[test]
fn what_is_put_aside_frees_its_agent_and_comes_back_to_them() {
    let mut hub = ann_talks();
    hub.give(snooze(1, 60));
    assert_eq!((hub.conversation(1).status, hub.agent("ann").active), (ConversationStatus::Waiting, 0));
    assert_eq!(hub.tickets[&ticket(1)].snoozed_until, Some(START + 60 * MINUTE));
    hub.advance(59 * MINUTE);
    assert_eq!(hub.holder(1), None, "nobody gets it before its time, however free they are");
    hub.advance(MINUTE);
    assert_eq!(hub.holder(1), Some("ann"));
    assert_eq!(hub.tickets[&ticket(1)].snoozed_until, None);
}

#[test]
fn what_comes_back_to_nobody_waits_in_the_queue() {
    let mut hub = ann_talks();
    hub.give(snooze(1, 60));
    hub.give(CommandKind::SetAvailability { agent: user("ann"), availability: Availability::Away });
    hub.advance(60 * MINUTE);
    assert_eq!(
        (hub.conversation(1).status, hub.conversation(1).snoozed_until),
        (ConversationStatus::Waiting, None)
    );
    hub.give(CommandKind::SetAvailability { agent: user("ann"), availability: Availability::Online });
    assert_eq!(hub.holder(1), Some("ann"));
}

#[test]
fn what_is_put_aside_can_be_taken_up_or_ended_before() {
    let mut hub = ann_talks();
    hub.give(snooze(1, 60));
    hub.give(accept(1, "ann"));
    assert_eq!((hub.holder(1), hub.conversation(1).snoozed_until), (Some("ann"), None));
    hub.give(snooze(1, 90));
    hub.give(CommandKind::Close { conversation: conversation(1) });
    hub.advance(120 * MINUTE);
    assert_eq!(hub.conversation(1).status, ConversationStatus::Closed);
    assert_eq!(code(hub.give(snooze(1, 180))), ErrorCode::InvalidTransition);
}

#[test]
fn an_escalation_raises_moves_and_calls_and_the_customer_hears_nothing() {
    let mut hub = ann_talks();
    let before = hub.events.len();
    hub.give(escalate(1, Some("billing"), None));
    let now = hub.conversation(1).clone();
    assert_eq!((now.priority, now.team.as_deref()), (Priority::High, Some("billing")));
    assert_eq!((now.status, hub.agent("ann").active), (ConversationStatus::Waiting, 0));
    assert_eq!(hub.tickets[&ticket(1)].priority, Priority::High);
    let told = hub.events[before..].iter().any(|event| {
        matches!(event.body, Body::Escalated { .. }) && event.channel.to_string() == "feed.user.acme.sue"
    });
    assert!(told, "those who lead are told");
    for event in &hub.events[before..] {
        let to_customer = matches!(event.channel, Channel::Conversation(_));
        let says = matches!(
            event.body,
            Body::Note { .. } | Body::System { event: SystemEvent::ConversationEscalated, .. }
        );
        assert!(!(to_customer && says), "{event:?}");
    }
    assert_eq!(code(hub.give(escalate(1, None, Some(Priority::Low)))), ErrorCode::Invalid);
}

#[test]
fn an_escalation_without_a_team_leaves_the_agent_and_moves_up_who_waits() {
    let mut hub = ann_talks();
    hub.give(escalate(1, None, None));
    assert_eq!((hub.holder(1), hub.conversation(1).priority), (Some("ann"), Priority::High));
    hub.give(Hub::start(2, Priority::Medium));
    hub.give(Hub::start(3, Priority::Low));
    hub.give(escalate(3, None, Some(Priority::Urgent)));
    assert_eq!(hub.waiting()[0].id, conversation(3));
}

#[test]
fn a_customer_rates_once_each_time_it_ends() {
    let mut hub = ann_talks();
    assert_eq!(code(hub.give(rate(1, 5))), ErrorCode::InvalidTransition);
    hub.give(CommandKind::Close { conversation: conversation(1) });
    assert_eq!(code(hub.give(rate(1, 6))), ErrorCode::Invalid);
    hub.give(rate(1, 4));
    assert_eq!(code(hub.give(rate(1, 5))), ErrorCode::Conflict);
    assert_eq!(hub.tickets[&ticket(1)].satisfaction.as_ref().map(|given| given.score), Some(4));
    hub.give(CommandKind::Reopen { conversation: conversation(1) });
    hub.give(CommandKind::Close { conversation: conversation(1) });
    hub.give(rate(1, 5));
    let ticket = &hub.tickets[&ticket(1)];
    assert_eq!(ticket.satisfaction.as_ref().map(|given| given.score), Some(5));
    assert_eq!(ticket.status, TicketStatus::Resolved);
}
