//! Presence: keys that live as long as they are renewed, and whose end is told.

use std::time::{Duration, Instant};

use crate::support::{soon, started, tenant, user};
use confab_bus::{PresenceChange, PresenceConsumer, PresenceKey, PresenceKind, Renewal};
use confab_protocol::ErrorCode;

fn key(name: &str, node: &str) -> PresenceKey {
    PresenceKey { kind: PresenceKind::Agent, tenant: tenant(), user: user(name), node: node.into() }
}

fn renewal(name: &str, node: &str, seconds: u64, fresh: bool) -> Renewal {
    Renewal { key: key(name, node), ttl: Duration::from_secs(seconds), fresh }
}

async fn change(consumer: &mut PresenceConsumer) -> PresenceChange {
    let item = soon(consumer.next()).await;
    item.ack().await.expect("acknowledged");
    item.change
}

fn seen(name: &str, node: &str, fresh: bool) -> PresenceChange {
    PresenceChange::Seen { tenant: tenant(), user: user(name), node: node.into(), fresh }
}

fn gone(name: &str, node: &str) -> PresenceChange {
    PresenceChange::Gone { tenant: tenant(), user: user(name), node: node.into() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_expires_unless_it_is_renewed() {
    let (_server, bus) = started().await;
    let presence = bus.presence();
    let mut changes = presence.watch_agents().await.expect("a consumer");
    let is_connected = async || {
        presence.is_connected(PresenceKind::Agent, &tenant(), &user("mohan")).await.expect("a look-up")
    };
    assert!(!is_connected().await);
    presence.renew(&renewal("mohan", "edge-1", 2, true)).await.expect("renewed");
    assert!(is_connected().await);
    assert_eq!(change(&mut changes).await, seen("mohan", "edge-1", true));
    let start = Instant::now();
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_millis(800)).await;
        presence.renew(&renewal("mohan", "edge-1", 2, false)).await.expect("renewed");
        assert_eq!(change(&mut changes).await, seen("mohan", "edge-1", false), "it lives on");
        assert!(is_connected().await);
    }
    assert_eq!(change(&mut changes).await, gone("mohan", "edge-1"));
    assert!(!is_connected().await);
    let lived = start.elapsed();
    assert!((Duration::from_secs(5)..Duration::from_secs(8)).contains(&lived), "{lived:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shortened_key_goes_early_and_a_renewed_one_stays() {
    let (_server, bus) = started().await;
    let presence = bus.presence();
    let mut changes = presence.watch_agents().await.expect("a consumer");
    let all = [renewal("mohan", "edge-1", 600, true), renewal("nina", "edge-1", 600, true)];
    presence.renew_all(all.to_vec()).await.expect("renewed");
    for _ in 0..2 {
        assert!(matches!(change(&mut changes).await, PresenceChange::Seen { fresh: true, .. }));
    }
    for name in ["mohan", "nina"] {
        presence.shorten(&key(name, "edge-1"), Duration::from_millis(900)).await.expect("shortened");
        assert_eq!(change(&mut changes).await, seen(name, "edge-1", false));
    }
    // Nina's page was only reloaded.
    presence.renew(&renewal("nina", "edge-1", 600, true)).await.expect("renewed");
    assert_eq!(change(&mut changes).await, seen("nina", "edge-1", true));
    assert_eq!(change(&mut changes).await, gone("mohan", "edge-1"));
    assert!(tokio::time::timeout(Duration::from_millis(1500), changes.next()).await.is_err(), "nina stays");
    assert!(presence.is_connected(PresenceKind::Agent, &tenant(), &user("nina")).await.expect("a look-up"));
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_on_another_node_is_still_connected() {
    let (_server, bus) = started().await;
    let presence = bus.presence();
    presence.renew(&renewal("mohan", "edge-1", 600, true)).await.expect("renewed");
    presence.renew(&renewal("mohan", "edge-2", 1, true)).await.expect("renewed");
    let mut changes = presence.watch_agents().await.expect("a consumer");
    while change(&mut changes).await != gone("mohan", "edge-2") {}
    let look_up = |kind| {
        let presence = presence.clone();
        async move { presence.is_connected(kind, &tenant(), &user("mohan")).await.expect("a look-up") }
    };
    assert!(look_up(PresenceKind::Agent).await);
    assert!(!look_up(PresenceKind::Customer).await, "kinds are apart");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_is_told_to_workers_that_were_away_and_survives_the_server() {
    let (mut server, bus) = started().await;
    let presence = bus.presence();
    let mut changes = presence.watch_agents().await.expect("a consumer");
    presence.renew(&renewal("mohan", "edge-1", 1, true)).await.expect("renewed");
    assert_eq!(change(&mut changes).await, seen("mohan", "edge-1", true));
    changes.close().await;
    server.kill();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    server.restart();
    let mut changes = soon(async {
        loop {
            if let Ok(changes) = presence.watch_agents().await {
                return changes;
            }
        }
    })
    .await;
    // What was acknowledged just before the server was killed may come again.
    while change(&mut changes).await != gone("mohan", "edge-1") {}
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_are_renewed_together_and_customers_disturb_no_worker() {
    let (_server, bus) = started().await;
    let presence = bus.presence();
    let mut changes = presence.watch_agents().await.expect("a consumer");
    let customers: Vec<Renewal> = (0..3000)
        .map(|number| {
            let mut renewal = renewal(&format!("c{number}"), "edge-1", 600, true);
            renewal.key.kind = PresenceKind::Customer;
            renewal
        })
        .collect();
    presence.renew_all(customers.clone()).await.expect("renewed");
    let customer = &customers[1234].key.user;
    assert!(presence.is_connected(PresenceKind::Customer, &tenant(), customer).await.expect("a look-up"));
    assert!(tokio::time::timeout(Duration::from_millis(200), changes.next()).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_whose_name_could_break_a_subject_is_refused() {
    let (_server, bus) = started().await;
    let renewed = bus.presence().renew(&renewal("mohan", "edge.1", 5, true)).await;
    assert_eq!(renewed.expect_err("no name").code(), ErrorCode::Invalid);
}
