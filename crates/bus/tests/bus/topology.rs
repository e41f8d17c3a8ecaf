//! The streams are made by whoever comes first, stay as they are for the next, and keep their number of shards.

use std::time::Duration;

use crate::support::{channel, connect, publish, settings, started};
use confab_bus::{Bus, BusSettings};
use confab_testkit::nats::NatsServer;

async fn stream_names(server: &NatsServer) -> Vec<String> {
    use futures::TryStreamExt as _;
    let client = async_nats::connect(server.url()).await.expect("a connection");
    let names = async_nats::jetstream::new(client).stream_names();
    let mut names: Vec<String> = names.try_collect().await.expect("the names");
    names.sort_unstable();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn many_nodes_make_the_streams_at_once() {
    let server = NatsServer::start();
    let mut nodes = Vec::new();
    for _ in 0..8 {
        nodes.push(Bus::connect(settings(&server)).await.expect("connected"));
    }
    let missing = nodes[0].topology_changes().await.expect("compared");
    assert!(missing.iter().all(|change| change.is_new) && missing.len() == 15, "{missing:?}");
    assert!(stream_names(&server).await.is_empty(), "looking makes nothing");
    for made in futures::future::join_all(nodes.iter().map(Bus::ensure_topology)).await {
        made.expect("made or found");
    }
    let expected = [
        "ADVISORIES",
        "CHAT_LIFECYCLE",
        "CHAT_MESSAGES",
        "CONV_0",
        "CONV_1",
        "CONV_2",
        "CONV_3",
        "DEAD",
        "ERRANDS",
        "FEED",
        "ONCE",
        "PRESENCE",
        "SHARDS",
        "TIMERS",
        "WORK",
    ];
    assert_eq!(stream_names(&server).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn making_them_again_keeps_what_they_hold_and_takes_new_limits() {
    let (server, bus) = started().await;
    let conversation = channel("conv.a");
    let seq = publish(&bus.log(), &conversation, "one").await.seq;
    bus.ensure_topology().await.expect("nothing to do");
    let changed =
        BusSettings { log_retention: Duration::from_hours(1), log_max_bytes: 1 << 30, ..settings(&server) };
    let other = Bus::connect(changed).await.expect("connected");
    let told = other.topology_changes().await.expect("compared");
    let shard = told.iter().find(|change| change.stream == "CONV_0").expect("a change of the first shard");
    let text = shard.to_string();
    assert!(
        text.contains("max_age: 604800s -> 3600s") && text.contains("max_bytes: -1 -> 1073741824"),
        "{text}"
    );
    let names: Vec<_> = told.iter().map(|change| change.stream.as_str()).collect();
    assert_eq!(names, ["CONV_0", "CONV_1", "CONV_2", "CONV_3", "FEED"], "and nothing else is touched");
    assert_eq!(other.ensure_topology().await.expect("changed"), told);
    assert_eq!(other.topology_changes().await.expect("compared"), []);
    assert_eq!(other.log().head(&conversation).await.expect("a head"), seq);
    let client = async_nats::connect(server.url()).await.expect("a connection");
    let stream = async_nats::jetstream::new(client).get_stream("CONV_0").await.expect("the stream");
    let config = &stream.cached_info().config;
    assert_eq!((config.max_age, config.max_bytes), (Duration::from_hours(1), 1 << 30));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_shards_is_the_logs_whatever_is_configured() {
    let (server, bus) = started().await;
    for shards in [2, 8] {
        let other = connect(BusSettings { shards, ..settings(&server) }).await;
        assert_eq!(other.shard_count().await.expect("known"), 4);
        for number in 0..20 {
            let talk = channel(&format!("conv.c-{number}"));
            let place = other.log().shard(&talk).await.expect("known");
            assert_eq!((place, bus.log().shard(&talk).await.expect("known")), (talk.shard(4), talk.shard(4)));
        }
    }
    assert_eq!(stream_names(&server).await.len(), 15, "nothing was added");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_cannot_work_are_refused_before_anything_is_done() {
    let server = NatsServer::start();
    for wrong in [
        BusSettings { name: "edge 1".into(), ..settings(&server) },
        BusSettings { shards: 0, ..settings(&server) },
        BusSettings { credentials_file: Some("no/such/file.creds".into()), ..settings(&server) },
    ] {
        Bus::connect(wrong).await.expect_err("it cannot work");
    }
    let bus = Bus::connect(settings(&server)).await.expect("connected");
    assert!(bus.is_connected());
    bus.round_trip().await.expect_err("there are no streams yet");
    bus.ensure_topology().await.expect("made");
    assert!(bus.round_trip().await.expect("an answer") < Duration::from_secs(1));
    assert!(bus.rtt().await.expect("an answer") < Duration::from_secs(1));
}
