//! Whatever a client sends, it gets the code that says what was wrong, and neither the node nor anybody else is harmed.

use std::time::Duration;

use confab_auth::{Lifetimes, Subject, Tokens};
use confab_client::{
    ClientError, Connection, ConnectionEvent, ConnectionEvents, ConnectionSender, HttpClient, RawMessage,
    TransferTo, new_client_id,
};
use confab_domain::{Clock, TenantSettings};
use confab_protocol::api::{Availability, AvailabilityRequest, SendRequest};
use confab_protocol::{
    Body, Channel, ClientFrame, CloseCode, Codec, ErrorCode, PROTOCOL_VERSION, Role, ServerFrame, TenantId,
    UserId,
};
use confab_testhub::cluster::Cluster;
use confab_testhub::people::{ISSUER, SIGNING_KEY, Staff, Tenant};
use confab_testhub::person::{Chat, Device, Person, start_request};
use confab_testkit::wait::SOON;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

const MAX_FRAME: usize = 4096;
const MAX_ROOMS: usize = 8;

/// A hub with small limits, somebody who behaves, and what is needed to misbehave.
struct Scene {
    cluster: Cluster,
    ann: Staff,
    good: Person,
    chat: Chat,
    customer_token: String,
}

impl Scene {
    async fn set() -> Self {
        let cluster = Cluster::builder()
            .set("limits.max_frame_bytes", MAX_FRAME)
            .set("limits.max_message_chars", 500)
            .set("limits.sends_per_second", 5)
            .set("limits.sends_burst", 10)
            .set("limits.max_body_bytes", 8192)
            .set("session.max_rooms", MAX_ROOMS)
            .set("session.hello_timeout_ms", 700)
            .set("session.heartbeat_seconds", 1)
            .set("session.idle_timeout_seconds", 2)
            .start()
            .await;
        let tenant = cluster.tenant();
        let ann = tenant.agent("Ann", 5).await;
        let request = start_request("Mohan", "Help", &tenant.id);
        let started = cluster.http(0).start(&request).await.expect("the conversation begins");
        let mut good = Person::agent(&ann, &tenant.id, Device::at(cluster.url(0))).await;
        let chat = Chat::of(&started);
        good.is_given(&chat).await;
        good.joins(&chat.channel()).await;
        Self { cluster, ann, good, chat, customer_token: started.token }
    }

    fn http(&self, token: &str) -> HttpClient {
        self.cluster.http(0).with_token(token)
    }

    /// A connection that has said nothing.
    async fn open(&self, codec: Codec) -> Link {
        let url = self.cluster.http(0).websocket_url();
        let (sender, events) = Connection::open(&url, codec).await.expect("the hub upgrades");
        Link { sender, events }
    }

    /// A connection of the customer's that has said hello.
    async fn customer(&self, codec: Codec) -> Link {
        self.connect(&self.customer_token, codec).await
    }

    async fn connect(&self, token: &str, codec: Codec) -> Link {
        let url = self.cluster.http(0).websocket_url();
        let (sender, events) = Connection::connect(&url, token, codec).await.expect("the hub says welcome");
        Link { sender, events }
    }

    /// The node works, and somebody else's connection too.
    async fn is_unharmed(&mut self) {
        let ready = self.cluster.http(0).text("/health/ready").await;
        assert!(ready.is_ok(), "the node is not ready any more: {ready:?}");
        let text = format!("all is well {}", new_client_id());
        self.good.says(&self.chat.channel(), &text).await;
        self.good.hears(&text).await;
        assert!(self.cluster.edges[0].process.is_running());
        let log = self.cluster.edges[0].process.log();
        assert!(!log.contains("panicked"), "the edge panicked: {log}");
    }
}

/// One connection of somebody who misbehaves.
struct Link {
    sender: ConnectionSender,
    events: ConnectionEvents,
}

impl Link {
    async fn say(&self, frame: &ClientFrame) {
        self.sender.send(frame).await.expect("the frame goes out");
    }

