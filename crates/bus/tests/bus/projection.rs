//! Reading a shard for the database: everything, in batches, again when it isn't acknowledged.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use crate::support::{channel, connect, publish, settings, soon, tenant, user};
use bytes::Bytes;
use confab_bus::{BusSettings, LogEntry, Replay};
use confab_testkit::nats::NatsServer;

fn one_shard(server: &NatsServer) -> BusSettings {
    BusSettings { shards: 1, ack_wait: Duration::from_millis(500), ..settings(server) }
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_come_in_batches_with_all_that_is_known_of_them() {
    let server = NatsServer::start();
    let bus = connect(one_shard(&server)).await;
    let (log, notes) = (bus.log(), channel("conv.a.notes"));
    let entry = LogEntry {
        channel: &notes,
        tenant: &tenant(),
        message_id: "1",
        payload: Bytes::from_static(b"note"),
        customer: Some(&user("nina")),
    };
    let first = log.publish(entry).await.expect("sent").await.expect("stored").seq;
    for number in 0..99 {
        publish(&log, &channel(&format!("conv.c{number}")), "text").await;
    }
    let mut projector = bus.projection(0).await.expect("a consumer");
    assert_eq!(projector.lag().await.expect("a lag"), 100);
    let batch = soon(projector.batch(40, Duration::from_secs(5))).await;
    assert_eq!(batch.len(), 40);
    assert_eq!((&batch[0].channel, &batch[0].tenant, batch[0].seq), (&notes, &tenant(), first));
    assert_eq!((batch[0].customer.clone(), &batch[0].payload[..]), (Some(user("nina")), &b"note"[..]));
    assert_eq!((batch[1].customer.clone(), batch[1].delivered), (None, 1));
    projector.ack_all(&batch).await.expect("acknowledged");
    let start = Instant::now();
    let rest = soon(projector.batch(1000, Duration::from_millis(100))).await;
    assert_eq!(rest.len(), 60, "what is there when the time is up");
    assert!(start.elapsed() < Duration::from_secs(1));
    projector.ack_all(&rest).await.expect("acknowledged");
    soon(async {
        while projector.lag().await.expect("a lag") > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_worker_does_not_write_another_gets() {
    let server = NatsServer::start();
    let bus = connect(one_shard(&server)).await;
    let log = bus.log();
    for number in 0..50 {
        publish(&log, &channel(&format!("conv.c{number}")), "text").await;
    }
    let mut failing = bus.projection(0).await.expect("a consumer");
    let lost = soon(failing.batch(20, Duration::ZERO)).await;
    assert!(!lost.is_empty());
    failing.close().await;
    let mut working = bus.projection(0).await.expect("a consumer");
    let mut written = HashSet::new();
    while written.len() < 50 {
        let batch = soon(working.batch(100, Duration::from_millis(50))).await;
        written.extend(batch.iter().map(|entry| entry.seq));
        working.ack_all(&batch).await.expect("acknowledged");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_projected_ends_at_the_first_hole() {
    let server = NatsServer::start();
    let bus = connect(BusSettings { shards: 1, ..settings(&server) }).await;
    let (log, talk) = (bus.log(), channel("conv.a"));
    assert_eq!(log.projected(&talk).await.expect("a place"), 0, "no projector has been there");
    let mut projector = bus.projection(0).await.expect("a consumer");
    for number in 0..6 {
        publish(&log, &channel(&format!("conv.c{number}")), "text").await;
        publish(&log, &talk, &number.to_string()).await;
    }
    let batch = soon(projector.batch(12, Duration::from_secs(5))).await;
    let projected = async |seq: u64| {
        soon(async {
            while log.projected(&talk).await.expect("a place") != seq {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        })
        .await;
    };
    projector.ack_all(&batch[..3]).await.expect("acknowledged");
    projector.ack_all(&batch[5..]).await.expect("acknowledged");
    projected(3).await;
    let Replay::Complete(entries) = log.beyond(&talk, 3, 10).await.expect("a replay") else {
        panic!("nothing was trimmed");
    };
    assert_eq!(entries.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [4, 6, 8, 10, 12]);
    assert_eq!(log.beyond(&talk, 3, 4).await.expect("a replay"), Replay::Trimmed, "more than the limit");
    projector.ack_all(&batch[3..5]).await.expect("acknowledged");
    projected(12).await;
    assert_eq!(log.beyond(&talk, 12, 10).await.expect("a replay"), Replay::Complete(vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_wait_loses_nothing() {
    let server = NatsServer::start();
    let bus = connect(BusSettings { shards: 1, ..settings(&server) }).await;
    let mut projector = bus.projection(0).await.expect("a consumer");
    for number in 0..10 {
        publish(&bus.log(), &channel("conv.a"), &number.to_string()).await;
        let wait = projector.batch(100, Duration::from_mins(1));
        assert!(tokio::time::timeout(Duration::from_millis(20), wait).await.is_err());
    }
    let batch = soon(projector.batch(10, Duration::from_mins(1))).await;
    assert_eq!(batch.len(), 10);
    assert!(batch.iter().all(|entry| entry.delivered == 1));
}
