//! The log: order, duplicates, live entries with their gaps, and replays that are complete or say that they aren't.

use std::time::Duration;

use crate::support::{channel, connect, publish, settings, soon, started, tenant, user};
use bytes::Bytes;
use confab_bus::{
    Bus, BusError, BusSettings, ChannelEvent, FindOutcome, LiveEntry, LogEntry, Replay, Stored,
};
use confab_protocol::{Channel, ConversationId, ErrorCode};
use futures::{FutureExt as _, StreamExt as _};
use uuid::{NoContext, Timestamp, Uuid};

async fn entry(subscription: &mut confab_bus::ChannelSubscription) -> LiveEntry {
    match soon(subscription.next()).await {
        Some(ChannelEvent::Entry(entry)) => entry,
        other => panic!("an entry was expected, not {other:?}"),
    }
}

fn numbers(replay: &Replay) -> Vec<(u64, u64)> {
    match replay {
        Replay::Complete(entries) => entries.iter().map(|entry| (entry.prev, entry.seq)).collect(),
        Replay::Trimmed => panic!("the replay is complete"),
    }
}

/// Throws away the oldest entries of the channel's stream, as age and size limits do.
async fn trim(bus_settings: &BusSettings, channel: &Channel, before: u64) {
    let client = async_nats::connect(&bus_settings.url).await.expect("a connection");
    let name = channel.shard(bus_settings.shards).map_or("FEED".to_owned(), |shard| format!("CONV_{shard}"));
    let stream = async_nats::jetstream::new(client).get_stream(name).await.expect("the stream");
    stream.purge().sequence(before).await.expect("it is purged");
}

fn conversation_made_at(seconds: u64) -> Channel {
    let uuid = Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, 0));
    Channel::Conversation(ConversationId::from_uuid(uuid))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_gets_the_sequence_of_the_first() {
    let (_server, bus) = started().await;
    let (log, conversation) = (bus.log(), channel("conv.a"));
    let first = publish(&log, &conversation, "one").await;
    let second = publish(&log, &conversation, "two").await;
    let again = publish(&log, &conversation, "one").await;
    assert!(!first.duplicate && !second.duplicate && again.duplicate);
    assert_eq!(again.seq, first.seq);
    assert_eq!(log.head(&conversation).await.expect("a head"), second.seq);
}

