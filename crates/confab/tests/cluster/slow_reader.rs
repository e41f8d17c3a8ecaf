//! A client that reads too slowly is cut off with a code of its own; nobody else feels it, and it resumes without loss.

use std::time::{Duration, Instant};

use confab_protocol::{Channel, ClientFrame, CloseCode, Codec, PROTOCOL_VERSION, ServerFrame};
use confab_testhub::cluster::Cluster;
use confab_testhub::people::Staff;
use confab_testhub::person::{Device, Person};
use confab_testkit::wait;
use futures::{SinkExt as _, StreamExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{WebSocketStream, client_async};

/// Frames that may wait for a client.
const OUTBOX: usize = 32;
/// Messages of the flood, and their length: more than the kernel buffers and the outbox hold together.
const MESSAGES: usize = 900;
const CHARACTERS: usize = 8000;
/// Nobody who reads waits longer for a message.
const UNFELT: Duration = Duration::from_secs(2);

/// A WebSocket of which nothing is read unless somebody asks, and the kernel keeps little.
struct Reluctant {
    socket: WebSocketStream<TcpStream>,
    seen: Vec<u64>,
    epoch: String,
}

impl Reluctant {
    async fn join(url: &str, staff: &Staff, channel: &Channel, after: Option<(u64, String)>) -> Self {
        let address = url.strip_prefix("http://").expect("a URL").parse().expect("an address");
        let tcp = TcpSocket::new_v4().expect("a socket");
        tcp.set_recv_buffer_size(8 * 1024).expect("a small buffer");
        let stream = tcp.connect(address).await.expect("the edge is there");
        let mut request = format!("ws://{address}/ws").into_client_request().expect("a request");
        let protocol = HeaderValue::from_static(Codec::Json.subprotocol());
        request.headers_mut().insert("sec-websocket-protocol", protocol);
        let (socket, _) = client_async(request, stream).await.expect("the hub upgrades");
        let mut reader = Self { socket, seen: Vec::new(), epoch: String::new() };
        let token = staff.token.clone();
        reader.say(&ClientFrame::Hello { token, protocol: PROTOCOL_VERSION, client: None }).await;
        let (after, epoch) = after.map_or((Some(0), None), |(seq, epoch)| (Some(seq), Some(epoch)));
        reader.say(&ClientFrame::Join { reference: 1, channel: channel.clone(), after, epoch }).await;
        while reader.epoch.is_empty() {
            assert_eq!(reader.read().await, None, "the hub closed at once");
        }
        reader
    }

    async fn say(&mut self, frame: &ClientFrame) {
        let text = String::from_utf8(Codec::Json.encode_client(frame)).expect("JSON is UTF-8");
        self.socket.send(Message::Text(text.into())).await.expect("the frame goes out");
    }

    /// Reads one message. Answers with the close code when it was the last; 0 when the connection broke.
    async fn read(&mut self) -> Option<u16> {
        match tokio::time::timeout(wait::SOON, self.socket.next()).await.expect("something comes") {
            Some(Ok(Message::Text(text))) => {
                match Codec::Json.decode_server(text.as_bytes()).expect("a frame") {
                    ServerFrame::Joined(joined) => self.epoch = joined.epoch,
                    ServerFrame::Entry(delivery) => self.seen.push(delivery.seq),
                    ServerFrame::Error { message, .. } => panic!("the hub refuses: {message}"),
                    _ => {}
                }
                None
            }
            Some(Ok(Message::Close(frame))) => Some(frame.map_or(0, |frame| frame.code.into())),
            Some(Ok(_)) => None,
            Some(Err(_)) | None => Some(0),
        }
    }
}

async fn cluster() -> Cluster {
    Cluster::builder()
        .set("session.outbox_frames", OUTBOX)
        .set("session.write_timeout_ms", 5000)
        .set("limits.sends_per_second", 100_000)
        .set("limits.sends_burst", 100_000)
        .start()
        .await
}

/// Whether an outbox has run over.
async fn has_run_over(cluster: &Cluster) -> bool {
    let metrics = cluster.http(0).text("/metrics").await.unwrap_or_default();
    metrics.lines().any(|line| line.starts_with("confab_evictions_total{") && !line.ends_with(" 0"))
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stops_reading_is_cut_off_and_resumes_while_others_feel_nothing() {
    let cluster = cluster().await;
    let tenant = cluster.tenant();
    let ann = tenant.agent("Ann", 3).await;
    let ben = tenant.agent("Ben", 0).await;
    let mut ann = Person::agent(&ann, &tenant.id, Device::at(cluster.url(0))).await;
    let (mut mohan, chat) = Person::customer("Mohan", "Help", &tenant.id, Device::at(cluster.url(0))).await;
    ann.is_given(&chat).await;
    ann.joins(&chat.channel()).await;
    let mut watcher = Reluctant::join(cluster.url(0), &ben, &chat.channel(), None).await;
    while watcher.seen.is_empty() {
        assert_eq!(watcher.read().await, None);
    }

    let mut slowest = Duration::ZERO;
    for number in 0..MESSAGES {
        let text = format!("{number} {}", "x".repeat(CHARACTERS - 10));
        let begun = Instant::now();
        mohan.says_for_certain(&chat.channel(), &text).await;
        ann.hears(&text).await;
        slowest = slowest.max(begun.elapsed());
    }
    assert!(slowest < UNFELT, "a reader's slowness held others up for {slowest:?}");
    wait::until("the slow reader cut off", wait::SOON, || has_run_over(&cluster)).await;

    // What the kernel kept is still read, in order; then comes the end, with its code unless the line was too full for it.
    let code = loop {
        if let Some(code) = watcher.read().await {
            break code;
        }
    };
    assert!([0, CloseCode::Slow.number()].contains(&code), "closed with {code}");
    let last = *watcher.seen.last().expect("it has read something");
    assert!(watcher.seen.len() < MESSAGES, "the reader got everything, so it was not slow");
    let (mut seen, epoch) = (watcher.seen, watcher.epoch);
    let mut again = Reluctant::join(cluster.url(0), &ben, &chat.channel(), Some((last, epoch))).await;
    let end = mohan.says_for_certain(&chat.channel(), "That is all").await;
    while again.seen.last() != Some(&end) {
        assert_eq!(again.read().await, None, "a reader who reads was cut off");
    }
    seen.extend(again.seen);
    ann.hears("That is all").await;
    let all: Vec<u64> = ann
        .entries()
        .iter()
        .filter(|delivery| delivery.channel == chat.channel())
        .map(|delivery| delivery.seq)
        .collect();
    assert_eq!(seen, all, "the slow reader has a gap, a repetition, or another order");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_falls_behind_and_reads_on_is_told_why() {
    let cluster = cluster().await;
    let tenant = cluster.tenant();
    let ben = tenant.agent("Ben", 0).await;
    let (mut mohan, chat) = Person::customer("Mohan", "Help", &tenant.id, Device::at(cluster.url(0))).await;
    mohan.hears("Help").await;
    let mut watcher = Reluctant::join(cluster.url(0), &ben, &chat.channel(), None).await;
    let mut ids = Vec::new();
    for number in 0..MESSAGES {
        let text = format!("{number} {}", "x".repeat(CHARACTERS - 10));
        ids.push(mohan.says(&chat.channel(), &text).await);
    }
    wait::until("the outbox run over", wait::SOON, || has_run_over(&cluster)).await;
    let code = loop {
        if let Some(code) = watcher.read().await {
            break code;
        }
    };
    assert_eq!(code, CloseCode::Slow.number());
    for id in ids {
        mohan.is_told_that_it_is_stored(&id).await;
    }
}