    async fn join(&self, channel: &Channel, after: Option<u64>, epoch: Option<&str>) {
        let epoch = epoch.map(str::to_owned);
        self.say(&ClientFrame::Join { reference: 9, channel: channel.clone(), after, epoch }).await;
    }

    /// Sends bytes as they are; a hub that has closed already may no longer take them.
    async fn throw(&self, message: RawMessage) {
        drop(self.sender.send_raw(message).await);
    }

    /// The code of the next error, leaving out everything else.
    async fn is_refused(&mut self) -> ErrorCode {
        self.find(|event| match event {
            ConnectionEvent::Frame(frame) => match *frame {
                ServerFrame::Error { code, .. } | ServerFrame::Nack { code, .. } => Some(code),
                _ => None,
            },
            ConnectionEvent::Closed { code, reason } => panic!("closed instead: {reason} ({code:?})"),
            ConnectionEvent::Unreadable { .. } => None,
        })
        .await
    }

    /// The close code, leaving out everything before.
    async fn is_closed(&mut self) -> Option<u16> {
        self.find(|event| match event {
            ConnectionEvent::Closed { code, .. } => Some(code),
            _ => None,
        })
        .await
    }

    async fn is_closed_with(&mut self, code: CloseCode) {
        assert_eq!(self.is_closed().await, Some(code.number()));
    }

    /// Waits until the hub answers a ping: the connection goes on.
    async fn goes_on(&mut self) {
        self.say(&ClientFrame::Ping { n: 77 }).await;
        self.find(|event| match event {
            ConnectionEvent::Frame(frame) => (*frame == ServerFrame::Pong { n: 77 }).then_some(()),
            ConnectionEvent::Closed { code, reason } => panic!("closed: {reason} ({code:?})"),
            ConnectionEvent::Unreadable { .. } => None,
        })
        .await;
    }

    async fn find<T>(&mut self, mut pick: impl FnMut(ConnectionEvent) -> Option<T>) -> T {
        let search = async {
            loop {
                let event = self.events.next().await.expect("the end comes once");
                if let Some(found) = pick(event) {
                    return found;
                }
            }
        };
        timeout(SOON, search).await.expect("the hub answers")
    }
}

