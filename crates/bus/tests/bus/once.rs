//! A word is used once, whichever nodes try it at the same time, and each tenant has words of its own.

use std::time::Duration;

use confab_bus::BusError;
use confab_testkit::nats::NatsServer;

use crate::support::{connect, settings, soon, started, tenant};

const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread")]
async fn of_many_nodes_one_is_first() {
    let server = NatsServer::start();
    let mut nodes = Vec::new();
    for _ in 0..4 {
        nodes.push(connect(settings(&server)).await);
    }
    for word in 0..50 {
        let (word, acme) = (format!("w-{word}"), tenant());
        let tries = nodes.iter().map(|node| node.use_up(&acme, &word, MINUTE));
        let told = futures::future::join_all(tries).await;
        let firsts = told.into_iter().filter(|first| *first.as_ref().expect("an answer")).count();
        assert_eq!(firsts, 1, "{word}");
    }
    let other = "globex".parse().expect("an id");
    assert!(nodes[0].use_up(&other, "w-1", MINUTE).await.expect("an answer"), "another tenant's word");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_used_word_is_forgotten_when_its_time_is_over() {
    let (_server, bus) = started().await;
    let once = Duration::from_secs(1);
    assert!(bus.use_up(&tenant(), "w", once).await.expect("an answer"));
    assert!(!bus.use_up(&tenant(), "w", once).await.expect("an answer"));
    soon(async { while !bus.use_up(&tenant(), "w", once).await.expect("an answer") {} }).await;
    for wrong in ["", "a.b", "*", ">"] {
        let refused = bus.use_up(&tenant(), wrong, once).await.expect_err("no word");
        assert!(matches!(refused, BusError::InvalidName { .. }), "{wrong:?}: {refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_server_nobody_is_told_to_be_first() {
    let (server, bus) = started().await;
    drop(server);
    let failed = bus.use_up(&tenant(), "w", MINUTE).await.expect_err("nobody knows");
    assert!(matches!(failed, BusError::Timeout(_) | BusError::Unavailable { .. }), "{failed}");
}
