//! What happens to a conversation when people come, go, fall silent and change their minds.

use confab_domain::model::TicketStatus;
use confab_domain::{CommandKind, Outcome, Policy, TenantSettings, TransferTarget};
use confab_protocol::api::{Availability, ConversationStatus, Priority};
use confab_protocol::{Body, ErrorCode, SystemEvent, TicketId};
use rstest::rstest;

use crate::model::{Hub, accept, conversation, user};

const SECOND: u64 = 1000;

fn settings() -> TenantSettings {
    TenantSettings {
        policy: Policy::LeastBusy,
        vanish_grace_ms: 30 * SECOND,
        idle_warning_ms: 600 * SECOND,
        idle_close_ms: 300 * SECOND,
        abandon_ms: 1800 * SECOND,
        estimate_window_ms: 900 * SECOND,
        ..TenantSettings::default()
    }
}

/// Ann with two slots and conversation 1.
fn ann_talks() -> Hub {
    let mut hub = Hub::new(settings()).with_agent("ann", 2);
    begin(&mut hub, 1);
    assert_eq!(hub.holder(1), Some("ann"));
    hub
}

fn begin(hub: &mut Hub, number: u32) {
    let start = Hub::start(number, Priority::Medium);
    hub.give(start);
}

fn status(hub: &Hub, number: u32) -> ConversationStatus {
    hub.conversation(number).status
}

fn ticket_status(hub: &Hub, number: u32) -> TicketStatus {
    hub.tickets[&TicketId::parse(format!("t-{number}")).expect("an id")].status
}

fn close(number: u32) -> CommandKind {
    CommandKind::Close { conversation: conversation(number) }
}

fn reopen(number: u32) -> CommandKind {
    CommandKind::Reopen { conversation: conversation(number) }
}

fn requeue(number: u32) -> CommandKind {
    CommandKind::Requeue { conversation: conversation(number) }
}

fn transfer(number: u32, to: TransferTarget, note: Option<&str>) -> CommandKind {
    CommandKind::Transfer { conversation: conversation(number), to, note: note.map(str::to_owned) }
}

fn availability(agent: &str, availability: Availability) -> CommandKind {
    CommandKind::SetAvailability { agent: user(agent), availability }
}

fn gone(agent: &str) -> CommandKind {
    CommandKind::AgentDisconnected { agent: user(agent) }
}

fn back(agent: &str) -> CommandKind {
    CommandKind::AgentConnected { agent: user(agent) }
}

fn refusal(outcome: Outcome) -> ErrorCode {
    match outcome {
        Outcome::Refused(refusal) => refusal.code,
        Outcome::Done { .. } => panic!("it was carried out"),
    }
}

fn said(hub: &Hub, wanted: SystemEvent) -> bool {
    hub.events.iter().any(|event| matches!(&event.body, Body::System { event, .. } if *event == wanted))
}

#[test]
fn a_start_with_a_free_agent_tells_both_sides() {
    let hub = ann_talks();
    let told: Vec<_> = hub.events.iter().filter(|event| matches!(event.body, Body::NewChat { .. })).collect();
    let channels: Vec<_> = told.iter().map(|event| event.channel.to_string()).collect();
    assert_eq!(channels, ["feed.user.acme.ann", "feed.user.acme.customer-1"]);
    assert_eq!(ticket_status(&hub, 1), TicketStatus::InProgress);
}

#[test]
fn a_start_without_a_free_agent_waits_and_is_served_the_moment_one_comes() {
    let mut hub = Hub::new(settings()).with_agent("ann", 1);
    hub.give(availability("ann", Availability::Away));
    begin(&mut hub, 1);
    assert_eq!(status(&hub, 1), ConversationStatus::Waiting);
    hub.give(availability("ann", Availability::Online));
    assert_eq!(hub.holder(1), Some("ann"));
}

#[test]
fn a_freed_slot_goes_to_who_waits() {
    let mut hub = Hub::new(settings()).with_agent("ann", 1);
    begin(&mut hub, 1);
    begin(&mut hub, 2);
    assert_eq!(status(&hub, 2), ConversationStatus::Waiting);
    hub.give(close(1));
    assert_eq!((status(&hub, 1), hub.holder(2)), (ConversationStatus::Closed, Some("ann")));
    assert_eq!(ticket_status(&hub, 1), TicketStatus::Resolved);
}

