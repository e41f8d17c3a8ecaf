//! A client that outlives connections: what its owner holds, and what it can be told.

use std::net::IpAddr;
use std::time::Duration;

use confab_protocol::{Channel, ClientFrame, ClientId, Codec};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::session::Session;
use crate::{Backoff, ChatEvent, ClientError, HttpClient, Pending, Position, new_client_id};

/// Requests that may wait for the session; more make the caller wait.
const REQUESTS: usize = 256;

/// What a client proves itself with.
#[derive(Clone)]
pub struct Credentials {
    /// Access or customer token.
    pub token: String,
    /// Renews the token before it runs out; without it the client ends with its token.
    pub refresh_token: Option<String>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Credentials")
    }
}

/// How a client behaves.
#[derive(Debug, Clone)]
pub struct ChatOptions {
    /// Base URLs of edges, such as `http://127.0.0.1:8480`; after a failure the next one is tried.
    pub urls: Vec<String>,
    /// The token.
    pub credentials: Credentials,
    /// How frames are written.
    pub codec: Codec,
    /// Events that may wait for the owner. When they are not taken the client reads no further, and the hub may cut it
    /// off as too slow; it then resumes.
    pub events: usize,
    /// Messages under way at a time.
    pub window: usize,
    /// A message not answered for this long is sent again.
    pub ack_limit: Duration,
    /// Whether the `delivered` watermark is kept up by itself.
    pub receipts: bool,
    /// Waits between attempts to connect.
    pub backoff: Backoff,
    /// The address of this machine to connect from; any, when absent.
    pub source: Option<IpAddr>,
}

impl ChatOptions {
    /// The usual ones for one hub.
    pub fn new(url: impl Into<String>, credentials: Credentials) -> Self {
        Self {
            urls: vec![url.into()],
            credentials,
            codec: Codec::MessagePack,
            events: 1024,
            window: 16,
            ack_limit: Duration::from_secs(10),
            receipts: true,
            backoff: Backoff::default(),
            source: None,
        }
    }
}

/// What the owner asks of the session.
pub(crate) enum Request {
    Join { channel: Channel, from: Option<Position> },
    Leave(Channel),
    Send { channel: Channel, client_id: ClientId, text: String, known: Option<u64> },
    Frame(ClientFrame),
    Read { channel: Channel, seq: u64 },
    Token(Credentials),
    Cut,
    Pending(oneshot::Sender<Vec<Pending>>),
    Credentials(oneshot::Sender<Credentials>),
    Position { channel: Channel, answer: oneshot::Sender<Option<Position>> },
}

/// A running client. Cheap to clone; it stops when the last clone is dropped.
#[derive(Debug, Clone)]
pub struct ChatClient {
    requests: mpsc::Sender<Request>,
    tasks: TaskTracker,
    stop: CancellationToken,
    _guard: std::sync::Arc<DropGuard>,
}

impl ChatClient {
    /// Starts connecting. Events come in their order; take them.
    pub fn start(options: ChatOptions) -> Result<(Self, mpsc::Receiver<ChatEvent>), ClientError> {
        let hubs =
            options.urls.iter().map(|url| HttpClient::new(url)).collect::<Result<Vec<_>, ClientError>>()?;
        if hubs.is_empty() {
            return Err(ClientError::Url(String::new()));
        }
        let (requests, inbox) = mpsc::channel(REQUESTS);
        let (events, outlet) = mpsc::channel(options.events.max(1));
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let session = Session::new(options, hubs, inbox, events, tasks.clone(), stop.clone());
        tasks.spawn(session.run());
        tasks.close();
        let guard = std::sync::Arc::new(stop.clone().drop_guard());
        Ok((Self { requests, tasks, stop, _guard: guard }, outlet))
    }

    /// Follows a channel: from a position on, or without one from now on.
    pub async fn join(&self, channel: Channel, from: Option<Position>) -> Result<(), ClientError> {
        self.ask(Request::Join { channel, from }).await
    }

