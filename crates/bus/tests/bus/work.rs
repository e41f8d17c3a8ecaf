//! The work queue: each command to one worker, again when it isn't acknowledged, and at last to the dead letters.

use std::collections::HashSet;
use std::time::Duration;

use crate::support::{command, connect, settings, soon, started, tenant};
use bytes::Bytes;
use confab_bus::{Bus, BusSettings, DeadLetter};
use confab_protocol::{ErrorCode, TenantId};
use confab_testkit::nats::NatsServer;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

async fn submit(bus: &Bus, id: &str) -> bool {
    let payload = Bytes::copy_from_slice(id.as_bytes());
    let submitted = bus.work().submit(&tenant(), "start", &command(id), payload, Some("reply.x.y.1")).await;
    submitted.expect("it is stored").duplicate
}

async fn impatient(max_deliver: i64) -> (NatsServer, Bus) {
    let server = NatsServer::start();
    let settings = BusSettings { ack_wait: Duration::from_millis(200), max_deliver, ..settings(&server) };
    let bus = connect(settings).await;
    (server, bus)
}

async fn dead_letters(bus: &Bus, count: usize) -> Vec<DeadLetter> {
    soon(async {
        loop {
            let letters = bus.dead_letters().list(100).await.expect("a list");
            if letters.len() == count {
                return letters;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_arrives_as_it_was_submitted() {
    let (_server, bus) = started().await;
    let mut workers = bus.work().consumer().await.expect("a consumer");
    assert!(!submit(&bus, "c-1").await);
    assert!(submit(&bus, "c-1").await, "the same id is known");
    let item = soon(workers.next()).await;
    assert_eq!((&item.tenant, item.name.as_str(), &item.command_id), (&tenant(), "start", &command("c-1")));
    assert_eq!((&item.payload[..], item.reply_to.as_deref()), (&b"c-1"[..], Some("reply.x.y.1")));
    assert_eq!((item.delivered, item.stream_seq), (1, 1));
    assert!(item.submitted_at > 1_600_000_000_000);
    assert_eq!(bus.work().pending().await.expect("a count"), 1);
    item.ack().await.expect("acknowledged");
    assert_eq!(bus.work().pending().await.expect("a count"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_do_not_share_command_ids() {
    let (_server, bus) = started().await;
    assert!(!submit(&bus, "c-1").await);
    let other = TenantId::parse("globex").expect("an id");
    let submitted = bus.work().submit(&other, "start", &command("c-1"), Bytes::new(), None).await;
    assert!(!submitted.expect("it is stored").duplicate);
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_are_spread_over_the_partitions_by_the_hash_of_their_id() {
    let (_server, bus) = started().await;
    let mut workers = bus.work().consumer().await.expect("a consumer");
    let mut partitions = HashSet::new();
    for number in 0..40 {
        let tenant = TenantId::parse(format!("tenant-{number}")).expect("an id");
        bus.work().submit(&tenant, "start", &command("c"), Bytes::new(), None).await.expect("it is stored");
        let item = soon(workers.next()).await;
        assert_eq!(item.partition, confab_protocol::shard::shard_of(tenant.as_str(), 16), "{tenant}");
        partitions.insert(item.partition);
        item.ack().await.expect("acknowledged");
    }
    assert!(partitions.len() > 8, "{partitions:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_share_and_never_both_hold_one() {
    let (_server, bus) = started().await;
    let mut seen = HashSet::new();
    let mut one = bus.work().consumer().await.expect("a consumer");
    let mut other = bus.work().consumer().await.expect("a consumer");
    for number in 0..200 {
        submit(&bus, &format!("c-{number}")).await;
    }
    let mut shares = [0, 0];
    while seen.len() < 200 {
        let (worker, item) = soon(async {
            tokio::select! { item = one.next() => (0, item), item = other.next() => (1, item) }
        })
        .await;
        assert!(seen.insert(item.stream_seq), "one command came twice");
        shares[worker] += 1;
        item.ack().await.expect("acknowledged");
    }
    assert!(shares.iter().all(|share| *share > 0), "{shares:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unacknowledged_command_comes_again_and_nak_brings_it_sooner() {
    let (_server, bus) = impatient(5).await;
    let mut workers = bus.work().consumer().await.expect("a consumer");
    submit(&bus, "c-1").await;
    assert_eq!(soon(workers.next()).await.delivered, 1);
    let again = soon(workers.next()).await;
    assert_eq!(again.delivered, 2);
    again.nak(Duration::ZERO).await.expect("given back");
    let last = soon(workers.next()).await;
    assert_eq!(last.delivered, 3);
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        last.progress().await.expect("more time");
    }
    last.ack().await.expect("acknowledged");
    assert_eq!(bus.work().pending().await.expect("a count"), 0, "nobody else got it meanwhile");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_stops_gives_back_what_it_held_in_advance() {
    let (_server, bus) = started().await;
    let mut leaving = bus.work().consumer().await.expect("a consumer");
    for number in 0..5 {
        submit(&bus, &format!("c-{number}")).await;
    }
    soon(leaving.next()).await.ack().await.expect("acknowledged");
    tokio::time::sleep(Duration::from_millis(100)).await;
    leaving.close().await;
    let mut staying = bus.work().consumer().await.expect("a consumer");
    for _ in 0..4 {
        soon(staying.next()).await.ack().await.expect("acknowledged");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_tried_too_often_is_kept_apart_and_can_be_replayed_or_dropped() {
    let (_server, bus) = impatient(2).await;
    let letters = bus.dead_letters();
    let mut workers = bus.work().consumer().await.expect("a consumer");
    submit(&bus, "c-1").await;
    submit(&bus, "c-2").await;
    for _ in 0..4 {
        soon(workers.next()).await;
    }
    // The notices are sent while nobody listens for them; they wait.
    assert!(tokio::time::timeout(Duration::from_millis(600), workers.next()).await.is_err());
    assert_eq!(bus.work().pending().await.expect("a count"), 2);

    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    for _ in 0..2 {
        let (letters, stop) = (letters.clone(), stop.clone());
        tasks.spawn(async move { letters.run(stop).await });
    }
    let dead = dead_letters(&bus, 2).await;
    assert_eq!(bus.work().pending().await.expect("a count"), 0);
    assert_eq!(letters.count().await.expect("a count"), 2);
    assert_eq!((&dead[0].tenant, dead[0].command.as_str()), (&tenant(), "start"));
    assert_eq!((dead[0].deliveries, dead[0].reason.as_str()), (2, "tried 2 times"));
    let first = dead.iter().find(|letter| letter.command_id == command("c-1")).expect("both are there");
    let second = dead.iter().find(|letter| letter.command_id == command("c-2")).expect("both are there");
    assert_eq!(&first.payload[..], b"c-1");

    letters.replay(first.seq).await.expect("replayed");
    let item = soon(workers.next()).await;
    assert_eq!((&item.command_id, &item.payload[..], item.delivered), (&command("c-1"), &b"c-1"[..], 1));
    item.ack().await.expect("acknowledged");
    letters.drop(second.seq).await.expect("dropped");
    assert_eq!(letters.list(10).await.expect("a list"), []);
    assert_eq!(letters.replay(first.seq).await.expect_err("it is gone").code(), ErrorCode::NotFound);
    assert_eq!(letters.drop(second.seq).await.expect_err("it is gone").code(), ErrorCode::NotFound);
    stop.cancel();
    tasks.close();
    soon(tasks.wait()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_nobody_understands_is_buried_once() {
    let (_server, bus) = started().await;
    let mut workers = bus.work().consumer().await.expect("a consumer");
    submit(&bus, "c-1").await;
    let item = soon(workers.next()).await;
    bus.dead_letters().bury(&item, "no such\r\ncommand").await.expect("buried");
    bus.dead_letters().bury(&item, "no such\r\ncommand").await.expect("it was buried already");
    let dead = dead_letters(&bus, 1).await;
    assert_eq!((dead[0].reason.as_str(), dead[0].deliveries), ("no suchcommand", 1));
    assert_eq!(bus.work().pending().await.expect("a count"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_dead_letters_are_listed_up_to_the_limit() {
    let (_server, bus) = started().await;
    let mut workers = bus.work().consumer().await.expect("a consumer");
    for number in 0..300 {
        submit(&bus, &format!("c-{number}")).await;
        let item = soon(workers.next()).await;
        bus.dead_letters().bury(&item, "on purpose").await.expect("buried");
    }
    assert_eq!(bus.dead_letters().list(10).await.expect("a list").len(), 10);
    assert_eq!(bus.dead_letters().list(270).await.expect("a list").len(), 270);
    let all = bus.dead_letters().list(1000).await.expect("a list");
    assert_eq!(all.len(), 300);
    assert!(all.is_sorted_by_key(|letter| letter.seq));
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_could_leave_their_tenant_are_refused() {
    let (_server, bus) = started().await;
    for name in ["", "a.b", "*", "start now"] {
        let submitted = bus.work().submit(&tenant(), name, &command("c"), Bytes::new(), None).await;
        assert_eq!(submitted.expect_err(name).code(), ErrorCode::Invalid);
    }
    let forged = bus.work().submit(&tenant(), "start", &command("c"), Bytes::new(), Some("a\r\nb")).await;
    assert_eq!(forged.expect_err("a forged header").code(), ErrorCode::Invalid);
}
