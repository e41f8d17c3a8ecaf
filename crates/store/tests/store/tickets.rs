//! Tickets: lists in three orders, filters, pages, and the history of each.

use confab_domain::model::TicketStatus;
use confab_domain::{CommandKind, TicketEdit};
use confab_protocol::TicketId;
use confab_protocol::api::{Category, Priority, TicketSort};
use confab_store::{StoreError, TenantStore, TicketFilter};

use crate::support::{accept, acme, agent_online, carry_out, command, conversation_id, started, user_id};

fn ticket_id(text: &str) -> TicketId {
    TicketId::parse(text).unwrap()
}

async fn list(store: &TenantStore, filter: TicketFilter, sort: TicketSort) -> Vec<String> {
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let page = store.tickets(&filter, sort, cursor.as_deref(), 2).await.unwrap();
        assert!(page.items.len() <= 2);
        all.extend(page.items.into_iter().map(|ticket| ticket.id.to_string()));
        cursor = page.next_cursor;
        if cursor.is_none() {
            return all;
        }
    }
}

async fn edit(store: &TenantStore, ticket: &str, edit: TicketEdit, at: u64) {
    let kind = CommandKind::UpdateTicket { ticket: ticket_id(ticket), expected: None, edit };
    carry_out(store, &command(&format!("edit-{ticket}-{at}"), kind, at)).await;
}

/// Five tickets: the first resolved, the second in progress with Ada, the others open.
async fn five() -> TenantStore {
    let store = acme().await;
    agent_online(&store, "ada", 5).await;
    let priorities = [Priority::Low, Priority::Urgent, Priority::Medium, Priority::High, Priority::Medium];
    for (number, priority) in (1..).zip(priorities) {
        started(&store, &format!("c{number}"), priority, 1000 * number).await;
    }
    carry_out(&store, &accept("c1", "ada", 6000)).await;
    carry_out(&store, &accept("c2", "ada", 6500)).await;
    let close = CommandKind::Close { conversation: conversation_id("c1") };
    carry_out(&store, &command("close", close, 7000)).await;
    store
}

#[tokio::test]
async fn every_order_and_filter_lists_what_fits() {
    let store = five().await;
    let labelled = TicketEdit { add_labels: vec!["vip".into(), "late".into()], ..TicketEdit::default() };
    edit(&store, "t-c3", labelled, 8000).await;
    let aside = TicketEdit {
        snoozed_until: Some(99_000),
        subject: Some("The Invoice is wrong".into()),
        category: Some(Category::Payment),
        ..TicketEdit::default()
    };
    edit(&store, "t-c5", aside, 9000).await;

    let all = TicketFilter::default;
    assert_eq!(list(&store, all(), TicketSort::Created).await, ["t-c5", "t-c4", "t-c3", "t-c2", "t-c1"]);
    assert_eq!(list(&store, all(), TicketSort::Updated).await, ["t-c5", "t-c3", "t-c1", "t-c2", "t-c4"]);
    assert_eq!(list(&store, all(), TicketSort::Priority).await, ["t-c2", "t-c4", "t-c5", "t-c3", "t-c1"]);
    for (filter, expected) in [
        (TicketFilter { status: Some(TicketStatus::Open), ..all() }, vec!["t-c5", "t-c4", "t-c3"]),
        (TicketFilter { status: Some(TicketStatus::Resolved), ..all() }, vec!["t-c1"]),
        (TicketFilter { priority: Some(Priority::Medium), ..all() }, vec!["t-c5", "t-c3"]),
        (TicketFilter { category: Some(Category::Payment), ..all() }, vec!["t-c5"]),
        (TicketFilter { agent: Some(user_id("ada")), ..all() }, vec!["t-c2", "t-c1"]),
        (TicketFilter { unassigned: true, ..all() }, vec!["t-c5", "t-c4", "t-c3"]),
        (TicketFilter { label: Some("vip".into()), ..all() }, vec!["t-c3"]),
        (TicketFilter { label: Some("nobody".into()), ..all() }, vec![]),
        (TicketFilter { subject: Some("INVOICE".into()), ..all() }, vec!["t-c5"]),
        (TicketFilter { snoozed: Some(true), ..all() }, vec!["t-c5"]),
        (
            TicketFilter { snoozed: Some(false), status: Some(TicketStatus::Open), ..all() },
            vec!["t-c4", "t-c3"],
        ),
        (TicketFilter { customer: Some(user_id("stranger")), ..all() }, vec![]),
    ] {
        assert_eq!(list(&store, filter.clone(), TicketSort::Created).await, expected, "{filter:?}");
    }
    let customers = TicketFilter { customer: Some(user_id("cus")), ..all() };
    assert_eq!(list(&store, customers, TicketSort::Priority).await.len(), 5);
    for cursor in ["nonsense", "1-t-c1", "x'; REMOVE TABLE ticket"] {
        let found = store.tickets(&all(), TicketSort::Created, Some(cursor), 2).await;
        assert_eq!(found, Err(StoreError::InvalidCursor));
    }
}

#[tokio::test]
async fn what_is_deleted_is_in_no_list_and_its_history_stays() {
    let store = five().await;
    let delete = CommandKind::DeleteTicket { ticket: ticket_id("t-c1"), expected: None };
    carry_out(&store, &command("delete", delete, 9000)).await;
    assert_eq!(store.ticket(&ticket_id("t-c1")).await.unwrap(), None);
    for sort in [TicketSort::Created, TicketSort::Updated, TicketSort::Priority] {
        assert_eq!(list(&store, TicketFilter::default(), sort).await.len(), 4, "{sort:?}");
    }
    let adas = TicketFilter { agent: Some(user_id("ada")), ..TicketFilter::default() };
    assert_eq!(list(&store, adas, TicketSort::Created).await, ["t-c2"]);
    let steps = store.ticket_steps(&ticket_id("t-c1"), 0, 100).await.unwrap();
    let versions: Vec<u64> = steps.iter().map(|step| step.version).collect();
    assert_eq!(versions, [1, 2, 3, 4]);
    assert_eq!(steps[3].changes[0].field, "deleted");
    let rest = store.ticket_steps(&ticket_id("t-c1"), 2, 1).await.unwrap();
    assert_eq!(rest, steps[2..3]);
}
