//! What people see of a conversation's life, on a hub inside the test: places in the queue, transfers, absences, silence.

use std::time::Duration;

use confab_client::TransferTo;
use confab_domain::TenantSettings;
use confab_protocol::api::{Availability, ConversationStatus};
use confab_protocol::{Body, Ephemeral, ErrorCode, SystemEvent};
use confab_testhub::hub::Hub;
use confab_testhub::person::{Chat, Device, Person};
use confab_testkit::wait::{self, SOON};

async fn hub() -> Hub {
    Hub::start(TenantSettings::default()).await
}

async fn agent(hub: &Hub, name: &str, capacity: u32) -> Person {
    let staff = hub.tenant.agent(name, capacity).await;
    Person::agent(&staff, &hub.tenant.id, Device::at(hub.url())).await
}

async fn customer(hub: &Hub, name: &str) -> (Person, Chat) {
    Person::customer(name, "Help", &hub.tenant.id, Device::at(hub.url())).await
}

/// Waits until the customer is told this place.
async fn is_at(customer: &mut Person, place: u32) {
    customer
        .notices(&format!("place {place}"), |event| match event {
            Ephemeral::QueuePosition { position, .. } => (*position == place).then_some(()),
            _ => None,
        })
        .await;
}

/// Waits until the desk shows a queue of this length.
async fn sees_queue(agent: &mut Person, wanted: u64) {
    agent
        .notices(&format!("a queue of {wanted}"), |event| match event {
            Ephemeral::QueueSnapshot(snapshot) => (snapshot.length == wanted).then_some(()),
            _ => None,
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_is_told_their_place_and_moves_up() {
    let hub = hub().await;
    let mut ann = agent(&hub, "Ann", 1).await;
    let (_first, one) = customer(&hub, "Mohan").await;
    ann.is_given(&one).await;
    let (mut second, two) = customer(&hub, "Lina").await;
    is_at(&mut second, 1).await;
    let (mut third, three) = customer(&hub, "Omar").await;
    is_at(&mut third, 2).await;
    sees_queue(&mut ann, 2).await;
    let queue = ann.http().queue().await.expect("the queue is read");
    let order: Vec<_> = queue.entries.iter().map(|entry| entry.conversation_id.clone()).collect();
    assert_eq!(order, [two.id.clone(), three.id.clone()]);

    ann.closes(&one).await;
    ann.is_given(&two).await;
    second.is_given(&two).await;
    is_at(&mut third, 1).await;
    sees_queue(&mut ann, 1).await;
    ann.closes(&two).await;
    ann.is_given(&three).await;
    sees_queue(&mut ann, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_moves_the_chat_and_hands_over_a_note() {
    let hub = hub().await;
    let mut ann = agent(&hub, "Ann", 1).await;
    let (mut mohan, chat) = customer(&hub, "Mohan").await;
    ann.is_given(&chat).await;
    let mut ben = agent(&hub, "Ben", 1).await;
    let to = TransferTo::Agent(ben.id().clone());
    let moved =
        ann.http().transfer(&chat.id, to, Some("speaks Hindi".into())).await.expect("it is transferred");
    assert_eq!(moved.agent.map(|party| party.name).as_deref(), Some("Ben"));
    ann.loses(&chat).await;
    ben.is_given(&chat).await;
    ben.joins(&chat.notes()).await;
    ben.hears("speaks Hindi").await;
    mohan.sees_step(SystemEvent::ConversationTransferred).await;
    mohan
        .sees_entry("the new agent", |body| match body {
            Body::System { event: SystemEvent::ConversationAccepted, agent, .. } => {
                agent.as_ref().is_some_and(|agent| agent.name == "Ben").then_some(())
            }
            _ => None,
        })
        .await;
    let to = TransferTo::Agent(ann.id().clone());
    ann.http().set_availability(Availability::Online).await.expect("taken");
    let back = ben.http().transfer(&chat.id, to, None).await.expect("there is room again");
    assert_eq!(back.status, ConversationStatus::Active);
    ann.is_given(&chat).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vanished_agents_chat_goes_to_a_colleague_after_the_grace() {
    let settings = TenantSettings { vanish_grace_ms: 300, ..TenantSettings::default() };
    let hub = Hub::start_with(settings, |config| {
        config.session.presence_lease_seconds = 2;
        config.session.presence_grace_seconds = 1;
    })
    .await;
    let mut ann = agent(&hub, "Ann", 1).await;
    let (mut mohan, chat) = customer(&hub, "Mohan").await;
    ann.is_given(&chat).await;
    let mut ben = agent(&hub, "Ben", 1).await;
    ann.goes().await;
    mohan.sees_step(SystemEvent::AgentLost).await;
    ben.is_given(&chat).await;
    mohan.is_given(&chat).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_who_reloads_the_page_is_never_seen_to_go() {
    let settings = TenantSettings { vanish_grace_ms: 300, ..TenantSettings::default() };
    let hub = Hub::start_with(settings, |config| {
        config.session.presence_lease_seconds = 4;
        config.session.presence_grace_seconds = 3;
    })
    .await;
    let mut ann = agent(&hub, "Ann", 1).await;
    let (mut mohan, chat) = customer(&hub, "Mohan").await;
    ann.is_given(&chat).await;
    for _ in 0..3 {
        ann.client().cut().await.expect("the client runs");
        ann.is_cut_off().await;
        ann.is_connected().await;
    }
    // Longer than a lease and the grace together: whatever was going to be noticed has been.
    mohan.looks_on(Duration::from_secs(6)).await;
    ann.joins(&chat.channel()).await;
    ann.says(&chat.channel(), "I am back").await;
    mohan.hears("I am back").await;
    let lost = mohan
        .entries()
        .iter()
        .any(|delivery| matches!(&delivery.entry.body, Body::System { event: SystemEvent::AgentLost, .. }));
    assert!(!lost, "a reload was taken for an absence");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_chat_is_reopened_by_the_same_agent() {
    let hub = hub().await;
    let mut ann = agent(&hub, "Ann", 1).await;
    let (mut mohan, chat) = customer(&hub, "Mohan").await;
    ann.is_given(&chat).await;
    let _ben = agent(&hub, "Ben", 5).await;
    mohan.closes(&chat).await;
    ann.loses(&chat).await;
    mohan.sees_step(SystemEvent::ConversationClosed).await;
    let again = mohan.http().reopen(&chat.id).await.expect("it is reopened");
    assert_eq!(again.agent.map(|party| party.name).as_deref(), Some("Ann"));
    mohan.sees_step(SystemEvent::ConversationReopened).await;
    ann.is_given(&chat).await;
    ann.joins(&chat.channel()).await;
    mohan.says(&chat.channel(), "One more thing").await;
    ann.hears("One more thing").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_warned_of_and_ended_and_a_word_puts_it_off() {
    let settings = TenantSettings { idle_warning_ms: 1500, idle_close_ms: 1500, ..TenantSettings::default() };
    let hub = Hub::start(settings).await;
    let mut ann = agent(&hub, "Ann", 1).await;
    let (mut mohan, chat) = customer(&hub, "Mohan").await;
    ann.is_given(&chat).await;
    mohan.sees_step(SystemEvent::IdleWarning).await;
    mohan.says_for_certain(&chat.channel(), "Just a moment").await;
    mohan.sees_step(SystemEvent::IdleWarning).await;
    mohan.sees_step(SystemEvent::ConversationClosed).await;
    ann.loses(&chat).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_who_comes_online_gets_the_oldest_at_once() {
    let hub = hub().await;
    let (_mohan, one) = customer(&hub, "Mohan").await;
    wait::until("it waits", SOON, || async {
        hub.tenant.store.waiting_count().await.is_ok_and(|waiting| waiting == 1)
    })
    .await;
    let (_lina, two) = customer(&hub, "Lina").await;
    let mut ann = agent(&hub, "Ann", 1).await;
    assert_eq!(ann.is_given_a_chat().await, one);
    let refused = ann.http().accept(&two.id).await.expect_err("there is no slot left");
    assert_eq!(refused.code(), Some(ErrorCode::CapacityExceeded));
    hub.drain(Duration::from_secs(5)).await;
}
