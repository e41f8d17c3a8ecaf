//! An edge that is asked to go tells its clients, each to come back at another time; they go on at the other edge.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use confab_client::Connection;
use confab_protocol::{CloseCode, Codec, ServerFrame};
use confab_testhub::cluster::Cluster;
use confab_testhub::person::{Device, Person};

/// Idle connections beside the two who talk.
const CONNECTIONS: usize = 20;
/// The grace the edge is given.
const DRAIN_SECONDS: u64 = 10;

#[tokio::test(flavor = "multi_thread")]
async fn clients_of_a_stopping_edge_are_spread_and_lose_nothing() {
    let mut cluster = Cluster::builder()
        .edges(2)
        .set("server.drain_seconds", DRAIN_SECONDS)
        .set("server.reconnect_jitter_ms", 3000)
        .start()
        .await;
    let tenant = cluster.tenant().clone();
    let ann = tenant.agent("Ann", 3).await;
    let (first, second) = (cluster.url(0).to_owned(), cluster.url(1).to_owned());
    let mut idle = Vec::new();
    for number in 0..CONNECTIONS {
        let staff = tenant.agent(&format!("Idle-{number}"), 1).await;
        let url = cluster.http(0).websocket_url();
        idle.push(Connection::connect(&url, &staff.token, Codec::Json).await.expect("the hub says welcome"));
    }
    let device = Device::at(&first).or_at(&second);
    let mut ann = Person::agent(&ann, &tenant.id, device.clone()).await;
    let (mut mohan, chat) = Person::customer("Mohan", "Help", &tenant.id, device).await;
    ann.is_given(&chat).await;
    ann.joins(&chat.channel()).await;

    let begun = Instant::now();
    cluster.edges[0].process.terminate();
    let mut hints = BTreeSet::new();
    for (_, events) in &mut idle {
        let hint = loop {
            if let ServerFrame::Draining { reconnect_after_ms } =
                events.next_frame().await.expect("the hub says why")
            {
                break reconnect_after_ms;
            }
        };
        assert!(hint <= 3000, "{hint} ms");
        hints.insert(hint);
    }
    assert!(hints.len() > CONNECTIONS / 2, "everybody is to come back at once: {hints:?}");
    for (_, events) in &mut idle {
        let closed = loop {
            if let Err(error) = events.next_frame().await {
                break error;
            }
        };
        let confab_client::ClientError::Closed { code, .. } = closed else { panic!("{closed}") };
        assert_eq!(code, Some(CloseCode::Draining.number()));
    }
    for person in [&mut mohan, &mut ann] {
        assert_eq!(person.is_connected().await, "edge-2", "{} went elsewhere", person.name());
    }
    // Whatever is said while both change sides arrives once, in order.
    let mut said = Vec::new();
    for number in 0..10 {
        said.push(format!("still there? {number}"));
        mohan.says(&chat.channel(), said.last().expect("one")).await;
    }
    ann.hears(said.last().expect("one")).await;
    assert_eq!(ann.texts_in(&chat.channel())[1..], said);
    let status = cluster.edges[0].process.wait(Duration::from_secs(DRAIN_SECONDS + 5));
    let status = status.expect("the edge comes to an end");
    assert!(status.success(), "the edge ended with {status}: {}", cluster.edges[0].process.log());
    assert!(begun.elapsed() < Duration::from_secs(DRAIN_SECONDS + 2), "it took {:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_asked_to_go_finishes_and_another_takes_over() {
    let mut cluster = Cluster::builder().workers(2).start().await;
    let tenant = cluster.tenant().clone();
    let ann = tenant.agent("Ann", 50).await;
    let mut ann = Person::agent(&ann, &tenant.id, Device::at(cluster.url(0))).await;
    let mut chats = Vec::new();
    for number in 0..10 {
        if number == 5 {
            cluster.workers[0].terminate();
        }
        let name = format!("Customer {number}");
        chats.push(Person::customer(&name, "Help", &tenant.id, Device::at(cluster.url(0))).await);
    }
    for (_, chat) in &chats {
        ann.is_given(chat).await;
    }
    let status = cluster.workers[0].wait(Duration::from_secs(30)).expect("the worker comes to an end");
    assert!(status.success(), "the worker ended with {status}: {}", cluster.workers[0].log());
}
