//! With the accounts that are shipped each part of the hub does its work and nothing beyond it.

use std::time::Duration;

use bytes::Bytes;
use confab_bus::{Bus, BusSettings, ChannelEvent, EventStream, Renewal};
use confab_bus::{PresenceKey, PresenceKind, Traces, TracesMark, TracesStep, Wish};
use confab_testkit::nats::{NatsOptions, NatsServer, password};
use futures::StreamExt as _;

use crate::support::{channel, command, publish, settings, soon, tenant, user};

const ACCOUNTS: &str = include_str!("../../../../nats/accounts.conf");
/// How long something forbidden is waited for.
const NEVER: Duration = Duration::from_millis(400);

fn as_user(server: &NatsServer, role: &str, node: &str) -> BusSettings {
    BusSettings {
        name: node.into(),
        user: Some(role.into()),
        password: Some(password(role).into()),
        publish_timeout: Duration::from_millis(800),
        ..settings(server)
    }
}

/// A server with its streams, an edge and a worker.
async fn hub() -> (NatsServer, Bus, Bus) {
    let server = NatsOptions::default().accounts(ACCOUNTS).start();
    let admin = Bus::connect(as_user(&server, "admin", "cli")).await.expect("the operator logs in");
    admin.ensure_topology().await.expect("the operator makes the streams");
    assert_eq!(admin.topology_changes().await.expect("compared"), []);
    let edge = Bus::connect(as_user(&server, "edge", "edge-1")).await.expect("the edge logs in");
    let worker = Bus::connect(as_user(&server, "worker", "worker-1")).await.expect("the worker logs in");
    (server, edge, worker)
}

async fn raw(server: &NatsServer, role: &str) -> async_nats::Client {
    let options = async_nats::ConnectOptions::with_user_and_password(role.to_owned(), password(role));
    let options = options.custom_inbox_prefix(format!("_INBOX.{role}.raw"));
    options.connect(server.url()).await.expect("the user logs in")
}

