//! A client that was offline for longer than the bus remembers messages sends its outbox again: no second copy.

use std::time::Duration;

use confab_client::{Connection, ConnectionEvents, ConnectionSender, HttpClient};
use confab_protocol::{Channel, ClientFrame, ClientId, Codec, ServerFrame};
use confab_testhub::cluster::Cluster;
use confab_testhub::person::{Chat, start_request};
use confab_testhub::recorder::Recorder;
use confab_testkit::wait::{self, SOON};
use tokio::time::timeout;

/// For how long the bus knows a message by itself.
const WINDOW: Duration = Duration::from_secs(2);

/// A connection that has joined one channel.
struct Link {
    sender: ConnectionSender,
    events: ConnectionEvents,
    channel: Channel,
}

impl Link {
    /// Connects and joins for what is new. Answers with the channel's head, too.
    async fn open(http: &HttpClient, channel: &Channel) -> (Self, u64) {
        let token = http.token().expect("a token");
        let connected = Connection::connect(&http.websocket_url(), token, Codec::MessagePack).await;
        let (sender, events) = connected.expect("the hub says welcome");
        let mut link = Self { sender, events, channel: channel.clone() };
        let join = ClientFrame::Join { reference: 1, channel: channel.clone(), after: None, epoch: None };
        link.sender.send(&join).await.expect("the join goes out");
        let head = link
            .find(|frame| match frame {
                ServerFrame::Joined(joined) => Some(joined.head),
                _ => None,
            })
            .await;
        (link, head)
    }

    async fn send(&self, id: &ClientId, text: &str, known: Option<u64>) {
        let (channel, client_id) = (self.channel.clone(), id.clone());
        let frame = ClientFrame::Send { channel, client_id, text: text.to_owned(), known };
        self.sender.send(&frame).await.expect("the message goes out");
    }

    /// Waits for the acknowledgement of a message: its sequence, and whether the hub had it before.
    async fn ack(&mut self, id: &ClientId) -> (u64, bool) {
        self.find(|frame| match frame {
            ServerFrame::Ack { client_id, seq, duplicate, .. } if client_id == *id => Some((seq, duplicate)),
            ServerFrame::Nack { client_id, message, .. } if client_id == *id => panic!("refused: {message}"),
            _ => None,
        })
        .await
    }

    async fn find<T>(&mut self, mut pick: impl FnMut(ServerFrame) -> Option<T>) -> T {
        let search = async {
            loop {
                if let Some(found) = pick(self.events.next_frame().await.expect("the connection holds")) {
                    return found;
                }
            }
        };
        timeout(SOON, search).await.expect("the hub answers")
    }
}

/// Begins a conversation. Answers with it and its customer's way to the hub.
async fn begin(cluster: &Cluster) -> (Chat, HttpClient) {
    let request = start_request("Mohan", "My payment is stuck", &cluster.tenant().id);
    let started = cluster.http(0).start(&request).await.expect("the conversation begins");
    (Chat::of(&started), cluster.http(0).with_token(&started.token))
}

async fn count_in_log(cluster: &Cluster, chat: &Chat) {
    let recorder = Recorder::default();
    recorder.read_log(cluster.bus(), std::slice::from_ref(&chat.id)).await;
    recorder.assert_kept();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resend_beyond_the_window_gets_the_first_sequence() {
    let cluster = Cluster::builder().set("nats.duplicate_window_seconds", WINDOW.as_secs()).start().await;
    let (chat, http) = begin(&cluster).await;
    let ids: Vec<ClientId> = (1..=3).map(|number| format!("m-{number}").parse().expect("an id")).collect();

    let (mut link, known) = Link::open(&http, &chat.channel()).await;
    let mut first = Vec::new();
    for id in &ids {
        link.send(id, "Are you there?", None).await;
        first.push(link.ack(id).await.0);
    }
    // Within the window the bus itself knows the message, with or without a word from the client.
    link.send(&ids[0], "Are you there?", None).await;
    assert_eq!(link.ack(&ids[0]).await, (first[0], true));
    drop(link);

    tokio::time::sleep(WINDOW * 2).await;
    let (mut link, _) = Link::open(&http, &chat.channel()).await;
    for (id, seq) in ids.iter().zip(&first) {
        link.send(id, "Are you there?", Some(known)).await;
        assert_eq!(link.ack(id).await, (*seq, true));
    }
    let new: ClientId = "m-4".parse().expect("an id");
    link.send(&new, "Hello?", Some(known)).await;
    let (seq, duplicate) = link.ack(&new).await;
    assert!(seq > first[2] && !duplicate, "a message that never arrived is a new one");
    count_in_log(&cluster, &chat).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_log_no_longer_holds_is_found_in_the_database() {
    let cluster = Cluster::builder()
        .set("nats.duplicate_window_seconds", WINDOW.as_secs())
        .set("nats.shards", 1)
        .set("nats.log_max_bytes", 256 * 1024)
        .set("limits.sends_per_second", 100_000)
        .set("limits.sends_burst", 100_000)
        .start()
        .await;
    let (chat, http) = begin(&cluster).await;
    let id: ClientId = "m-1".parse().expect("an id");
    let (mut link, known) = Link::open(&http, &chat.channel()).await;
    link.send(&id, "Are you there?", None).await;
    let (first, _) = link.ack(&id).await;
    drop(link);

    wait::until("the database has it and how the conversation began", SOON, || async {
        let found = cluster.tenant().store.count_entries(&chat.id).await;
        found.is_ok_and(|entries| entries >= 4)
    })
    .await;

    // Another conversation pushes everything of this one out of the log.
    let (other, others) = begin(&cluster).await;
    let (mut link, _) = Link::open(&others, &other.channel()).await;
    for number in 0..100 {
        let id: ClientId = format!("n-{number}").parse().expect("an id");
        link.send(&id, &"x".repeat(7000), None).await;
        link.ack(&id).await;
    }
    wait::until("the log is trimmed", SOON, || async {
        cluster.bus().log().head(&chat.channel()).await.is_ok_and(|head| head == 0)
    })
    .await;
    tokio::time::sleep(WINDOW * 2).await;

    let (mut link, _) = Link::open(&http, &chat.channel()).await;
    link.send(&id, "Are you there?", Some(known)).await;
    assert_eq!(link.ack(&id).await, (first, true));
    let history = http.history(&chat.id, None, None).await.expect("the history is read");
    let copies = history.items.iter().filter(|item| item.entry.id == id.as_str()).count();
    assert_eq!(copies, 1, "{history:#?}");
}
