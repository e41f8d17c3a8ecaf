//! A scripted hub: takes connections one by one, says what a test tells it to, and decides nothing by itself.

use confab_protocol::frame::{Delivery, JoinedFrame, WelcomeFrame};
use confab_protocol::{Author, Body, Channel, ClientFrame, Codec, Entry, Role, ServerFrame};
use futures::{SinkExt as _, StreamExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

pub(crate) struct FakeHub {
    listener: TcpListener,
}

impl FakeHub {
    pub(crate) async fn start() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.expect("a free port") }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.listener.local_addr().expect("an address"))
    }

    /// The next connection, before its hello.
    #[expect(clippy::result_large_err, reason = "the library's callback has this type")]
    pub(crate) async fn accept(&self) -> FakeLink {
        let (stream, _) = self.listener.accept().await.expect("a connection");
        let with_protocol = |request: &Request, mut response: Response| {
            let protocol = request.headers()["sec-websocket-protocol"].clone();
            response.headers_mut().insert("sec-websocket-protocol", protocol);
            Ok(response)
        };
        FakeLink { socket: accept_hdr_async(stream, with_protocol).await.expect("a handshake") }
    }

    /// The next connection, welcomed.
    pub(crate) async fn welcome(&self) -> FakeLink {
        let mut link = self.accept().await;
        assert!(matches!(link.next().await, ClientFrame::Hello { .. }));
        link.say(ServerFrame::Welcome(WelcomeFrame {
            protocol: 1,
            session: "s".into(),
            node: "fake".into(),
            user_id: "mohan".parse().expect("an id or a channel"),
            name: "Mohan".into(),
            role: Role::Customer,
            tenant: "acme".parse().expect("an id or a channel"),
            feed: "feed.user.acme.mohan".parse().expect("an id or a channel"),
            desk: None,
            now: 1000,
            expires_at: 9_000_000,
            heartbeat_ms: 60_000,
            max_frame_bytes: 65_536,
            max_message_chars: 8000,
        }))
        .await;
        link
    }
}

pub(crate) struct FakeLink {
    socket: WebSocketStream<TcpStream>,
}

impl FakeLink {
    /// The client's next frame; receipts are skipped, for they come whenever they come.
    pub(crate) async fn next(&mut self) -> ClientFrame {
        loop {
            let message = self.socket.next().await.expect("a message").expect("an unbroken connection");
            let Message::Binary(bytes) = message else { continue };
            let frame = Codec::MessagePack.decode_client(&bytes).expect("a frame");
            if !matches!(frame, ClientFrame::Receipt { .. }) {
                return frame;
            }
        }
    }

    pub(crate) async fn say(&mut self, frame: ServerFrame) {
        let bytes = Codec::MessagePack.encode_server(&frame);
        self.socket.send(Message::Binary(bytes.into())).await.expect("an unbroken connection");
    }

    /// Takes the client's join and answers it; returns the position it asked for.
    pub(crate) async fn join(&mut self, head: u64) -> (Option<u64>, Option<String>) {
        let frame = self.next().await;
        let ClientFrame::Join { reference, channel, after, epoch } = frame else {
            panic!("{frame:?} is no join")
        };
        self.say(ServerFrame::Joined(JoinedFrame {
            reference,
            channel,
            epoch: "e1".into(),
            head,
            receipts: Vec::new(),
            members: Vec::new(),
        }))
        .await;
        (after, epoch)
    }

    pub(crate) async fn entry(&mut self, seq: u64, prev: u64) {
        let entry = Entry {
            id: format!("m-{seq}"),
            author: Author::system(),
            at: 0,
            body: Body::Text { text: format!("entry {seq}") },
        };
        self.say(ServerFrame::Entry(Delivery { channel: channel(), seq, prev, entry })).await;
    }
}

pub(crate) fn channel() -> Channel {
    "conv.c".parse().expect("an id or a channel")
}