#[tokio::test(flavor = "multi_thread")]
async fn live_entries_carry_the_sequence_before_them() {
    let (_server, bus) = started().await;
    let (log, conversation, other) = (bus.log(), channel("conv.a"), channel("conv.a.notes"));
    let mut subscription = log.subscribe(&conversation).await.expect("subscribed");
    let mut expected = 0;
    for number in 0..20 {
        let published = publish(&log, &conversation, &number.to_string()).await;
        publish(&log, &other, &number.to_string()).await;
        let live = entry(&mut subscription).await;
        assert_eq!((live.prev, live.seq), (expected, published.seq));
        assert_eq!((&live.tenant, &live.payload[..]), (&tenant(), number.to_string().as_bytes()));
        expected = live.seq;
    }
    assert!(subscription.next().now_or_never().is_none(), "notes stay on their own channel");
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_are_stored_in_the_order_of_the_calls() {
    let (_server, bus) = started().await;
    let (log, conversation) = (bus.log(), channel("conv.a"));
    let mut pending = Vec::new();
    for number in 0..2000_u32 {
        let entry = LogEntry {
            channel: &conversation,
            tenant: &tenant(),
            message_id: &number.to_string(),
            payload: Bytes::copy_from_slice(&number.to_be_bytes()),
            customer: Some(&user("nina")),
        };
        pending.push(log.publish(entry).await.expect("it is sent"));
    }
    for result in futures::future::join_all(pending).await {
        result.expect("it is stored");
    }
    let Replay::Complete(entries) = log.replay(&conversation, 0, 5000).await.expect("a replay") else {
        panic!("nothing was trimmed");
    };
    let payloads: Vec<Bytes> = entries.into_iter().map(|entry| entry.payload).collect();
    let expected: Vec<Bytes> =
        (0..2000_u32).map(|number| Bytes::copy_from_slice(&number.to_be_bytes())).collect();
    assert_eq!(payloads, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_brings_exactly_what_lies_after() {
    let (_server, bus) = started().await;
    let (log, conversation) = (bus.log(), channel("conv.a"));
    assert_eq!(log.replay(&conversation, 0, 10).await.expect("a replay"), Replay::Complete(vec![]));
    assert_eq!(log.head(&conversation).await.expect("a head"), 0);
    assert_eq!(log.first(&conversation).await.expect("a read"), None);
    let mut sequences = vec![0];
    for number in 0..600 {
        let id = number.to_string();
        sequences.push(publish(&log, &conversation, &id).await.seq);
        // Entries of others lie between.
        for name in ["conv.b", "conv.c", "conv.d", "conv.e"] {
            publish(&log, &channel(name), &id).await;
        }
    }
    let pairs: Vec<(u64, u64)> = sequences.windows(2).map(|pair| (pair[0], pair[1])).collect();
    for after in [0, 1, 300, 599, 600] {
        let replay = log.replay(&conversation, sequences[after], 1000).await.expect("a replay");
        assert_eq!(numbers(&replay), pairs[after..], "after entry {after}");
    }
    assert_eq!(log.replay(&conversation, 0, 600).await.expect("a replay").clone(), {
        let Replay::Complete(entries) = log.replay(&conversation, 0, 601).await.expect("a replay") else {
            panic!("complete");
        };
        Replay::Complete(entries)
    });
    assert_eq!(
        log.replay(&conversation, 0, 599).await.expect("a replay"),
        Replay::Trimmed,
        "more than the limit"
    );
    let Stored { seq, time, .. } = log.last(&conversation).await.expect("a read").expect("an entry");
    assert_eq!(seq, sequences[600]);
    assert!(time > 1_600_000_000_000, "{time} is in milliseconds");
    assert_eq!(log.first(&conversation).await.expect("a read").expect("an entry").seq, sequences[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_position_that_is_no_entry_of_the_channel_proves_nothing() {
    let (_server, bus) = started().await;
    let (log, conversation) = (bus.log(), channel("conv.a"));
    let seq = publish(&log, &conversation, "one").await.seq;
    assert_eq!(log.replay(&conversation, seq + 1, 10).await.expect("a replay"), Replay::Trimmed);
    assert_eq!(log.replay(&channel("conv.never"), 7, 10).await.expect("a replay"), Replay::Trimmed);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_trimmed_is_never_passed_over() {
    let (server, bus) = started().await;
    let (log, conversation) = (bus.log(), channel("conv.a"));
    let first = publish(&log, &conversation, "one").await.seq;
    let second = publish(&log, &conversation, "two").await.seq;
    let third = publish(&log, &conversation, "three").await.seq;
    trim(&settings(&server), &conversation, second).await;
    assert_eq!(log.replay(&conversation, 0, 10).await.expect("a replay"), Replay::Trimmed);
    assert_eq!(log.replay(&conversation, first, 10).await.expect("a replay"), Replay::Trimmed);
    assert_eq!(numbers(&log.replay(&conversation, second, 10).await.expect("a replay")), [(second, third)]);
    let beyond = async |seq| log.beyond(&conversation, seq, 10).await.expect("a replay");
    assert_eq!(beyond(0).await, Replay::Trimmed);
    assert_eq!(numbers(&beyond(first).await), [(first, second), (second, third)]);
    trim(&settings(&server), &conversation, third + 1).await;
    assert_eq!(log.replay(&conversation, third, 10).await.expect("a replay"), Replay::Trimmed);
    assert_eq!(
        log.replay(&conversation, 0, 10).await.expect("a replay"),
        Replay::Trimmed,
        "the stream is empty"
    );
    assert_eq!(beyond(second).await, Replay::Trimmed, "the stream is empty");
    assert_eq!(beyond(third).await, Replay::Complete(vec![]));
    assert_eq!(log.head(&conversation).await.expect("a head"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_younger_than_the_log_is_complete_from_its_start() {
    let server = confab_testkit::nats::NatsServer::start();
    let one_shard = BusSettings { shards: 1, ..settings(&server) };
    let bus = connect(one_shard.clone()).await;
    let log = bus.log();
    publish(&log, &channel("conv.old"), "one").await;
    let oldest = publish(&log, &channel("conv.old"), "two").await;
    let time = log.last(&channel("conv.old")).await.expect("a read").expect("an entry").time / 1000;
    // Nobody takes an id from far in the future, so the future is waited for.
    tokio::time::sleep(Duration::from_secs(22)).await;
    let (young, old) = (conversation_made_at(time + 33), conversation_made_at(time + 20));
    let foreign = channel("conv.foreign");
    for channel in [&young, &old, &foreign] {
        publish(&log, channel, "one").await;
    }
    trim(&one_shard, &young, oldest.seq).await;
    assert_eq!(numbers(&log.replay(&young, 0, 10).await.expect("a replay")), [(0, oldest.seq + 1)]);
    assert_eq!(
        log.replay(&old, 0, 10).await.expect("a replay"),
        Replay::Trimmed,
        "clocks may differ so much"
    );
    assert_eq!(log.replay(&foreign, 0, 10).await.expect("a replay"), Replay::Trimmed, "its id has no time");
    assert_eq!(
        numbers(&log.replay(&conversation_made_at(time + 34), 0, 10).await.expect("a replay")),
        [],
        "a new conversation"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_knows_when_it_has_dropped_its_oldest() {
    let (_server, bus) = started().await;
    let (log, feed) = (bus.log(), channel("feed.user.acme.mohan"));
    let mut sequences = Vec::new();
    for number in 0..999 {
        sequences.push(publish(&log, &feed, &number.to_string()).await.seq);
    }
    assert_eq!(numbers(&log.replay(&feed, 0, 5000).await.expect("a replay")).len(), 999);
    for number in 999..1002 {
        sequences.push(publish(&log, &feed, &number.to_string()).await.seq);
    }
    assert_eq!(log.replay(&feed, 0, 5000).await.expect("a replay"), Replay::Trimmed);
    assert_eq!(log.replay(&feed, sequences[1], 5000).await.expect("a replay"), Replay::Trimmed);
    assert_eq!(numbers(&log.replay(&feed, sequences[2], 5000).await.expect("a replay")).len(), 999);
    let desk = channel("feed.desk.acme");
    assert_eq!(
        log.replay(&desk, 0, 10).await.expect("a replay"),
        Replay::Trimmed,
        "what was lost may have been its own"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_is_found_by_what_it_says() {
    let (server, bus) = started().await;
    let (log, conversation) = (bus.log(), channel("conv.a"));
    let mut sequences = Vec::new();
    for number in 0..400 {
        sequences.push(publish(&log, &conversation, &number.to_string()).await.seq);
    }
    let find = |since, text: &'static str| {
        let (log, conversation) = (log.clone(), conversation.clone());
        async move {
            log.find(&conversation, since, |payload| payload == text.as_bytes()).await.expect("a search")
        }
    };
    assert_eq!(find(0, "0").await, FindOutcome::Found(sequences[0]));
    assert_eq!(find(sequences[10], "399").await, FindOutcome::Found(sequences[399]));
    assert_eq!(find(sequences[10], "10").await, FindOutcome::Absent, "only what comes after counts");
    assert_eq!(find(0, "none").await, FindOutcome::Absent);
    trim(&settings(&server), &conversation, sequences[20]).await;
    assert_eq!(find(0, "none").await, FindOutcome::Trimmed);
    assert_eq!(find(sequences[10], "15").await, FindOutcome::Trimmed);
    assert_eq!(find(sequences[20], "none").await, FindOutcome::Absent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_followers_and_their_ephemeral_events() {
    let (_server, bus) = started().await;
    let log = bus.log();
    let channels: Vec<Channel> = (0..100).map(|number| channel(&format!("conv.c{number}"))).collect();
    let mut subscriptions = Vec::new();
    for channel in &channels {
        subscriptions.push(log.subscribe_both(channel).await.expect("subscribed"));
    }
    let mut typing = bus.subscribe_ephemeral(&channels[0]).await.expect("subscribed");
    for channel in &channels {
        publish(&log, channel, "hello").await;
        bus.publish_ephemeral(channel, Bytes::from_static(b"typing")).await.expect("it is sent");
    }
    for subscription in &mut subscriptions {
        assert_eq!(&entry(subscription).await.payload[..], b"hello");
        let event = soon(subscription.next()).await;
        assert_eq!(event, Some(ChannelEvent::Ephemeral(Bytes::from_static(b"typing"))));
    }
    assert_eq!(soon(typing.next()).await.as_deref(), Some(&b"typing"[..]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_made_anew_has_another_epoch() {
    let (server, bus) = started().await;
    let (log, conversation) = (bus.log(), channel("conv.a"));
    let epoch = log.epoch(&conversation).await.expect("an epoch");
    assert_eq!(log.epoch(&channel("conv.a.notes")).await.expect("an epoch"), epoch);
    let other = Bus::connect(settings(&server)).await.expect("another node");
    assert_eq!(other.log().epoch(&conversation).await.expect("an epoch"), epoch, "all nodes see the same");

    let shard = conversation.shard(4).expect("a shard");
    let client = async_nats::connect(server.url()).await.expect("a connection");
    async_nats::jetstream::new(client).delete_stream(format!("CONV_{shard}")).await.expect("deleted");
    let third = connect(settings(&server)).await;
    assert_ne!(third.log().epoch(&conversation).await.expect("an epoch"), epoch);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_leader_has_is_what_a_replicated_log_replays() {
    let (server, _single) = started().await;
    // The streams have one copy; the reader asks as it must when there are three.
    let bus = Bus::connect(BusSettings { replicas: 3, ..settings(&server) }).await.expect("connected");
    let (log, conversation) = (bus.log(), channel("conv.a"));
    assert_eq!(log.replay(&conversation, 0, 10).await.expect("a replay"), Replay::Complete(vec![]));
    let first = publish(&log, &conversation, "one").await.seq;
    let second = publish(&log, &conversation, "two").await.seq;
    assert_eq!(
        numbers(&log.replay(&conversation, 0, 10).await.expect("a replay")),
        [(0, first), (first, second)]
    );
    assert_eq!(log.head(&conversation).await.expect("a head"), second);
    assert_eq!(log.first(&conversation).await.expect("a read").expect("an entry").tenant, tenant());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_published_is_refused() {
    let (_server, bus) = started().await;
    let (log, conversation) = (bus.log(), channel("conv.a"));
    let entry = |message_id: &'static str, payload: Bytes| {
        let (log, conversation) = (log.clone(), conversation.clone());
        async move {
            let entry =
                LogEntry { channel: &conversation, tenant: &tenant(), message_id, payload, customer: None };
            log.publish(entry).await.expect_err("it is refused")
        }
    };
    let forged = entry("a\r\nNats-Rollup: all", Bytes::new()).await;
    assert!(matches!(forged, BusError::InvalidName { .. }), "{forged}");
    assert_eq!(forged.code(), ErrorCode::Invalid);
    let large = entry("a", Bytes::from(vec![0; 2 << 20])).await;
    assert_eq!(large.code(), ErrorCode::TooLarge, "{large}");
}