#[tokio::test(flavor = "multi_thread")]
async fn edge_and_worker_do_their_work() {
    let (_server, edge, worker) = hub().await;
    assert_eq!(worker.ensure_topology().await.expect("a worker may look"), [], "nothing is to be done");
    edge.rtt().await.expect("an edge hears itself");
    worker.rtt().await.expect("a worker hears itself");
    edge.round_trip().await.expect("an edge asks the log how it stands");

    // A message: written by an edge, heard live, read back, projected, told as an event.
    let conversation = channel("conv.c-1");
    let mut followed = edge.log().subscribe_both(&conversation).await.expect("an edge follows");
    let seq = publish(&edge.log(), &conversation, "hello").await.seq;
    let heard = soon(followed.next()).await.expect("an entry");
    assert!(matches!(&heard, ChannelEvent::Entry(entry) if entry.seq == seq), "{heard:?}");
    assert_eq!(edge.log().head(&conversation).await.expect("a head"), seq);
    edge.log().replay(&conversation, 0, 10).await.expect("an edge reads the log");
    edge.log().epoch(&conversation).await.expect("an edge asks for the epoch");
    let mut shard = worker.projection(conversation.shard(4).expect("a shard")).await.expect("a projector");
    let batch = soon(shard.batch(10, Duration::from_millis(10))).await;
    assert_eq!(batch.len(), 1);
    shard.ack_all(&batch).await.expect("acknowledged");
    soon(async { while shard.lag().await.expect("a lag") > 0 {} }).await;
    worker.event_source(0).await.expect("a worker reads for events");
    let acme = tenant();
    let event = worker.publish_lifecycle(&acme, "CONVERSATION_STARTED", "e-1", Bytes::from_static(b"{}"));
    event.await.expect("sent").await.expect("stored");

    // A command with an outcome.
    let replies = edge.replies().await.expect("an edge awaits outcomes");
    let (subject, outcome) = replies.expect(Duration::from_secs(5));
    let (queue, id) = (edge.work(), command("k-1"));
    queue.submit(&tenant(), "start", &id, Bytes::new(), Some(&subject)).await.expect("submitted");
    let mut consumer = worker.work().consumer().await.expect("a worker takes commands");
    let item = soon(consumer.next()).await;
    worker
        .reply(item.reply_to.as_deref().expect("a reply is wanted"), Bytes::from_static(b"ok"))
        .await
        .expect("sent");
    assert_eq!(outcome.await.expect("an outcome"), Bytes::from_static(b"ok"));
    item.ack().await.expect("acknowledged");
    assert_eq!(worker.work().pending().await.expect("a count"), 0);

    // Presence, feeds, timers, ephemeral events, receipts.
    let key =
        PresenceKey { kind: PresenceKind::Agent, tenant: tenant(), user: user("ann"), node: "edge-1".into() };
    let renewal = Renewal { key, ttl: Duration::from_secs(30), fresh: true };
    edge.presence().renew(&renewal).await.expect("an edge tells who is there");
    let mut changes = worker.presence().watch_agents().await.expect("a worker hears of it");
    soon(changes.next()).await.ack().await.expect("acknowledged");
    let agent = (PresenceKind::Agent, tenant(), user("ann"));
    assert!(worker.presence().is_connected(agent.0, &agent.1, &agent.2).await.expect("asked"));
    let feed = channel("feed.user.acme.ann");
    let mut feed_followed = edge.log().subscribe_both(&feed).await.expect("an edge follows");
    edge.rtt().await.expect("the subscription stands");
    publish(&worker.log(), &feed, "new_chat").await;
    worker.publish_ephemeral(&feed, Bytes::from_static(b"place")).await.expect("sent");
    for _ in 0..2 {
        soon(feed_followed.next()).await.expect("an entry, and an event");
    }
    worker.timers().schedule(&tenant(), "t-1", 1, Bytes::new()).await.expect("set");
    let mut fired = worker.timers().fired().await.expect("a worker takes timers");
    soon(fired.next()).await.ack().await.expect("acknowledged");
    assert!(!worker.timers().cancel(&tenant(), "t-2").await.expect("asked"));
    let mut receipts = worker.subscribe_receipts().await.expect("a worker takes receipts");
    worker.rtt().await.expect("the subscription stands");
    let about = conversation.conversation().expect("a conversation").clone();
    edge.publish_receipt(&tenant(), &about, Bytes::from_static(b"1")).await.expect("sent");
    soon(receipts.next()).await.expect("a receipt");

    assert!(edge.use_up(&acme, "w-1", Duration::from_secs(9)).await.expect("an edge uses up a nonce"));

    // A channel is taken out of the log by a worker, for an edge.
    let mut erasures = worker.erasures().await.expect("a worker may");
    worker.rtt().await.expect("the subscription stands");
    let (erased, ()) = tokio::join!(edge.erase(&acme, &conversation), async {
        let erasure = soon(erasures.next()).await.expect("a request");
        assert_eq!(erasure.wish, Wish::Channel(conversation.clone()));
        worker.log().purge(&conversation).await.expect("purged");
        worker.answer(&erasure, Ok(TracesStep { removed: 1, next: None })).await.expect("answered");
    });
    erased.expect("the worker has done it");
    assert_eq!(edge.log().head(&conversation).await.expect("a head"), 0);
    let traces = Traces { conversations: vec![about.clone()], tickets: Vec::new(), since: 1_700_000_000_000 };
    let step = worker.remove_traces(&acme, &traces, TracesMark::default()).await.expect("a worker may");
    assert_eq!(step.next, None);
    assert_eq!(worker.dead_letters().count().await.expect("a count"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_gives_the_log_more_shards_and_everybody_uses_them() {
    let (server, edge, worker) = hub().await;
    edge.raise_shards(16).await.expect_err("it is no edge's to raise them");
    worker.raise_shards(16).await.expect_err("nor a worker's");
    let admin = Bus::connect(as_user(&server, "admin", "cli-2")).await.expect("the operator logs in");
    admin.raise_shards(16).await.expect("the operator may");
    for bus in [&edge, &worker] {
        soon(bus.shard_counts().wait_for(|count| *count == 16)).await.expect("everybody hears of it");
        for shard in 0..16 {
            bus.log().reach(shard).await.expect("every shard can be read");
        }
    }
    assert_eq!(worker.ensure_topology().await.expect("a worker may look"), [], "nothing is to be done");
    for shard in [4, 15] {
        let reader = worker.projection(shard).await.expect("a projector");
        assert_eq!(reader.lag().await.expect("a lag"), 0);
        worker.event_source(shard).await.expect("a worker reads for events");
        assert!(admin.is_projected(shard).await.expect("asked"));
    }
    assert!(!admin.is_projected(5).await.expect("asked"), "nobody has begun to read it");
    worker.stream_figures().await.expect("a worker tells of every stream");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_writes_what_the_server_republishes() {
    let (server, edge, _worker) = hub().await;
    let mut followed = edge.log().subscribe_both(&channel("conv.c-1")).await.expect("an edge follows");
    edge.rtt().await.expect("the subscription stands");
    for role in ["edge", "worker", "admin", "metrics"] {
        let client = raw(&server, role).await;
        for subject in ["conv.c-1", "feed.desk.acme"] {
            client.publish(subject, "forged".into()).await.expect("the library sends it");
        }
        client.flush().await.expect("flushed");
    }
    // A typing event passes; worker and operator can't make one.
    for role in ["worker", "admin", "metrics", "edge"] {
        let client = raw(&server, role).await;
        client.publish("eph.conv.c-1", role.into()).await.expect("the library sends it");
        client.flush().await.expect("flushed");
    }
    let heard = soon(followed.next()).await;
    assert_eq!(
        heard,
        Some(ChannelEvent::Ephemeral(Bytes::from_static(b"edge"))),
        "the first that came through"
    );
    tokio::time::timeout(NEVER, followed.next()).await.expect_err("and nothing else");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edge_administers_no_stream_and_reads_no_queue() {
    let (server, edge, worker) = hub().await;
    publish(&edge.log(), &channel("conv.c-1"), "stays").await;
    edge.log().purge(&channel("conv.c-1")).await.expect_err("purging is not an edge's");
    edge.work().consumer().await.expect_err("nor taking commands");
    edge.presence().watch_agents().await.expect_err("nor reading presence");
    edge.dead_letters().count().await.expect_err("nor the dead letters");
    edge.timers().schedule(&tenant(), "t-1", 1, Bytes::new()).await.expect_err("nor setting timers");
    edge.read_events(EventStream::Messages, "spy").await.expect_err("nor the events");
    let mut forbidden = vec![publish_feed(&edge).await];
    let client = raw(&server, "edge").await;
    for verb in ["CREATE", "UPDATE", "DELETE", "PURGE", "SNAPSHOT", "RESTORE"] {
        forbidden.push(asks(&client, &format!("$JS.API.STREAM.{verb}.CONV_0")).await);
    }
    forbidden.push(asks(&client, "$JS.API.STREAM.MSG.GET.WORK").await);
    assert!(forbidden.iter().all(|done| !done), "{forbidden:?}");
    assert!(edge.log().head(&channel("conv.c-1")).await.expect("a head") > 0);
    // What others are told stays theirs.
    for subject in ["_INBOX.worker.>", "_INBOX.>", "work.>", "receipt.>", ">"] {
        let mut spying = client.subscribe(subject).await.expect("the library sends it");
        client.flush().await.expect("flushed");
        worker.rtt().await.expect("a worker talks to itself");
        assert!(matches!(tokio::time::timeout(NEVER, spying.next()).await, Err(_) | Ok(None)), "{subject}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_is_no_client_and_makes_no_stream() {
    let (server, _edge, worker) = hub().await;
    let key =
        PresenceKey { kind: PresenceKind::Agent, tenant: tenant(), user: user("ann"), node: "x".into() };
    let renewal = Renewal { key, ttl: Duration::from_secs(30), fresh: true };
    worker.presence().renew(&renewal).await.expect_err("who is there is for edges to say");
    worker.use_up(&tenant(), "w-1", Duration::from_secs(9)).await.expect_err("so is who logs in");
    let changed = BusSettings { log_retention: Duration::from_hours(1), ..as_user(&server, "worker", "w-2") };
    let changed = Bus::connect(changed).await.expect("connected");
    changed.ensure_topology().await.expect_err("streams are the operator's");
    let client = raw(&server, "worker").await;
    for subject in
        ["$JS.API.STREAM.DELETE.CONV_0", "$JS.API.STREAM.PURGE.WORK", "$JS.API.CONSUMER.DELETE.WORK.workers"]
    {
        assert!(!asks(&client, subject).await, "{subject}");
    }
    let client = raw(&server, "metrics").await;
    assert!(asks(&client, "$JS.API.STREAM.INFO.WORK").await, "whoever watches may look");
    assert!(!asks(&client, "$JS.API.STREAM.MSG.GET.CONV_0").await, "but not read");
    let wrong = BusSettings { password: Some("guessed".to_owned().into()), ..as_user(&server, "edge", "e") };
    Bus::connect(wrong).await.expect_err("a wrong password");
    Bus::connect(settings(&server)).await.expect_err("no password");
}

async fn publish_feed(bus: &Bus) -> bool {
    let (feed, tenant) = (channel("feed.desk.acme"), tenant());
    let entry = confab_bus::LogEntry {
        channel: &feed,
        tenant: &tenant,
        message_id: "forged",
        payload: Bytes::new(),
        customer: None,
    };
    match bus.log().publish(entry).await {
        Ok(pending) => pending.await.is_ok(),
        Err(_) => false,
    }
}

/// Whether the server answers a request at all.
async fn asks(client: &async_nats::Client, subject: &str) -> bool {
    let request = async_nats::Request::new().payload("{}".into()).timeout(Some(NEVER));
    client.send_request(subject.to_owned(), request).await.is_ok()
}