fn fragment(payload: Vec<u8>, opcode: Data, last: bool) -> RawMessage {
    RawMessage::Frame(Frame::message(payload, OpCode::Data(opcode), last))
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_that_are_none_end_the_connection_with_their_code() {
    let mut scene = Scene::set().await;
    for codec in Codec::ALL {
        let mut oversized = scene.customer(codec).await;
        drop(oversized.sender.send_bytes(vec![b' '; MAX_FRAME + 1]).await);
        oversized.is_closed_with(CloseCode::TooLarge).await;

        let garbage: &[u8] = if codec == Codec::Json { b"{\"t\":\"join\"" } else { b"\xc1\xff\x00" };
        let mut malformed = scene.customer(codec).await;
        drop(malformed.sender.send_bytes(garbage.to_vec()).await);
        assert_eq!(malformed.is_refused().await, ErrorCode::Malformed);
        malformed.is_closed_with(CloseCode::Malformed).await;

        let mut wrong_kind = scene.customer(codec).await;
        match codec {
            Codec::Json => wrong_kind.throw(RawMessage::Binary(b"{}".to_vec().into())).await,
            Codec::MessagePack => wrong_kind.throw(RawMessage::Text("{}".into())).await,
        }
        wrong_kind.is_closed_with(CloseCode::Malformed).await;
        scene.is_unharmed().await;
    }
    let mut deep = scene.customer(Codec::Json).await;
    drop(deep.sender.send_bytes(vec![b'['; MAX_FRAME - 10]).await);
    deep.is_closed_with(CloseCode::Malformed).await;
    let mut deep = scene.customer(Codec::MessagePack).await;
    drop(deep.sender.send_bytes(vec![0x91; MAX_FRAME - 10]).await);
    deep.is_closed_with(CloseCode::Malformed).await;
    scene.is_unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fragments_are_put_together_within_bounds() {
    let mut scene = Scene::set().await;
    let mut polite = scene.customer(Codec::Json).await;
    polite.throw(fragment(b"{\"t\":\"pi".to_vec(), Data::Text, false)).await;
    polite.throw(fragment(b"ng\",\"n\":77}".to_vec(), Data::Continue, true)).await;
    polite.goes_on().await;

    let mut large = scene.customer(Codec::Json).await;
    large.throw(fragment(vec![b' '; 3000], Data::Text, false)).await;
    large.throw(fragment(vec![b' '; 3000], Data::Continue, false)).await;
    large.is_closed_with(CloseCode::TooLarge).await;

    let mut many = scene.customer(Codec::Json).await;
    many.throw(fragment(vec![b' '], Data::Text, false)).await;
    for _ in 0..100 {
        many.throw(fragment(vec![b' '], Data::Continue, false)).await;
    }
    many.is_closed_with(CloseCode::Malformed).await;

    let mut orphan = scene.customer(Codec::Json).await;
    orphan.throw(fragment(b"{}".to_vec(), Data::Continue, true)).await;
    orphan.is_closed_with(CloseCode::Malformed).await;

    let mut interrupted = scene.customer(Codec::Json).await;
    interrupted.throw(fragment(b"{".to_vec(), Data::Text, false)).await;
    interrupted.throw(fragment(b"{}".to_vec(), Data::Text, true)).await;
    interrupted.is_closed_with(CloseCode::Malformed).await;
    scene.is_unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_out_of_turn_and_unknown_ones_are_told_apart() {
    let mut scene = Scene::set().await;
    let mut rash = scene.open(Codec::Json).await;
    rash.join(&scene.chat.channel(), None, None).await;
    assert_eq!(rash.is_refused().await, ErrorCode::OutOfTurn);
    rash.is_closed_with(CloseCode::OutOfTurn).await;

    let hello = |protocol| ClientFrame::Hello { token: scene.customer_token.clone(), protocol, client: None };
    let mut twice = scene.customer(Codec::MessagePack).await;
    twice.say(&hello(PROTOCOL_VERSION)).await;
    assert_eq!(twice.is_refused().await, ErrorCode::OutOfTurn);
    twice.is_closed_with(CloseCode::OutOfTurn).await;

    let mut futuristic = scene.open(Codec::Json).await;
    futuristic.say(&hello(PROTOCOL_VERSION + 1)).await;
    assert_eq!(futuristic.is_refused().await, ErrorCode::UnsupportedVersion);
    futuristic.is_closed_with(CloseCode::UnsupportedVersion).await;

    let mut mute = scene.open(Codec::Json).await;
    mute.is_closed_with(CloseCode::HelloTimeout).await;
    let mut silent = scene.customer(Codec::Json).await;
    silent.is_closed_with(CloseCode::IdleTimeout).await;

    let mut unknown = scene.customer(Codec::Json).await;
    unknown.sender.send_text("{\"t\":\"dance\"}").await.expect("it goes out");
    assert_eq!(unknown.is_refused().await, ErrorCode::UnknownFrame);
    unknown.goes_on().await;
    scene.is_unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn channels_of_others_stay_closed() {
    let mut scene = Scene::set().await;
    let tenant = scene.cluster.tenant().clone();
    let other = Tenant::create(scene.cluster.store(), "globex", TenantSettings::default()).await;
    let eve = other.agent("Eve", 5).await;
    let theirs = start_request("Rhea", "Mine", &tenant.id);
    let theirs = Chat::of(&scene.cluster.http(0).start(&theirs).await.expect("the conversation begins"));

    let mut customer = scene.customer(Codec::MessagePack).await;
    for (channel, code) in [
        (theirs.channel(), ErrorCode::NotFound),
        (Channel::Conversation("no-such-one".parse().expect("an id")), ErrorCode::NotFound),
        (scene.chat.notes(), ErrorCode::Forbidden),
        (Channel::DeskFeed(tenant.id.clone()), ErrorCode::Forbidden),
        (Channel::UserFeed(tenant.id.clone(), scene.ann.id.clone()), ErrorCode::Forbidden),
    ] {
        customer.join(&channel, None, None).await;
        let told = customer.is_refused().await;
        assert!(told == code || told == ErrorCode::NotFound, "{channel}: {told:?}");
    }
    let mut stranger = scene.connect(&eve.token, Codec::MessagePack).await;
    for channel in [scene.chat.channel(), scene.chat.notes(), Channel::DeskFeed(tenant.id.clone())] {
        stranger.join(&channel, None, None).await;
        let told = stranger.is_refused().await;
        assert!([ErrorCode::NotFound, ErrorCode::Forbidden].contains(&told), "{channel}: {told:?}");
    }
    let http = scene.http(&eve.token);
    let message = SendRequest { client_id: new_client_id(), text: "Hi".into(), note: false, known: None };
    for answer in [
        http.conversation(&scene.chat.id).await.map(drop),
        http.history(&scene.chat.id, None, None).await.map(drop),
        http.send(&scene.chat.id, &message).await.map(drop),
        http.accept(&scene.chat.id).await.map(drop),
        http.close(&scene.chat.id).await.map(drop),
    ] {
        assert_eq!(answer.expect_err("another tenant's").code(), Some(ErrorCode::NotFound));
    }

    let (channel, client_id) = (scene.chat.channel(), new_client_id());
    customer.say(&ClientFrame::Send { channel, client_id, text: "Hi".into(), known: None }).await;
    assert_eq!(customer.is_refused().await, ErrorCode::NotJoined);
    customer.join(&scene.chat.channel(), Some(5), None).await;
    assert_eq!(customer.is_refused().await, ErrorCode::Invalid);
    customer.join(&scene.chat.channel(), Some(5), Some("another-log")).await;
    customer
        .find(|event| match event {
            ConnectionEvent::Frame(frame) => matches!(*frame, ServerFrame::Resync { .. }).then_some(()),
            _ => None,
        })
        .await;

    let mut greedy = scene.connect(&scene.ann.token, Codec::MessagePack).await;
    for number in 0..=MAX_ROOMS {
        let request = start_request(&format!("Customer {number}"), "Help", &tenant.id);
        let chat = Chat::of(&scene.cluster.http(0).start(&request).await.expect("the conversation begins"));
        scene
            .good
            .sees_entry("the desk's notice", |body| match body {
                Body::ConversationChanged { conversation } => (conversation.id == chat.id).then_some(()),
                _ => None,
            })
            .await;
        greedy.join(&chat.channel(), Some(0), None).await;
        greedy.find(|event| joined_or_full(&event, number)).await;
    }
    greedy.goes_on().await;
    scene.is_unharmed().await;
}

/// The first rooms are joined, the last is one too many.
fn joined_or_full(event: &ConnectionEvent, number: usize) -> Option<()> {
    let ConnectionEvent::Frame(frame) = event else { return None };
    match &**frame {
        ServerFrame::Joined(_) => {
            let _: () = assert!(number < MAX_ROOMS, "one room too many was joined");
            Some(())
        }
        ServerFrame::Error { code, .. } => {
            assert_eq!((*code, number), (ErrorCode::TooManyRooms, MAX_ROOMS));
            Some(())
        }
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_are_none_are_refused_everywhere() {
    let mut scene = Scene::set().await;
    let now = Clock::system().now() / 1000;
    let subject = |tenant: &TenantId| Subject {
        user: scene.ann.id.clone(),
        tenant: tenant.clone(),
        role: Role::Admin,
        name: "Ann".into(),
    };
    let lifetimes = Lifetimes { access_seconds: 60, refresh_seconds: 60, customer_seconds: 60 };
    let issue = |key: &str, issuer: &str, at: u64| {
        let tokens = Tokens::new(key.as_bytes(), issuer, lifetimes).expect("the key is long enough");
        tokens.issue_access(&subject(&scene.cluster.tenant().id), at).expect("issued").token
    };
    let good = issue(SIGNING_KEY, ISSUER, now);
    let signature = good.rsplit_once('.').expect("three parts").1;
    let payload = good.split('.').nth(1).expect("three parts");
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
    let refresh = Tokens::new(SIGNING_KEY.as_bytes(), ISSUER, lifetimes).expect("the key is long enough");
    let refresh = refresh.issue_refresh(&subject(&scene.cluster.tenant().id), now).expect("issued").token;
    for (what, token, code, close) in [
        ("expired", issue(SIGNING_KEY, ISSUER, now - 3600), ErrorCode::TokenExpired, CloseCode::TokenExpired),
        (
            "of another key",
            issue(&"k".repeat(40), ISSUER, now),
            ErrorCode::Unauthenticated,
            CloseCode::Unauthenticated,
        ),
        (
            "of another hub",
            issue(SIGNING_KEY, "elsewhere", now),
            ErrorCode::Unauthenticated,
            CloseCode::Unauthenticated,
        ),
        (
            "without a signature",
            format!("{none}.{payload}."),
            ErrorCode::Unauthenticated,
            CloseCode::Unauthenticated,
        ),
        (
            "with a foreign one",
            format!("{none}.{payload}.{signature}"),
            ErrorCode::Unauthenticated,
            CloseCode::Unauthenticated,
        ),
        ("for renewal", refresh, ErrorCode::Unauthenticated, CloseCode::Unauthenticated),
        ("no token", "nonsense".to_owned(), ErrorCode::Unauthenticated, CloseCode::Unauthenticated),
    ] {
        let mut link = scene.open(Codec::Json).await;
        link.say(&ClientFrame::Hello { token: token.clone(), protocol: PROTOCOL_VERSION, client: None })
            .await;
        assert_eq!(link.is_refused().await, code, "a token {what}");
        link.is_closed_with(close).await;
        let answer = scene.http(&token).queue().await.expect_err("no queue for this token");
        assert_eq!(answer.code(), Some(code), "a token {what}");
    }
    let mut link = scene.customer(Codec::Json).await;
    link.say(&ClientFrame::Renew { token: good }).await;
    assert_eq!(link.is_refused().await, ErrorCode::Forbidden, "somebody else's token");

    let short = Lifetimes { access_seconds: 2, ..lifetimes };
    let short = Tokens::new(SIGNING_KEY.as_bytes(), ISSUER, short).expect("the key is long enough");
    let brief = short.issue_access(&subject(&scene.cluster.tenant().id), Clock::system().now() / 1000);
    let mut link = scene.connect(&brief.expect("issued").token, Codec::Json).await;
    link.goes_on().await;
    loop {
        tokio::select! {
            code = link.is_closed() => break assert_eq!(code, Some(CloseCode::TokenExpired.number())),
            () = tokio::time::sleep(Duration::from_millis(500)) => link.say(&ClientFrame::Ping { n: 1 }).await,
        }
    }
    scene.is_unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn impossible_requests_are_refused_with_a_problem() {
    let mut scene = Scene::set().await;
    let (customer, ann) = (scene.http(&scene.customer_token), scene.http(&scene.ann.token));
    let chat = scene.chat.id.clone();
    let code = |answer: Result<(), ClientError>| answer.expect_err("it is refused").code();

    assert_eq!(code(customer.accept(&chat).await.map(drop)), Some(ErrorCode::Forbidden));
    assert_eq!(code(customer.queue().await.map(drop)), Some(ErrorCode::Forbidden));
    let oneself = TransferTo::Agent(scene.ann.id.clone());
    assert_eq!(code(ann.transfer(&chat, oneself, None).await.map(drop)), Some(ErrorCode::Invalid));
    let nobody: UserId = "nobody".parse().expect("an id");
    let nobody = TransferTo::Agent(nobody);
    assert_eq!(code(ann.transfer(&chat, nobody, None).await.map(drop)), Some(ErrorCode::NotFound));
    let huge = "x".repeat(501);
    assert_eq!(
        code(customer.send_text(&chat, &new_client_id(), &huge).await.map(drop)),
        Some(ErrorCode::TooLarge)
    );
    assert_eq!(
        code(customer.send_text(&chat, &new_client_id(), " ").await.map(drop)),
        Some(ErrorCode::Invalid)
    );
    let note = SendRequest { client_id: new_client_id(), text: "psst".into(), note: true, known: None };
    assert_eq!(code(customer.send(&chat, &note).await.map(drop)), Some(ErrorCode::Forbidden));
    let body = "x".repeat(9000);
    assert_eq!(
        code(customer.send_text(&chat, &new_client_id(), &body).await.map(drop)),
        Some(ErrorCode::TooLarge)
    );
    for (path, body) in [
        ("/api/auth/login", "{\"tenant\":"),
        ("/api/auth/login", "{\"tenant\":\"acme\",\"login\":\"ann\",\"password\":\"x\",\"extra\":1}"),
        ("/api/chat/start", "{\"tenant\":\"a.b\",\"issue_type\":\"X\",\"message\":\"m\"}"),
        ("/api/chat/start", "[]"),
    ] {
        let request = scene.cluster.http(0).request(reqwest::Method::POST, path);
        let answer = request.header("content-type", "application/json").body(body).send().await;
        let answer = answer.expect("the hub answers");
        assert_eq!(answer.status().as_u16() / 100, 4, "{path} {body}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json", "{path} {body}");
        let problem: confab_protocol::api::Problem = answer.json().await.expect("a problem document");
        assert!([ErrorCode::Malformed, ErrorCode::Invalid].contains(&problem.code), "{path}: {problem:?}");
    }
    scene.cluster.tenant().with_login("Sam", Role::Agent, 1).await;
    let wrong = scene.cluster.http(0).login(&scene.cluster.tenant().id, "sam", "wrong").await;
    assert_eq!(code(wrong.map(drop)), Some(ErrorCode::WrongCredentials));
    let unknown = scene.cluster.http(0).login(&scene.cluster.tenant().id, "nobody", "wrong").await;
    assert_eq!(code(unknown.map(drop)), Some(ErrorCode::WrongCredentials));

    ann.close(&chat).await.expect("it is closed");
    assert_eq!(code(ann.accept(&chat).await.map(drop)), Some(ErrorCode::InvalidTransition));
    let team = TransferTo::Team("billing".into());
    assert_eq!(code(ann.transfer(&chat, team, None).await.map(drop)), Some(ErrorCode::InvalidTransition));
    let late = customer.send_text(&chat, &new_client_id(), "One more").await.map(drop);
    assert_eq!(code(late), Some(ErrorCode::ConversationClosed));
    ann.reopen(&chat).await.expect("it goes on");
    let taken: Result<confab_protocol::api::AgentView, _> =
        ann.put("/api/agent/availability", &AvailabilityRequest { availability: Availability::Online }).await;
    taken.expect("availability is taken");
    scene.is_unharmed().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_too_much_is_slowed_down_and_then_cut_off() {
    let mut scene = Scene::set().await;
    let mut eager = scene.customer(Codec::MessagePack).await;
    eager.join(&scene.chat.channel(), None, None).await;
    for _ in 0..30 {
        let (channel, client_id) = (scene.chat.channel(), new_client_id());
        eager.say(&ClientFrame::Send { channel, client_id, text: "now".into(), known: None }).await;
    }
    let hint = eager
        .find(|event| match event {
            ConnectionEvent::Frame(frame) => match *frame {
                ServerFrame::Nack { code: ErrorCode::RateLimited, retry_after_ms, .. } => {
                    Some(retry_after_ms)
                }
                _ => None,
            },
            _ => None,
        })
        .await;
    assert!(hint.is_some_and(|milliseconds| milliseconds > 0), "{hint:?}");
    eager.goes_on().await;

    let mut flood = scene.customer(Codec::MessagePack).await;
    for _ in 0..2000 {
        if flood.sender.send(&ClientFrame::Pong { n: 0 }).await.is_err() {
            break;
        }
    }
    flood.is_closed_with(CloseCode::RateLimited).await;
    scene.is_unharmed().await;
}
