//! The one owner of a client's state: a loop over what the owner asks, what the hub says, and time.

mod frames;
mod link;

use std::collections::{BTreeMap, VecDeque};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use confab_protocol::api::TokenResponse;
use confab_protocol::{Channel, ClientFrame};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::chat::{ChatOptions, Request};
use crate::reader::Missed;
use crate::{ChatEvent, ClientError, HttpClient, LinkState, Outbox, Tracker};
use link::Link;

/// Frames that may wait for a connection; more are dropped, for they are typing marks and the like.
const OUTGOING: usize = 1024;
/// Results of requests that may wait.
const RESULTS: usize = 64;
/// How often time is looked at.
const TICK: Duration = Duration::from_millis(200);
/// When to try again what failed for now.
const RETRY: Duration = Duration::from_millis(500);

/// A channel this client wants to follow.
#[derive(Default)]
struct Followed {
    tracker: Tracker,
    /// Whether it was ever joined.
    known: bool,
    /// When to ask for it again.
    retry_at: Option<Instant>,
    /// Reference of the join under way.
    reference: u64,
    /// Whether the history is being read.
    reading: bool,
    /// Highest sequence received, and the one the hub was told of.
    delivered: Watermark,
    /// Highest sequence seen, and the one the hub was told of.
    read: Watermark,
}

#[derive(Default)]
struct Watermark {
    reached: u64,
    told: u64,
}

impl Watermark {
    fn due(&self) -> Option<u64> {
        (self.reached > self.told).then_some(self.reached)
    }
}

/// Why a connection ended.
struct Ended {
    reason: String,
    code: Option<u16>,
    /// Time to wait that the hub asked for.
    wait: Option<Duration>,
    /// Whether it was about the token.
    token: bool,
}

impl From<ClientError> for Ended {
    fn from(error: ClientError) -> Self {
        let code = if let ClientError::Closed { code, .. } = &error { *code } else { None };
        Self { reason: error.to_string(), code, wait: None, token: error.is_about_the_token() }
    }
}

/// What a request on the side brought.
enum Fetched {
    History(Channel, Result<Missed, ClientError>),
    Token(Result<TokenResponse, ClientError>),
}

/// See [`crate::ChatClient`].
pub(crate) struct Session {
    options: ChatOptions,
    hubs: Vec<HttpClient>,
    hub: usize,
    requests: mpsc::Receiver<Request>,
    events: mpsc::Sender<ChatEvent>,
    results: mpsc::Receiver<Fetched>,
    results_sender: mpsc::Sender<Fetched>,
    tasks: TaskTracker,
    stop: CancellationToken,
    channels: BTreeMap<Channel, Followed>,
    outbox: Outbox,
    outgoing: VecDeque<ClientFrame>,
    reference: u64,
    cut: bool,
    renew_at: Option<Instant>,
    renewing: bool,
}

impl Session {
    pub(crate) fn new(
        options: ChatOptions,
        hubs: Vec<HttpClient>,
        requests: mpsc::Receiver<Request>,
        events: mpsc::Sender<ChatEvent>,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        let (results_sender, results) = mpsc::channel(RESULTS);
        let outbox = Outbox::new(options.window);
        Self {
            options,
            hubs,
            hub: 0,
            requests,
            events,
            results,
            results_sender,
            tasks,
            stop,
            channels: BTreeMap::new(),
            outbox,
            outgoing: VecDeque::new(),
            reference: 0,
            cut: false,
            renew_at: None,
            renewing: false,
        }
    }

    /// Connects again and again until it is stopped, or the hub will never take its token.
    pub(crate) async fn run(mut self) {
        let reason = loop {
            let ended = Box::pin(self.connect_and_serve()).await;
            self.disconnected();
            if self.stop.is_cancelled() {
                break "stopped".to_owned();
            }
            if ended.token && !self.renew_now().await {
                break ended.reason;
            }
            let wait = ended.wait.unwrap_or_else(|| self.options.backoff.next_wait());
            let state = LinkState::Waiting { reason: ended.reason, code: ended.code, wait };
            self.emit(ChatEvent::Link(state)).await;
            self.hub = (self.hub + 1) % self.hubs.len();
            self.pause(wait).await;
        };
        // The owner may be gone already, or have stopped taking events.
        drop(self.events.try_send(ChatEvent::Link(LinkState::Stopped { reason })));
    }

    async fn connect_and_serve(&mut self) -> Ended {
        let url = self.hubs[self.hub].base_url().to_owned();
        self.emit(ChatEvent::Link(LinkState::Connecting { url })).await;
        let connecting = Link::connect(
            self.options.source,
            self.hubs[self.hub].websocket_url(),
            self.options.credentials.token.clone(),
            self.options.codec,
        );
        let mut link = match Box::pin(self.meanwhile(connecting)).await {
            Some(Ok(link)) => link,
            Some(Err(error)) => return error.into(),
            None => return ClientError::Stopped.into(),
        };
        self.options.backoff.reset();
        self.schedule_renewal(link.token_lifetime());
        self.emit(ChatEvent::Link(LinkState::Connected(Box::new(link.welcome.clone())))).await;
        // What was asked while there was no connection: channels are asked for anew, all of them, typing marks are stale.
        self.outgoing.retain(|frame| matches!(frame, ClientFrame::Renew { .. }));
        self.join_all();
        self.serve(&mut link).await
    }

