//! What JetStream says of the streams: how much they hold, who has yet to read them, which copies are behind.

use std::time::Duration;

use crate::support::{channel, connect, publish, settings, soon};
use confab_bus::{Bus, BusSettings, StreamFigures};
use confab_testkit::nats::NatsServer;

async fn shard(bus: &Bus) -> StreamFigures {
    let figures = bus.stream_figures().await.expect("the server answers");
    assert!(figures.iter().any(|stream| stream.name == "WORK"));
    figures.into_iter().find(|stream| stream.name == "CONV_0").expect("the shard is there")
}

async fn until(what: impl AsyncFn() -> bool) {
    soon(async {
        while !what().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_stream_holds_and_who_has_yet_to_read_it_is_told() {
    let server = NatsServer::start();
    let bus = connect(BusSettings { shards: 1, ..settings(&server) }).await;
    assert_eq!((shard(&bus).await.messages, bus.unprojected().await.expect("a number")), (0, 0));
    for number in 0..30 {
        publish(&bus.log(), &channel("conv.a"), &number.to_string()).await;
    }
    let figures = shard(&bus).await;
    assert!(figures.messages == 30 && figures.bytes > 30 && figures.stale_copies == 0, "{figures:?}");
    assert_eq!(bus.unprojected().await.expect("a number"), 30, "nobody has ever read it");
    let mut projector = bus.projection(0).await.expect("a consumer");
    let batch = soon(projector.batch(20, Duration::from_secs(5))).await;
    projector.ack_all(&batch).await.expect("acknowledged");
    until(async || bus.unprojected().await.expect("a number") == 10).await;
    let figures = shard(&bus).await;
    let reader = figures.consumers.iter().find(|consumer| consumer.name == "projector").expect("a reader");
    assert_eq!((figures.messages, reader.pending + reader.unacknowledged), (30, 10));
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_that_are_out_of_reach_are_told() {
    let mut servers = NatsServer::options().start_cluster(3);
    let urls: Vec<String> = servers.iter().map(NatsServer::url).collect();
    let bus = BusSettings { shards: 1, replicas: 3, url: urls.join(","), ..settings(&servers[0]) };
    let bus = connect(bus).await;
    publish(&bus.log(), &channel("conv.a"), "1").await;
    until(async || shard(&bus).await.stale_copies == 0).await;
    servers[2].kill();
    // Whoever led the stream may have been the one: then it takes some seconds until another does.
    until(async || match bus.stream_figures().await {
        Ok(figures) => figures.iter().any(|stream| stream.stale_copies > 0),
        Err(_) => false,
    })
    .await;
}
