//! Outcomes of commands find whoever awaits them, in time or not at all; receipts find one worker.

use std::time::Duration;

use crate::support::{settings, soon, started, tenant};
use bytes::Bytes;
use confab_bus::Bus;
use confab_protocol::{ConversationId, ErrorCode};

#[tokio::test(flavor = "multi_thread")]
async fn each_outcome_goes_to_its_command() {
    let (server, edge) = started().await;
    let worker = Bus::connect(settings(&server)).await.expect("another process");
    let inbox = edge.replies().await.expect("an inbox");
    let mut awaited = Vec::new();
    for number in 0..50 {
        let (subject, outcome) = inbox.expect(Duration::from_secs(5));
        worker.reply(&subject, Bytes::from(number.to_string())).await.expect("sent");
        awaited.push(outcome);
    }
    for (number, outcome) in awaited.into_iter().enumerate().rev() {
        assert_eq!(outcome.await.expect("an outcome"), number.to_string());
    }
    assert_eq!(inbox.awaited(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_answered_in_time_hears_that() {
    let (_server, bus) = started().await;
    let inbox = bus.replies().await.expect("an inbox");
    let (subject, outcome) = inbox.expect(Duration::from_millis(50));
    assert_eq!(soon(outcome).await.expect_err("nobody answers").code(), ErrorCode::Timeout);
    let (_, dropped) = inbox.expect(Duration::from_secs(5));
    drop(dropped);
    assert_eq!(inbox.awaited(), 0, "nothing is kept for those who left");
    bus.reply(&subject, Bytes::new()).await.expect("a late answer harms nobody");
    let (subject, outcome) = inbox.expect(Duration::from_secs(5));
    bus.reply(&subject, Bytes::from_static(b"ok")).await.expect("sent");
    assert_eq!(soon(outcome).await.expect("an outcome"), "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_of_one_name_do_not_get_each_others_outcomes() {
    let (server, one) = started().await;
    let other = Bus::connect(settings(&server)).await.expect("another process");
    let (first, second) = (one.replies().await.expect("an inbox"), other.replies().await.expect("an inbox"));
    let (subject, outcome) = first.expect(Duration::from_secs(5));
    let (_, foreign) = second.expect(Duration::from_millis(200));
    one.reply(&subject, Bytes::from_static(b"mine")).await.expect("sent");
    assert_eq!(soon(outcome).await.expect("an outcome"), "mine");
    soon(foreign).await.expect_err("nothing came");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_goes_to_one_worker() {
    let (server, bus) = started().await;
    let other = Bus::connect(settings(&server)).await.expect("another process");
    let mut one = bus.subscribe_receipts().await.expect("subscribed");
    let mut two = other.subscribe_receipts().await.expect("subscribed");
    other.rtt().await.expect("an echo");
    let conversation = ConversationId::parse("c-1").expect("an id");
    for number in 0..100 {
        bus.publish_receipt(&tenant(), &conversation, Bytes::from(number.to_string())).await.expect("sent");
    }
    let mut received = Vec::new();
    while received.len() < 100 {
        let receipt = soon(async {
            tokio::select! { receipt = one.next() => receipt, receipt = two.next() => receipt }
        })
        .await
        .expect("a receipt");
        assert_eq!((&receipt.tenant, &receipt.conversation), (&tenant(), &conversation));
        received.push(receipt.payload);
    }
    received.sort_unstable();
    received.dedup();
    assert_eq!(received.len(), 100);
}
