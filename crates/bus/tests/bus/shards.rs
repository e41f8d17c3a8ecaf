//! The log is given more shards while it is in use: conversations stay where they were begun, new ones are spread over all,
//! and every node says the same of each.

use std::time::Duration;

use confab_bus::{Bus, BusError, BusSettings, Generation, Replay};
use confab_protocol::{Channel, ConversationId, ErrorCode, UnixMillis};
use confab_testkit::nats::NatsServer;
use uuid::{NoContext, Timestamp, Uuid};

use crate::support::{channel, connect, publish, settings, soon, started};

/// How long after the note a larger number is in force.
const LEAD: UnixMillis = 30_000;

fn made_at(millis: UnixMillis) -> Channel {
    let nanos = u32::try_from(millis % 1000).expect("below a thousand") * 1_000_000;
    let uuid = Uuid::new_v7(Timestamp::from_unix(NoContext, millis / 1000, nanos));
    Channel::Conversation(ConversationId::from_uuid(uuid))
}

/// A conversation that begins now, as an edge begins it.
async fn begins(bus: &Bus) -> Channel {
    made_at(bus.log().begin_at(UnixMillis::MAX).await.expect("a node that hears may begin"))
}

async fn generations(bus: &Bus) -> Vec<Generation> {
    bus.shard_plan().await.expect("the plan").generations().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn old_conversations_stay_and_new_ones_are_spread() {
    let (server, admin) = started().await;
    let node = connect(BusSettings { name: "node-2".into(), ..settings(&server) }).await;
    let mut old = Vec::new();
    for _ in 0..40 {
        let talk = begins(&node).await;
        let place = node.log().shard(&talk).await.expect("placed");
        assert_eq!(place, talk.shard(4));
        publish(&node.log(), &talk, "one").await;
        old.push(talk);
    }
    let raise = admin.shard_raise(16).await.expect("compared");
    assert_eq!((raise.from, raise.to, raise.streams.len()), (4, 16, 12));
    assert_eq!(generations(&admin).await.len(), 1, "comparing changes nothing");

    let mut counts = node.shard_counts();
    let before = admin.log_time().await.expect("a time");
    let generation = admin.raise_shards(16).await.expect("raised");
    assert_eq!(generation.count, 16);
    assert!(generation.since >= before + LEAD, "{generation:?} was noted at {before}");
    soon(counts.wait_for(|count| *count == 16)).await.expect("a node hears of it by itself");
    assert!(node.log_time().await.expect("a time") < generation.since, "long before it is in force");
    // Until then conversations begin where they always did.
    let last = begins(&node).await;
    assert_eq!(node.log().shard(&last).await.expect("placed"), last.shard(4));

    while node.log_time().await.expect("a time") < generation.since {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let mut used = [0_u32; 16];
    for _ in 0..64 {
        let talk = begins(&node).await;
        assert_eq!(node.log().shard(&talk).await.expect("placed"), talk.shard(16));
        let (first, second) =
            (publish(&node.log(), &talk, "one").await, publish(&admin.log(), &talk, "two").await);
        let read = admin.log().replay(&talk, 0, 10).await.expect("a replay");
        let Replay::Complete(entries) = read else { panic!("the log has all of it") };
        assert_eq!(entries.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [first.seq, second.seq]);
        used[usize::from(talk.shard(16).expect("a shard"))] += 1;
    }
    assert!(used.iter().filter(|count| **count > 0).count() > 12, "{used:?}");
    for talk in &old {
        let second = publish(&admin.log(), talk, "two").await.seq;
        let read = node.log().replay(talk, 0, 10).await.expect("a replay");
        let Replay::Complete(entries) = read else { panic!("the log has all of it") };
        assert_eq!(entries.len(), 2, "both lie in one shard");
        assert_eq!(entries[1].seq, second);
    }
    // A node that comes later says the same.
    let late = connect(BusSettings { name: "node-3".into(), shards: 7, ..settings(&server) }).await;
    for talk in &old {
        assert_eq!(late.log().shard(talk).await.expect("placed"), talk.shard(4));
    }
    assert_eq!(late.topology_changes().await.expect("compared"), [], "and finds nothing to change");
}

#[tokio::test(flavor = "multi_thread")]
async fn raising_is_repeated_broken_off_and_raced_for_without_harm() {
    let (server, bus) = started().await;
    let error = bus.raise_shards(3).await.expect_err("conversations lie in the fourth");
    assert_eq!(error.code(), ErrorCode::Invalid);
    assert!(matches!(error, BusError::ShardsLowered { stored: 4, wanted: 3 }), "{error}");
    assert_eq!(bus.raise_shards(4).await.expect("nothing to do").since, 0);

    // Broken off after some streams: the next one makes the others.
    let client = async_nats::connect(server.url()).await.expect("a connection");
    let left = async_nats::jetstream::stream::Config {
        name: "CONV_4".into(),
        subjects: vec!["in.4.conv.>".into()],
        ..Default::default()
    };
    async_nats::jetstream::new(client).create_stream(left).await.expect("made");
    let first = bus.raise_shards(8).await.expect("raised");
    assert_eq!(bus.raise_shards(8).await.expect("nothing to do"), first, "repeating it moves nothing");
    assert_eq!(bus.shard_raise(8).await.expect("compared").streams, []);

    // A second time before the first is in force, by several at once.
    let mut nodes = Vec::new();
    for number in 0..4 {
        let name = format!("admin-{number}");
        nodes.push(Bus::connect(BusSettings { name, ..settings(&server) }).await.expect("connected"));
    }
    let counts = [12, 12, 16, 16];
    let raising = nodes.iter().zip(counts).map(|(node, count)| node.raise_shards(count));
    let raised = futures::future::join_all(raising).await;
    let plan = generations(&bus).await;
    assert!(plan.is_sorted_by(|one, next| one.since < next.since && one.count < next.count), "{plan:?}");
    for (count, raised) in counts.into_iter().zip(&raised) {
        match raised {
            Ok(generation) => assert!(plan.contains(generation) && generation.count == count, "{plan:?}"),
            Err(BusError::ShardsRaisedMeanwhile { .. } | BusError::ShardsLowered { .. }) => {}
            Err(error) => panic!("{count}: {error}"),
        }
    }
    assert!(raised.iter().any(Result::is_ok));
    assert_eq!(bus.raise_shards(16).await.expect("raised").count, 16);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_hears_nothing_begins_no_conversations_and_goes_on_with_the_others() {
    let mut server = NatsServer::start();
    let bus = connect(BusSettings { publish_timeout: Duration::from_millis(300), ..settings(&server) }).await;
    let talk = begins(&bus).await;
    publish(&bus.log(), &talk, "one").await;
    let future = made_at(bus.log_time().await.expect("a time") + LEAD);
    let error = bus.log().shard(&future).await.expect_err("the number may be another then");
    assert_eq!(error.code(), ErrorCode::Unavailable);

    server.kill();
    tokio::time::sleep(Duration::from_secs(11)).await;
    let error = bus.log().begin_at(UnixMillis::MAX).await.expect_err("nobody tells");
    assert!(error.code().is_retryable(), "{error}");
    assert_eq!(bus.log().shard(&talk).await.expect("it is known for ever"), talk.shard(4));
    server.restart();
    for _ in 0..100 {
        if bus.log().begin_at(UnixMillis::MAX).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the node hears again and may begin conversations");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_goes_ahead_makes_ids_that_everybody_can_place() {
    let (server, bus) = started().await;
    let other = connect(BusSettings { name: "node-2".into(), ..settings(&server) }).await;
    let hour = 3_600_000;
    let now = bus.log_time().await.expect("a time");
    let at = bus.log().begin_at(now + hour).await.expect("an hour ahead");
    assert!(at < now + LEAD / 2, "{at} is told at {now}");
    let talk = made_at(at);
    assert_eq!(other.log().shard(&talk).await.expect("placed"), talk.shard(4));
    let behind = bus.log().begin_at(now - hour).await.expect("an hour behind");
    assert_eq!(behind, now - hour, "that harms nobody");
    assert_eq!(other.log().shard(&channel("feed.desk.acme")).await.expect("a feed"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_log_has_the_shards_it_had() {
    let (_first, bus) = started().await;
    let talk = begins(&bus).await;
    publish(&bus.log(), &talk, "one").await;
    bus.raise_shards(6).await.expect("raised");
    bus.raise_shards(9).await.expect("raised again");
    let mut saved = Vec::new();
    for name in bus.lasting_streams().await.expect("named") {
        let mut bytes = Vec::new();
        saved.push((bus.save_stream(&name, &mut bytes).await.expect("saved"), bytes));
    }
    let server = NatsServer::start();
    let restored = connect(BusSettings { shards: 2, ..settings(&server) }).await;
    for (stream, bytes) in &saved {
        restored.load_stream(stream, &mut bytes.as_slice()).await.expect("restored");
    }
    assert_eq!(restored.ensure_topology().await.expect("compared"), [], "the backup brought every stream");
    assert_eq!(generations(&restored).await, generations(&bus).await);
    let Replay::Complete(entries) = restored.log().replay(&talk, 0, 10).await.expect("a replay") else {
        panic!("the log has all of it")
    };
    assert_eq!(entries.len(), 1);
}