#[test]
fn silence_is_warned_of_and_then_ended() {
    let mut hub = ann_talks();
    hub.advance(599 * SECOND);
    assert!(!said(&hub, SystemEvent::IdleWarning));
    hub.advance(2 * SECOND);
    assert!(said(&hub, SystemEvent::IdleWarning));
    hub.advance(298 * SECOND);
    assert_eq!(status(&hub, 1), ConversationStatus::Active);
    hub.advance(2 * SECOND);
    assert_eq!(status(&hub, 1), ConversationStatus::Closed);
    assert_eq!(hub.agent("ann").active, 0);
}

#[rstest]
#[case::before_the_warning(500, 599)]
#[case::after_the_warning(700, 599)]
fn a_message_puts_the_end_off(#[case] written_at: u64, #[case] later: u64) {
    let mut hub = ann_talks();
    hub.advance(written_at * SECOND);
    hub.last_message.insert(conversation(1), hub.now);
    hub.advance(later * SECOND);
    assert_eq!(status(&hub, 1), ConversationStatus::Active);
    hub.advance(1000 * SECOND);
    assert_eq!(status(&hub, 1), ConversationStatus::Closed);
}

#[test]
fn a_customer_who_stays_is_kept_in_the_queue() {
    let mut hub = Hub::new(settings());
    hub.present.insert(user("customer-1"));
    begin(&mut hub, 1);
    hub.advance(5000 * SECOND);
    assert_eq!(status(&hub, 1), ConversationStatus::Waiting);
}

#[test]
fn a_customer_who_left_the_queue_is_let_go_and_the_ticket_stays_open() {
    let mut hub = Hub::new(settings());
    begin(&mut hub, 1);
    hub.advance(1801 * SECOND);
    assert_eq!(status(&hub, 1), ConversationStatus::Closed);
    assert_eq!(ticket_status(&hub, 1), TicketStatus::Open);
}

#[test]
fn an_agent_who_reloads_the_page_keeps_their_conversations() {
    let mut hub = ann_talks();
    hub.give(gone("ann"));
    hub.advance(20 * SECOND);
    hub.give(back("ann"));
    hub.advance(60 * SECOND);
    assert_eq!(hub.holder(1), Some("ann"));
    assert!(!said(&hub, SystemEvent::AgentLost));
}

#[test]
fn a_second_absence_has_a_grace_of_its_own() {
    let mut hub = ann_talks();
    hub.give(gone("ann"));
    hub.advance(20 * SECOND);
    hub.give(back("ann"));
    hub.give(gone("ann"));
    hub.advance(20 * SECOND);
    assert_eq!(hub.holder(1), Some("ann"), "the first absence's grace ended another one");
    hub.advance(11 * SECOND);
    assert_eq!(status(&hub, 1), ConversationStatus::Waiting);
}

#[test]
fn a_vanished_agent_loses_everything_to_the_queue_where_it_keeps_its_place() {
    let mut hub = ann_talks();
    hub.advance(SECOND);
    begin(&mut hub, 2);
    hub.advance(SECOND);
    begin(&mut hub, 3);
    assert_eq!(status(&hub, 3), ConversationStatus::Waiting);
    hub.give(gone("ann"));
    hub.advance(31 * SECOND);
    let order: Vec<_> = hub.waiting().iter().map(|one| one.id.to_string()).collect();
    assert_eq!(order, ["c-1", "c-2", "c-3"]);
    assert_eq!(hub.agent("ann").active, 0);
    assert!(said(&hub, SystemEvent::AgentLost));
}

#[test]
fn a_vanished_agents_conversation_goes_to_a_colleague_at_once() {
    let mut hub = ann_talks().with_agent("ben", 1);
    hub.give(gone("ann"));
    hub.advance(31 * SECOND);
    assert_eq!(hub.holder(1), Some("ben"));
}

#[test]
fn a_transfer_moves_slot_and_ticket_and_the_note_stays_among_agents() {
    let mut hub = ann_talks().with_agent("ben", 1);
    hub.give(transfer(1, TransferTarget::Agent(user("ben")), Some("knows the customer")));
    assert_eq!((hub.holder(1), hub.agent("ann").active, hub.agent("ben").active), (Some("ben"), 0, 1));
    let notes: Vec<_> = hub.events.iter().filter(|event| matches!(event.body, Body::Note { .. })).collect();
    assert_eq!(notes.iter().map(|event| event.channel.to_string()).collect::<Vec<_>>(), ["conv.c-1.notes"]);
    assert_eq!(
        hub.tickets.values().next().and_then(|ticket| ticket.assigned_agent.clone()).map(|party| party.name),
        Some("ben".into())
    );
}

