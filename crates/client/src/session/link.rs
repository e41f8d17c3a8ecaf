//! The connection a session has at the moment, and what it knows of it.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use confab_protocol::frame::WelcomeFrame;
use confab_protocol::{ClientFrame, Codec};

use crate::{ClientError, Connection, ConnectionEvent, ConnectionEvents, ConnectionSender};

/// How long a goodbye may take.
const GOODBYE_LIMIT: Duration = Duration::from_secs(1);
/// How often a hub that owes an answer is asked for a sign of life.
const DOUBT: Duration = Duration::from_secs(2);

/// A welcomed connection.
pub(super) struct Link {
    sender: ConnectionSender,
    events: ConnectionEvents,
    pub(super) welcome: WelcomeFrame,
    pub(super) welcomed_at: Instant,
    last_sent: Instant,
    last_heard: Instant,
    /// When the hub wants this client gone.
    pub(super) drain_at: Option<Instant>,
    pings: u64,
}

impl Link {
    pub(super) async fn connect(
        source: Option<IpAddr>,
        url: String,
        token: String,
        codec: Codec,
    ) -> Result<Self, ClientError> {
        let (sender, events) = Connection::connect_from(source, &url, &token, codec).await?;
        let welcome = events.welcome().cloned().ok_or(ClientError::Timeout("the hub's welcome"))?;
        let now = Instant::now();
        Ok(Self {
            sender,
            events,
            welcome,
            welcomed_at: now,
            last_sent: now,
            last_heard: now,
            drain_at: None,
            pings: 0,
        })
    }

    pub(super) async fn send(&mut self, frame: &ClientFrame) -> Result<(), ClientError> {
        self.last_sent = Instant::now();
        self.sender.send(frame).await
    }

    /// The next event. Safe to cancel.
    pub(super) async fn next(&mut self) -> Option<ConnectionEvent> {
        let event = self.events.next().await;
        self.last_heard = Instant::now();
        event
    }

    pub(super) async fn say_goodbye(&mut self) {
        // The connection ends anyway; a peer that does not listen is no reason to wait or to complain.
        drop(tokio::time::timeout(GOODBYE_LIMIT, self.sender.close()).await);
    }

    /// How long the token was still valid when the hub said welcome.
    pub(super) fn token_lifetime(&self) -> Duration {
        Duration::from_millis(self.welcome.expires_at.saturating_sub(self.welcome.now))
    }

    /// The hub's time by its welcome and what passed since.
    pub(super) fn hub_now(&self) -> u64 {
        let passed = u64::try_from(self.welcomed_at.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.welcome.now.saturating_add(passed)
    }

    /// A heartbeat, when one is due: sooner when a message sent at `unanswered` waits for its answer.
    pub(super) fn heartbeat(&mut self, now: Instant, unanswered: Option<Instant>) -> Option<ClientFrame> {
        let interval = if unanswered.is_some() { self.interval().min(DOUBT) } else { self.interval() };
        if now.duration_since(self.last_sent) < interval {
            return None;
        }
        self.pings += 1;
        Some(ClientFrame::Ping { n: self.pings })
    }

    /// Whether nothing was heard for so long that the hub must be gone: sooner when it owes an answer, because it says
    /// something to every heartbeat.
    pub(super) fn is_dead(&self, now: Instant, unanswered: Option<Instant>) -> bool {
        let owes = unanswered.is_some_and(|sent| now.duration_since(sent.max(self.last_heard)) > DOUBT * 3);
        owes || now.duration_since(self.last_heard) > self.interval() * 3
    }

    fn interval(&self) -> Duration {
        Duration::from_millis(self.welcome.heartbeat_ms.max(500))
    }
}
