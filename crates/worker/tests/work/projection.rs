//! What reaches the database and the live lists after the fact.

use std::time::Duration;

use bytes::Bytes;
use confab_domain::{Policy, TenantSettings};
use confab_protocol::codec::{decode_ephemeral, encode_ephemeral};
use confab_protocol::ephemeral::Watermark;
use confab_protocol::{Channel, Ephemeral, Role};
use futures::StreamExt as _;

use crate::desk::{Desk, LIMIT, until, user};

#[tokio::test(flavor = "multi_thread")]
async fn every_entry_of_a_conversation_reaches_the_database_once() {
    let mut desk = Desk::open(TenantSettings { policy: Policy::Manual, ..TenantSettings::default() }).await;
    desk.hire();
    let id = desk.start("mohan").await;
    for number in 0..300 {
        desk.say("mohan", Role::Customer, &id, &format!("m-{number}")).await;
    }
    let expected = desk.room(&id).await.len() as u64;
    until("all entries", || async {
        let stored = desk.db.count_entries(&id).await.ok()?;
        assert!(stored <= expected, "{stored} of {expected}");
        (stored == expected).then_some(())
    })
    .await;
    let found = desk.db.find_message(&id, &user("mohan"), "m-299").await.expect("an answer");
    let head = desk.bus.log().head(&Channel::Conversation(id.clone())).await.expect("an answer");
    assert_eq!(found.map(|(_, seq)| seq), Some(head));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_while_no_worker_was_there_is_stored_later() {
    let mut desk = Desk::open(TenantSettings { policy: Policy::Manual, ..TenantSettings::default() }).await;
    let id = desk.start("mohan").await;
    desk.drain().await;
    desk.say("mohan", Role::Customer, &id, "late").await;
    desk.hire();
    until("the late message", || async {
        desk.db.find_message(&id, &user("mohan"), "late").await.expect("an answer")
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn receipts_reach_the_database_and_only_grow() {
    let desk = Desk::open(TenantSettings::default()).await;
    let id = desk.start("mohan").await;
    until("a stored entry", || async {
        (desk.db.count_entries(&id).await.expect("an answer") > 0).then_some(())
    })
    .await;
    for (delivered, read) in [(3, 2), (2, 1)] {
        let watermark = Watermark { user_id: user("mohan"), delivered, read };
        let payload = Bytes::from(encode_ephemeral(&Ephemeral::Receipt(watermark)));
        desk.bus.publish_receipt(&desk.tenant, &id, payload).await.expect("sent");
        tokio::time::sleep(Duration::from_millis(120)).await;
    }
    let expected = Watermark { user_id: user("mohan"), delivered: 3, read: 2 };
    until("the receipt", || async {
        let receipts = desk.db.receipts(&id).await.expect("an answer");
        receipts.contains(&expected).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_is_told_to_the_desk_and_to_those_who_wait() {
    let desk = Desk::open(TenantSettings { policy: Policy::Manual, ..TenantSettings::default() }).await;
    let list = Channel::DeskFeed(desk.tenant.clone());
    let feed = Channel::UserFeed(desk.tenant.clone(), user("bela"));
    let mut lists = desk.bus.subscribe_ephemeral(&list).await.expect("a subscription");
    let mut places = desk.bus.subscribe_ephemeral(&feed).await.expect("a subscription");
    let first = desk.start("mohan").await;
    let second = desk.start("bela").await;
    let told = async {
        loop {
            let event = decode_ephemeral(&lists.next().await.expect("the bus stands")).expect("an event");
            let Ephemeral::QueueSnapshot(snapshot) = event else { panic!("{event:?}") };
            if snapshot.length == 2 {
                return snapshot;
            }
        }
    };
    let snapshot = tokio::time::timeout(LIMIT, told).await.expect("the desk is told");
    let order: Vec<_> = snapshot.entries.iter().map(|entry| entry.conversation_id.clone()).collect();
    assert_eq!(order, [first, second.clone()]);
    let place = tokio::time::timeout(LIMIT, places.next()).await.expect("in time").expect("the bus stands");
    let expected =
        Ephemeral::QueuePosition { conversation_id: second, position: 2, estimated_wait_seconds: None };
    assert_eq!(decode_ephemeral(&place).expect("an event"), expected);
}