#[test]
fn a_transfer_to_a_team_waits_for_one_of_them_and_never_returns_by_itself() {
    let mut hub = ann_talks();
    hub.agents.get_mut(&user("ann")).expect("ann").teams.push("billing".into());
    hub.give(transfer(1, TransferTarget::Team("billing".into()), None));
    assert_eq!(status(&hub, 1), ConversationStatus::Waiting);
    let mut hub = hub.with_agent("ben", 1);
    hub.draw();
    assert_eq!(status(&hub, 1), ConversationStatus::Waiting, "ben is not of the team");
    hub.agents.get_mut(&user("ben")).expect("ben").teams.push("billing".into());
    hub.draw();
    assert_eq!(hub.holder(1), Some("ben"));
}

#[test]
fn a_requeued_conversation_goes_to_somebody_else() {
    let mut hub = ann_talks();
    hub.give(requeue(1));
    assert_eq!((status(&hub, 1), hub.agent("ann").active), (ConversationStatus::Waiting, 0));
    let mut hub = hub.with_agent("ben", 1);
    hub.draw();
    assert_eq!(hub.holder(1), Some("ben"));
}

#[test]
fn a_reopened_conversation_returns_to_its_agent() {
    let mut hub = ann_talks().with_agent("ben", 9);
    hub.give(close(1));
    hub.give(reopen(1));
    assert_eq!(hub.holder(1), Some("ann"));
    assert!(said(&hub, SystemEvent::ConversationReopened));
    assert_eq!(ticket_status(&hub, 1), TicketStatus::InProgress);
}

#[rstest]
#[case::gone(gone("ann"))]
#[case::away(availability("ann", Availability::Away))]
fn a_reopened_conversation_waits_when_its_agent_is(#[case] change: CommandKind) {
    let mut hub = ann_talks();
    hub.give(close(1));
    hub.give(change);
    hub.give(reopen(1));
    assert_eq!(status(&hub, 1), ConversationStatus::Waiting);
    assert_eq!(ticket_status(&hub, 1), TicketStatus::Open);
}

#[rstest]
#[case::accepting_what_has_ended(accept(2, "ann"), ErrorCode::InvalidTransition)]
#[case::accepting_what_another_has(accept(1, "ben"), ErrorCode::AlreadyAssigned)]
#[case::accepting_what_is_not_there(accept(9, "ann"), ErrorCode::NotFound)]
#[case::accepting_as_nobody(accept(1, "zoe"), ErrorCode::NotFound)]
#[case::accepting_without_a_slot(accept(3, "ann"), ErrorCode::CapacityExceeded)]
#[case::transferring_to_who_is_full(
    transfer(4, TransferTarget::Agent(user("ann")), None),
    ErrorCode::CapacityExceeded
)]
#[case::transferring_to_who_has_it(transfer(1, TransferTarget::Agent(user("ann")), None), ErrorCode::Invalid)]
#[case::transferring_what_has_ended(transfer(2, TransferTarget::Team("x".into()), None), ErrorCode::InvalidTransition)]
#[case::closing_what_is_not_there(close(9), ErrorCode::NotFound)]
fn an_impossible_step_is_refused_and_changes_nothing(#[case] kind: CommandKind, #[case] code: ErrorCode) {
    let manual = TenantSettings { policy: Policy::Manual, ..settings() };
    let mut hub = Hub::new(manual).with_agent("ann", 1).with_agent("ben", 1);
    for number in [1, 2, 3, 4] {
        begin(&mut hub, number);
    }
    hub.give(accept(1, "ann"));
    hub.give(close(2));
    hub.give(accept(4, "ben"));
    let before = (hub.conversations.clone(), hub.agents.clone(), hub.events.len());
    assert_eq!(refusal(hub.give(kind)), code);
    assert_eq!((hub.conversations.clone(), hub.agents.clone(), hub.events.len()), before);
}

#[test]
fn the_same_start_twice_is_a_conflict_unless_it_is_the_same_command() {
    let mut hub = Hub::new(settings());
    let start = Hub::start(1, Priority::Medium);
    let command = hub.command(start.clone());
    let first = hub.carry_out(&command);
    assert_eq!(hub.carry_out(&command), first);
    assert_eq!(refusal(hub.give(start)), ErrorCode::Conflict);
}
