//! People who go away: agents who vanish, conversations in which nobody writes, customers who leave the queue.

use std::time::Duration;

use confab_bus::PresenceKind;
use confab_domain::TenantSettings;
use confab_protocol::api::{Availability, ConversationStatus};
use confab_protocol::{Body, ConversationId, Role, SystemEvent};

use crate::desk::{Desk, until, user};

async fn saw(desk: &Desk, id: &ConversationId, wanted: SystemEvent) {
    until(&format!("{wanted:?}"), || async {
        let is_it = |body: &Body| matches!(body, Body::System { event, .. } if *event == wanted);
        desk.room(id).await.iter().any(|entry| is_it(&entry.body)).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vanished_agent_loses_their_conversations_after_the_grace() {
    let desk = Desk::open(TenantSettings { vanish_grace_ms: 300, ..TenantSettings::default() }).await;
    desk.absent_agent("asha", 1, &[]).await;
    desk.lease(PresenceKind::Agent, "asha", Duration::from_secs(2)).await;
    desk.set("asha", Availability::Online).await;
    let id = desk.start("mohan").await;
    desk.assigned(&id, "asha").await;

    let waiting = desk.at_status(&id, ConversationStatus::Waiting).await;
    assert_eq!(waiting.queued_at, Some(waiting.started_at), "they keep their place");
    saw(&desk, &id, SystemEvent::AgentLost).await;
    let asha = desk.agent_record("asha").await;
    assert_eq!((asha.connected, asha.active), (false, 0));
    desk.agent("ben", 1).await;
    desk.assigned(&id, "ben").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_who_is_back_within_the_grace_keeps_everything() {
    let desk = Desk::open(TenantSettings { vanish_grace_ms: 3000, ..TenantSettings::default() }).await;
    desk.absent_agent("asha", 1, &[]).await;
    desk.lease(PresenceKind::Agent, "asha", Duration::from_secs(1)).await;
    desk.set("asha", Availability::Online).await;
    let id = desk.start("mohan").await;
    desk.assigned(&id, "asha").await;
    until("asha being gone", || async { (!desk.agent_record("asha").await.connected).then_some(()) }).await;
    desk.lease(PresenceKind::Agent, "asha", Duration::from_mins(1)).await;
    until("asha being back", || async { desk.agent_record("asha").await.connected.then_some(()) }).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(desk.conversation(&id).await.status, ConversationStatus::Active);
    assert_eq!(desk.agent_record("asha").await.active, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_came_while_no_worker_was_there_is_noticed() {
    let mut desk = Desk::closed(TenantSettings::default()).await;
    desk.absent_agent("asha", 1, &[]).await;
    desk.lease(PresenceKind::Agent, "asha", Duration::from_mins(1)).await;
    desk.hire();
    until("asha being connected", || async { desk.agent_record("asha").await.connected.then_some(()) }).await;
    assert!(desk.db.agent(&user("asha")).await.expect("an answer").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_conversation_is_warned_of_and_then_closed() {
    let settings = TenantSettings { idle_warning_ms: 1500, idle_close_ms: 1000, ..TenantSettings::default() };
    let desk = Desk::open(settings).await;
    desk.agent("asha", 2).await;
    let silent = desk.start("mohan").await;
    let lively = desk.start("bela").await;
    desk.assigned(&silent, "asha").await;
    desk.assigned(&lively, "asha").await;
    let mut said = 0;
    until("the end of the silent one", || async {
        let closed = desk.conversation(&silent).await.status == ConversationStatus::Closed;
        closed.then_some(())
    })
    .await;
    saw(&desk, &silent, SystemEvent::IdleWarning).await;
    until("an agent with one conversation", || {
        said += 1;
        let client_id = format!("m-{said}");
        let (desk, lively) = (&desk, &lively);
        async move {
            desk.say("bela", Role::Customer, lively, &client_id).await;
            (desk.agent_record("asha").await.active == 1).then_some(())
        }
    })
    .await;
    assert_eq!(desk.conversation(&lively).await.status, ConversationStatus::Active);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_who_left_the_queue_is_not_kept_in_it() {
    let desk = Desk::open(TenantSettings { abandon_ms: 700, ..TenantSettings::default() }).await;
    desk.lease(PresenceKind::Customer, "mohan", Duration::from_mins(1)).await;
    let patient = desk.start("mohan").await;
    let gone = desk.start("eve").await;
    desk.at_status(&gone, ConversationStatus::Closed).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(desk.conversation(&patient).await.status, ConversationStatus::Waiting);
}
