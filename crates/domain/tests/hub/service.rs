//! Service levels on tickets: due times, warnings, breaches, and the time that waiting for the customer gives back.

use confab_domain::{CommandKind, TenantSettings, TicketEdit};
use confab_protocol::Body;
use confab_protocol::api::{
    Priority, ServiceGoal, ServiceLevels, ServiceState, ServiceTargets, TicketStatus,
};

use crate::model::{Hub, START, conversation, ticket};

const MINUTE: u64 = 60_000;

/// Ten minutes to answer and a hundred to resolve, half of that when it is urgent; always open.
fn watched() -> TenantSettings {
    let targets = |priority, share: u32| ServiceTargets {
        priority,
        first_response_minutes: Some(10 / share),
        resolution_minutes: Some(100 / share),
    };
    let targets = vec![targets(Priority::Medium, 1), targets(Priority::Urgent, 2)];
    let service_levels = ServiceLevels { targets, ..ServiceLevels::default() };
    TenantSettings { service_levels, abandon_ms: 10_000 * MINUTE, ..TenantSettings::default() }
}

fn begun() -> Hub {
    let mut hub = Hub::new(watched());
    let start = Hub::start(1, Priority::Medium);
    hub.give(start);
    hub
}

fn notices(hub: &Hub) -> Vec<(ServiceGoal, ServiceState)> {
    let of = |body: &Body| match body {
        Body::ServiceLevel { notice } => Some((notice.goal, notice.state)),
        _ => None,
    };
    hub.events.iter().filter_map(|event| of(&event.body)).collect()
}

fn update(edit: TicketEdit) -> CommandKind {
    CommandKind::UpdateTicket { ticket: ticket(1), expected: None, edit }
}

#[test]
fn who_is_not_answered_is_warned_of_and_then_too_late() {
    use ServiceGoal::{FirstResponse, Resolution};
    let mut hub = begun();
    let due = |hub: &Hub| {
        let ticket = &hub.tickets[&ticket(1)];
        (ticket.first_response_due_at, ticket.resolution_due_at)
    };
    assert_eq!(due(&hub), (Some(START + 10 * MINUTE), Some(START + 100 * MINUTE)));
    hub.advance(7 * MINUTE);
    assert_eq!(notices(&hub), []);
    hub.advance(MINUTE);
    assert_eq!(notices(&hub), [(FirstResponse, ServiceState::Warning)]);
    hub.advance(2 * MINUTE);
    assert_eq!(notices(&hub)[1..], [(FirstResponse, ServiceState::Breached)]);
    assert_eq!(hub.tickets[&ticket(1)].breached, [FirstResponse]);
    hub.advance(90 * MINUTE);
    let rest = [(Resolution, ServiceState::Warning), (Resolution, ServiceState::Breached)];
    assert_eq!(notices(&hub)[2..], rest);
    assert_eq!(hub.tickets[&ticket(1)].breached, [FirstResponse, Resolution]);
}

#[test]
fn what_is_answered_and_resolved_in_time_is_no_matter() {
    let mut hub = begun();
    hub.first_reply_at = Some(START + MINUTE);
    hub.advance(20 * MINUTE);
    hub.give(CommandKind::Close { conversation: conversation(1) });
    hub.advance(500 * MINUTE);
    assert_eq!(notices(&hub), []);
}

#[test]
fn a_more_urgent_ticket_is_due_sooner() {
    let mut hub = begun();
    hub.give(update(TicketEdit { priority: Some(Priority::Urgent), ..TicketEdit::default() }));
    assert_eq!(hub.tickets[&ticket(1)].first_response_due_at, Some(START + 5 * MINUTE));
    hub.advance(5 * MINUTE);
    assert_eq!(notices(&hub).last(), Some(&(ServiceGoal::FirstResponse, ServiceState::Breached)));
    // What nobody watches has no due time.
    hub.give(update(TicketEdit { priority: Some(Priority::Low), ..TicketEdit::default() }));
    assert_eq!(hub.tickets[&ticket(1)].resolution_due_at, None);
    hub.advance(500 * MINUTE);
    assert_eq!(hub.tickets[&ticket(1)].breached, [ServiceGoal::FirstResponse]);
}

#[test]
fn waiting_for_the_customer_gives_time_back() {
    let mut hub = begun();
    hub.first_reply_at = Some(START + MINUTE);
    hub.pauses = vec![(START + 10 * MINUTE, Some(START + 40 * MINUTE))];
    hub.advance(100 * MINUTE);
    assert_eq!(notices(&hub), [], "80 of 100 minutes are up only after 110");
    assert_eq!(hub.tickets[&ticket(1)].resolution_due_at, Some(START + 130 * MINUTE));
    hub.advance(10 * MINUTE);
    assert_eq!(notices(&hub), [(ServiceGoal::Resolution, ServiceState::Warning)]);
    // From now on the customer is waited for, so that the time does not run out.
    hub.pauses.push((START + 120 * MINUTE, None));
    hub.advance(300 * MINUTE);
    assert_eq!(hub.tickets[&ticket(1)].breached, []);
    hub.pauses[1].1 = Some(START + 410 * MINUTE);
    hub.advance(20 * MINUTE);
    assert_eq!(hub.tickets[&ticket(1)].breached, [ServiceGoal::Resolution]);
}

#[test]
fn a_ticket_that_is_opened_again_has_its_time_anew() {
    let mut hub = begun();
    hub.first_reply_at = Some(START + MINUTE);
    hub.give(update(TicketEdit { status: Some(TicketStatus::Resolved), ..TicketEdit::default() }));
    hub.advance(1000 * MINUTE);
    hub.give(update(TicketEdit { status: Some(TicketStatus::Open), ..TicketEdit::default() }));
    assert_eq!(hub.tickets[&ticket(1)].resolution_due_at, Some(START + 1100 * MINUTE));
    hub.advance(100 * MINUTE);
    assert_eq!(hub.tickets[&ticket(1)].breached, [ServiceGoal::Resolution]);
}
