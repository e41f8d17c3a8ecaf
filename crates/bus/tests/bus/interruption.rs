//! The server is killed, frozen and started again: nothing acknowledged is lost, and whoever follows hears of it.

use std::time::{Duration, Instant};

use crate::support::{channel, command, connect, publish, settings, soon, started, tenant};
use bytes::Bytes;
use confab_bus::{Bus, BusSettings, ChannelEvent, LogEntry, Replay};
use confab_protocol::ErrorCode;
use confab_testkit::nats::NatsServer;

async fn reconnected(bus: &Bus) {
    soon(async {
        while bus.round_trip().await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_when_the_server_is_killed() {
    let mut server = NatsServer::options().sync_always().start();
    let bus = connect(settings(&server)).await;
    let (log, conversation) = (bus.log(), channel("conv.a"));
    let mut acknowledged = Vec::new();
    for round in 0..3 {
        let mut pending = Vec::new();
        for number in 0..500 {
            let id = format!("{round}-{number}");
            let entry = LogEntry {
                channel: &conversation,
                tenant: &tenant(),
                message_id: &id,
                payload: Bytes::from(id.clone()),
                customer: None,
            };
            pending.push((id.clone(), log.publish(entry).await.expect("it is sent")));
        }
        let half = pending.split_off(250);
        for (id, ack) in pending {
            acknowledged.push((ack.await.expect("it is stored").seq, id));
        }
        server.kill();
        let start = Instant::now();
        for (id, ack) in half {
            if let Ok(published) = ack.await {
                acknowledged.push((published.seq, id));
            }
        }
        assert!(start.elapsed() < Duration::from_secs(15), "each wait counts from its publish");
        server.restart();
        reconnected(&bus).await;
    }
    let Replay::Complete(entries) = log.replay(&conversation, 0, 10_000).await.expect("a replay") else {
        panic!("nothing was trimmed");
    };
    assert!(!acknowledged.is_empty());
    for (seq, id) in &acknowledged {
        let found = entries.iter().find(|entry| entry.seq == *seq).expect("an acknowledged entry is stored");
        assert_eq!(found.payload, id.as_bytes());
    }
    let mut ids: Vec<&Bytes> = entries.iter().map(|entry| &entry.payload).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), entries.len(), "none is stored twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_hears_of_the_interruption_and_catches_up() {
    let (mut server, bus) = started().await;
    let (log, conversation) = (bus.log(), channel("conv.a"));
    let mut subscription = log.subscribe_both(&conversation).await.expect("subscribed");
    let first = publish(&log, &conversation, "one").await.seq;
    assert!(
        matches!(soon(subscription.next()).await, Some(ChannelEvent::Entry(entry)) if entry.seq == first)
    );
    let epoch = log.epoch(&conversation).await.expect("an epoch");

    server.kill();
    assert_eq!(log.head(&conversation).await.expect_err("nobody answers").code(), ErrorCode::Timeout);
    server.restart();
    assert_eq!(soon(subscription.next()).await, Some(ChannelEvent::Reconnected));
    let second = publish(&log, &conversation, "two").await.seq;
    let entry = soon(subscription.next()).await;
    assert!(matches!(entry, Some(ChannelEvent::Entry(entry)) if (entry.prev, entry.seq) == (first, second)));
    let replay = log.replay(&conversation, first, 10).await.expect("a replay");
    assert!(matches!(replay, Replay::Complete(entries) if entries.len() == 1));
    assert_eq!(log.epoch(&conversation).await.expect("an epoch"), epoch, "it is the same stream");
}

#[tokio::test(flavor = "multi_thread")]
async fn consumers_go_on_at_once_after_the_server_was_killed() {
    let (mut server, bus) = started().await;
    let mut workers = bus.work().consumer().await.expect("a consumer");
    let mut projector = bus.projection(0).await.expect("a consumer");
    let log = bus.log();
    let conversation = (0..100)
        .map(|number| channel(&format!("conv.c{number}")))
        .find(|channel| channel.shard(4) == Some(0))
        .expect("some hash fits");
    for round in 0..3 {
        server.kill();
        server.restart();
        reconnected(&bus).await;
        let start = Instant::now();
        let id = command(&format!("c-{round}"));
        bus.work().submit(&tenant(), "start", &id, Bytes::new(), None).await.expect("stored");
        let seq = publish(&log, &conversation, &round.to_string()).await.seq;
        // What was acknowledged just before the server was killed may come again.
        loop {
            let item = soon(workers.next()).await;
            item.ack().await.expect("acknowledged");
            if item.command_id == id {
                break;
            }
        }
        let mut projected = false;
        while !projected {
            let batch = soon(projector.batch(10, Duration::ZERO)).await;
            projected = batch.iter().any(|entry| entry.seq == seq);
            projector.ack_all(&batch).await.expect("acknowledged");
        }
        assert!(start.elapsed() < Duration::from_secs(15), "it took {:?}", start.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_wait_on_a_frozen_server_ends() {
    let server = NatsServer::start();
    let bus = connect(BusSettings { publish_timeout: Duration::from_millis(300), ..settings(&server) }).await;
    let (log, conversation) = (bus.log(), channel("conv.a"));
    server.freeze();
    let start = Instant::now();
    let entry = LogEntry {
        channel: &conversation,
        tenant: &tenant(),
        message_id: "a",
        payload: Bytes::new(),
        customer: None,
    };
    let published = log.publish(entry).await.expect("it is sent").await;
    assert_eq!(published.expect_err("nobody answers").code(), ErrorCode::Timeout);
    assert_eq!(
        log.replay(&conversation, 0, 10).await.expect_err("nobody answers").code(),
        ErrorCode::Timeout
    );
    bus.round_trip().await.expect_err("nobody answers");
    bus.rtt().await.expect_err("nobody answers");
    let id = command("c-1");
    let submitted = bus.work().submit(&tenant(), "start", &id, Bytes::new(), None).await;
    assert_eq!(submitted.expect_err("nobody answers").code(), ErrorCode::Timeout);
    assert!(start.elapsed() < Duration::from_secs(15), "it took {:?}", start.elapsed());
    server.thaw();
    reconnected(&bus).await;
    assert!(publish(&log, &conversation, "b").await.seq > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_fails_at_once() {
    let mut server = NatsServer::start();
    let settings = settings(&server);
    server.stop();
    let start = Instant::now();
    let error = Bus::connect(settings).await.expect_err("nobody listens");
    assert_eq!(error.code(), ErrorCode::Unavailable);
    assert!(start.elapsed() < Duration::from_secs(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drained_bus_has_sent_everything() {
    let (server, bus) = started().await;
    let (log, conversation) = (bus.log(), channel("conv.a"));
    let mut subscription = log.subscribe(&conversation).await.expect("subscribed");
    let mut pending = Vec::new();
    for number in 0..1000 {
        let id = number.to_string();
        let entry = LogEntry {
            channel: &conversation,
            tenant: &tenant(),
            message_id: &id,
            payload: Bytes::new(),
            customer: None,
        };
        pending.push(log.publish(entry).await.expect("it is sent"));
    }
    drop(pending);
    let start = Instant::now();
    bus.drain().await;
    assert!(start.elapsed() < Duration::from_secs(10), "it took {:?}", start.elapsed());
    soon(async { while subscription.next().await.is_some() {} }).await;
    let other = connect(settings(&server)).await;
    let replay = other.log().replay(&conversation, 0, 2000).await.expect("a replay");
    assert!(matches!(replay, Replay::Complete(entries) if entries.len() == 1000));
}