    async fn serve(&mut self, link: &mut Link) -> Ended {
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            if let Err(error) = self.flush(link).await {
                return error.into();
            }
            let flow = tokio::select! {
                () = self.stop.cancelled() => {
                    link.say_goodbye().await;
                    ControlFlow::Break(ClientError::Stopped.into())
                }
                event = link.next() => self.hear(link, event).await,
                Some(request) = self.requests.recv() => {
                    self.note(request);
                    ControlFlow::Continue(())
                }
                Some(result) = self.results.recv() => {
                    self.take(result).await;
                    ControlFlow::Continue(())
                }
                _ = ticks.tick() => self.look_at_time(link),
            };
            if self.cut {
                return Ended { reason: "cut by this client".into(), code: None, wait: None, token: false };
            }
            if let ControlFlow::Break(ended) = flow {
                return ended;
            }
        }
    }

    /// Sends what waits.
    async fn flush(&mut self, link: &mut Link) -> Result<(), ClientError> {
        while let Some(frame) = self.outgoing.pop_front() {
            link.send(&frame).await?;
        }
        let channels = &self.channels;
        let ready = |channel: &Channel| {
            let followed = channels.get(channel)?;
            followed.tracker.is_joined().then(|| followed.tracker.seq())
        };
        while let Some(frame) = self.outbox.next_frame(Instant::now(), ready) {
            link.send(&frame).await?;
        }
        Ok(())
    }

    /// Does what the owner asks, as far as it needs no connection.
    fn note(&mut self, request: Request) {
        match request {
            Request::Join { channel, from } => {
                let followed = Followed { tracker: Tracker::from(from), ..Followed::default() };
                self.channels.insert(channel.clone(), followed);
                self.ask_to_join(&channel);
            }
            Request::Leave(channel) => {
                if self.channels.remove(&channel).is_some() {
                    self.reference += 1;
                    self.queue(ClientFrame::Leave { reference: self.reference, channel });
                }
            }
            Request::Send { channel, client_id, text, known: None } => {
                self.outbox.push(channel, client_id, text);
            }
            Request::Send { channel, client_id, text, known: Some(known) } => {
                self.outbox.restore(channel, client_id, text, known);
            }
            Request::Frame(frame) => self.queue(frame),
            Request::Read { channel, seq } => {
                if let Some(followed) = self.channels.get_mut(&channel) {
                    followed.read.reached = followed.read.reached.max(seq);
                }
            }
            Request::Token(credentials) => {
                self.queue(ClientFrame::Renew { token: credentials.token.clone() });
                self.options.credentials = credentials;
            }
            Request::Cut => self.cut = true,
            Request::Pending(answer) => drop(answer.send(self.outbox.pending().cloned().collect())),
            Request::Credentials(answer) => drop(answer.send(self.options.credentials.clone())),
            Request::Position { channel, answer } => {
                let followed = self.channels.get(&channel);
                drop(answer.send(followed.and_then(|followed| followed.tracker.position().cloned())));
            }
        }
    }

    fn queue(&mut self, frame: ClientFrame) {
        if self.outgoing.len() < OUTGOING {
            self.outgoing.push_back(frame);
        }
    }

    /// Tells the owner. While the owner is slow, requests are still taken.
    async fn emit(&mut self, event: ChatEvent) {
        let events = self.events.clone();
        let (stop, reserved) = (self.stop.clone(), async { events.reserve().await.ok() });
        tokio::pin!(reserved);
        loop {
            tokio::select! {
                biased;
                permit = &mut reserved => {
                    match permit {
                        Some(permit) => permit.send(event),
                        None => stop.cancel(),
                    }
                    return;
                }
                () = stop.cancelled() => return,
                Some(request) = self.requests.recv() => self.note(request),
            }
        }
    }

    /// Waits for something while requests are taken; `None` when the client is stopped.
    async fn meanwhile<T>(&mut self, something: impl Future<Output = T>) -> Option<T> {
        let stop = self.stop.clone();
        tokio::pin!(something);
        loop {
            tokio::select! {
                outcome = &mut something => return Some(outcome),
                () = stop.cancelled() => return None,
                Some(request) = self.requests.recv() => self.note(request),
            }
        }
    }

    async fn pause(&mut self, wait: Duration) {
        self.meanwhile(tokio::time::sleep(wait)).await;
        // A cut of a connection that was not there means nothing.
        self.cut = false;
    }

    fn disconnected(&mut self) {
        self.cut = false;
        self.outgoing.clear();
        self.outbox.disconnected();
        for followed in self.channels.values_mut() {
            followed.tracker.disconnected();
            followed.retry_at = None;
            followed.delivered.told = 0;
            followed.read.told = 0;
        }
    }

    fn schedule_renewal(&mut self, lifetime: Duration) {
        let has_refresh = self.options.credentials.refresh_token.is_some();
        self.renew_at = has_refresh.then(|| Instant::now() + lifetime.mul_f64(0.8));
    }

    /// Renews the token before connecting again. Whether that is worth trying.
    async fn renew_now(&mut self) -> bool {
        let Some(refresh) = self.options.credentials.refresh_token.clone() else { return false };
        let http = self.hubs[self.hub].clone();
        match self.meanwhile(async move { http.renew(&refresh).await }).await {
            Some(Ok(tokens)) => {
                self.accept_tokens(tokens);
                true
            }
            Some(Err(error)) => !error.is_about_the_token(),
            None => false,
        }
    }

    fn accept_tokens(&mut self, tokens: TokenResponse) {
        self.options.credentials.token = tokens.access_token;
        self.options.credentials.refresh_token = Some(tokens.refresh_token);
    }
}
