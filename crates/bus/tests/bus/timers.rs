//! Timers fire when they are due, once, unless they were replaced or cleared.

use std::time::Duration;

use crate::support::{channel, publish, soon, started, tenant};
use bytes::Bytes;
use confab_bus::Bus;
use confab_protocol::{ErrorCode, UnixMillis};

/// What the server's clock says.
async fn now(bus: &Bus) -> UnixMillis {
    let clock = channel("feed.desk.clock");
    let id = uuid::Uuid::new_v4().to_string();
    publish(&bus.log(), &clock, &id).await;
    bus.log().last(&clock).await.expect("a read").expect("an entry").time
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timer_fires_at_its_time_and_not_before() {
    let (_server, bus) = started().await;
    let timers = bus.timers();
    let mut fired = timers.fired().await.expect("a consumer");
    let due = now(&bus).await + 1200;
    timers.schedule(&tenant(), "idle-c1", due, Bytes::from_static(b"warn")).await.expect("set");
    let timer = soon(fired.next()).await;
    assert_eq!((&timer.tenant, timer.id.as_str(), &timer.payload[..]), (&tenant(), "idle-c1", &b"warn"[..]));
    assert!(timer.fired_at >= due && timer.fired_at < due + 1000, "{} instead of {due}", timer.fired_at);
    timer.ack().await.expect("acknowledged");
    assert!(tokio::time::timeout(Duration::from_millis(500), fired.next()).await.is_err(), "it fires once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_that_has_passed_fires_at_once() {
    let (_server, bus) = started().await;
    let timers = bus.timers();
    let mut fired = timers.fired().await.expect("a consumer");
    let past = now(&bus).await - 60_000;
    timers.schedule(&tenant(), "late", past, Bytes::new()).await.expect("set");
    let timer = soon(fired.next()).await;
    assert_eq!(timer.delivered, 1);
    timer.nak(Duration::ZERO).await.expect("given back");
    let again = soon(fired.next()).await;
    assert_eq!((again.delivered, again.stream_seq), (2, timer.stream_seq));
    again.ack().await.expect("acknowledged");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_id_replaces_and_another_tenants_does_not() {
    let (_server, bus) = started().await;
    let timers = bus.timers();
    let mut fired = timers.fired().await.expect("a consumer");
    let start = now(&bus).await;
    let other = confab_protocol::TenantId::parse("globex").expect("an id");
    timers.schedule(&tenant(), "t", start + 1000, Bytes::from_static(b"first")).await.expect("set");
    timers.schedule(&other, "t", start + 1000, Bytes::from_static(b"other")).await.expect("set");
    timers.schedule(&tenant(), "t", start + 2500, Bytes::from_static(b"second")).await.expect("set");
    let one = soon(fired.next()).await;
    assert_eq!((&one.tenant, &one.payload[..]), (&other, &b"other"[..]));
    one.ack().await.expect("acknowledged");
    let two = soon(fired.next()).await;
    assert_eq!((&two.tenant, &two.payload[..]), (&tenant(), &b"second"[..]));
    assert!(two.fired_at >= start + 2500);
    two.ack().await.expect("acknowledged");
    timers.schedule(&tenant(), "t", start + 2600, Bytes::from_static(b"third")).await.expect("set again");
    assert_eq!(&soon(fired.next()).await.payload[..], b"third");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cleared_timer_does_not_fire() {
    let (_server, bus) = started().await;
    let timers = bus.timers();
    let mut fired = timers.fired().await.expect("a consumer");
    let due = now(&bus).await + 800;
    timers.schedule(&tenant(), "gone", due, Bytes::new()).await.expect("set");
    timers.schedule(&tenant(), "stays", due, Bytes::new()).await.expect("set");
    assert!(timers.cancel(&tenant(), "gone").await.expect("cleared"));
    assert!(!timers.cancel(&tenant(), "gone").await.expect("nothing to clear"));
    let timer = soon(fired.next()).await;
    assert_eq!(timer.id, "stays");
    timer.ack().await.expect("acknowledged");
    assert!(tokio::time::timeout(Duration::from_millis(800), fired.next()).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn timers_outlive_the_server() {
    let (mut server, bus) = started().await;
    let timers = bus.timers();
    let mut fired = timers.fired().await.expect("a consumer");
    let start = now(&bus).await;
    for (id, wait) in [("soon", 300), ("later", 3000)] {
        timers.schedule(&tenant(), id, start + wait, Bytes::new()).await.expect("set");
    }
    server.kill();
    tokio::time::sleep(Duration::from_millis(500)).await;
    server.restart();
    for id in ["soon", "later"] {
        let timer = soon(fired.next()).await;
        assert_eq!(timer.id, id);
        timer.ack().await.expect("acknowledged");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_and_times_that_cannot_be_are_refused() {
    let (_server, bus) = started().await;
    let timers = bus.timers();
    for id in ["", "a.b", "*", "ü"] {
        let set = timers.schedule(&tenant(), id, 0, Bytes::new()).await;
        assert_eq!(set.expect_err(id).code(), ErrorCode::Invalid);
    }
    let set = timers.schedule(&tenant(), "never", UnixMillis::MAX, Bytes::new()).await;
    assert_eq!(set.expect_err("no such time").code(), ErrorCode::Invalid);
}