    /// Follows it no longer.
    pub async fn leave(&self, channel: Channel) -> Result<(), ClientError> {
        self.ask(Request::Leave(channel)).await
    }

    /// Writes a message; it is kept and sent again until the hub has stored or refused it. Its id comes back in the event.
    pub async fn send(&self, channel: Channel, text: impl Into<String>) -> Result<ClientId, ClientError> {
        let id = new_client_id();
        self.send_as(channel, id.clone(), text).await?;
        Ok(id)
    }

    /// Writes a message with an id of the caller's.
    pub async fn send_as(
        &self,
        channel: Channel,
        client_id: ClientId,
        text: impl Into<String>,
    ) -> Result<(), ClientError> {
        self.ask(Request::Send { channel, client_id, text: text.into(), known: None }).await
    }

    /// Writes a message with an id of the caller's, unless too many requests wait already; then `false`, and nothing was
    /// written. Never waits.
    pub fn try_send_as(&self, channel: Channel, client_id: ClientId, text: impl Into<String>) -> bool {
        self.requests.try_send(Request::Send { channel, client_id, text: text.into(), known: None }).is_ok()
    }

    /// Takes up a message that an earlier client had not got confirmed.
    pub async fn resend(&self, message: &Pending) -> Result<(), ClientError> {
        let (channel, client_id) = (message.channel.clone(), message.client_id.clone());
        self.ask(Request::Send { channel, client_id, text: message.text.clone(), known: message.known }).await
    }

    /// The person types, or stopped. Lost while there is no connection.
    pub async fn typing(&self, channel: Channel, on: bool) -> Result<(), ClientError> {
        let frame =
            if on { ClientFrame::TypingStart { channel } } else { ClientFrame::TypingStop { channel } };
        self.ask(Request::Frame(frame)).await
    }

    /// The conversation came to, or left, the foreground. Lost while there is no connection.
    pub async fn view(&self, channel: Channel, on: bool) -> Result<(), ClientError> {
        self.ask(Request::Frame(ClientFrame::View { channel, on })).await
    }

    /// The person has seen everything up to `seq`.
    pub async fn read(&self, channel: Channel, seq: u64) -> Result<(), ClientError> {
        self.ask(Request::Read { channel, seq }).await
    }

    /// Other credentials of the same person, for this connection and the next ones.
    pub async fn renew(&self, credentials: Credentials) -> Result<(), ClientError> {
        self.ask(Request::Token(credentials)).await
    }

    /// Cuts the connection without a word, as a broken network would. The client reconnects.
    pub async fn cut(&self) -> Result<(), ClientError> {
        self.ask(Request::Cut).await
    }

    /// Messages that are not confirmed.
    pub async fn pending(&self) -> Result<Vec<Pending>, ClientError> {
        let (answer, waiting) = oneshot::channel();
        self.ask(Request::Pending(answer)).await?;
        waiting.await.map_err(|_| ClientError::Stopped)
    }

    /// The credentials in use: renewed ones, once they were.
    pub async fn credentials(&self) -> Result<Credentials, ClientError> {
        let (answer, waiting) = oneshot::channel();
        self.ask(Request::Credentials(answer)).await?;
        waiting.await.map_err(|_| ClientError::Stopped)
    }

    /// How far a channel was received.
    pub async fn position(&self, channel: Channel) -> Result<Option<Position>, ClientError> {
        let (answer, waiting) = oneshot::channel();
        self.ask(Request::Position { channel, answer }).await?;
        waiting.await.map_err(|_| ClientError::Stopped)
    }

    /// Says goodbye and waits for the end. Unconfirmed messages are given up: see [`ChatClient::pending`].
    pub async fn stop(&self) {
        self.stop.cancel();
        self.tasks.wait().await;
    }

    async fn ask(&self, request: Request) -> Result<(), ClientError> {
        self.requests.send(request).await.map_err(|_| ClientError::Stopped)
    }
}
