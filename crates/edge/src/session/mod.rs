//! A WebSocket session: one loop over everything that can wake it. It ends with a close code and loses nothing that a
//! client can't get again.

mod frames;
mod gather;
mod lookups;
mod reader;

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use confab_protocol::api::SendResponse;
use confab_protocol::{Channel, ClientId, CloseCode, Codec, ErrorCode, ServerFrame};
use confab_telemetry::metrics::{CLOSES, CONNECTIONS, DELIVERY_LATENCY, ERRORS};
use fastwebsockets::{Frame, Payload, Role, WebSocketWrite};
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::{BoxStream, Fuse, FuturesUnordered};
use governor::DefaultDirectRateLimiter;
use rand::Rng;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, Sleep, sleep_until, timeout};

use self::gather::Gather;
use self::lookups::{Looked, Lookups};
use self::reader::Incoming;
use crate::error::EdgeError;
use crate::hub::FollowerId;
use crate::identity::Identity;
use crate::limits::ConnectionSlot;
use crate::outbox::{Outbox, OutboxReader, Outgoing, Position, outbox};
use crate::state::EdgeState;

/// How long a closed connection may take to end on the peer's side.
const FAREWELL: Duration = Duration::from_secs(1);

/// Everything that can wake a session.
enum SessionEvent {
    Client(Incoming),
    Delivery(Outgoing),
    Looked(Looked),
    Sent(Sent),
    NothingToAdd,
    Alarm,
    TooSlow,
    DrainBegins,
}

/// What came of a message.
struct Sent {
    channel: Channel,
    client_id: ClientId,
    outcome: Result<SendResponse, EdgeError>,
}

/// A channel the session follows.
#[derive(Default)]
struct Joined {
    typing_told: Option<Instant>,
}

type Socket<W> = WebSocketWrite<Gather<W>>;

pub(crate) struct Session<W> {
    state: EdgeState,
    codec: Codec,
    socket: Socket<W>,
    incoming: Fuse<BoxStream<'static, Incoming>>,
    id: FollowerId,
    outbox: Outbox,
    deliveries: OutboxReader,
    who: Option<Identity>,
    joined: HashMap<Channel, Joined>,
    lookups: Lookups,
    sending: FuturesUnordered<BoxFuture<'static, Sent>>,
    sends: DefaultDirectRateLimiter,
    frames: DefaultDirectRateLimiter,
    began: Instant,
    last_heard: Instant,
    next_heartbeat: Instant,
    /// When a draining node ends this session.
    drain_at: Option<Instant>,
    /// Rings at the first of all these times or before, never after. One timer that seldom moves costs less than
    /// several that are set anew with every event.
    alarm: Pin<Box<Sleep>>,
    /// Whether frames were written that wait in the buffer for others.
    unflushed: bool,
    /// The entries among them.
    written: Vec<Position>,
    _slot: ConnectionSlot,
}

/// Runs a session on an upgraded connection until it ends.
pub(crate) async fn run<S>(state: EdgeState, stream: S, codec: Codec, slot: ConnectionSlot)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (read_half, write_half) = tokio::io::split(stream);
    let (_, socket) =
        fastwebsockets::after_handshake_split(tokio::io::empty(), Gather::new(write_half), Role::Server);
    let incoming = reader::read(read_half, codec, state.config.limits.max_frame_bytes);
    let (outbox, deliveries) = outbox(state.config.session.outbox_frames, state.config.session.outbox_bytes);
    metrics::gauge!(CONNECTIONS, "transport" => "websocket").increment(1);
    let now = Instant::now();
    let session = Session {
        codec,
        socket,
        incoming,
        id: state.hub.follower_id(),
        outbox,
        deliveries,
        who: None,
        joined: HashMap::new(),
        lookups: Lookups::default(),
        sending: FuturesUnordered::new(),
        sends: state.limits.sends(),
        frames: state.limits.frames(),
        began: now,
        last_heard: now,
        next_heartbeat: now + Duration::from_secs(state.config.session.heartbeat_seconds),
        drain_at: None,
        alarm: Box::pin(sleep_until(now)),
        unflushed: false,
        written: Vec::new(),
        _slot: slot,
        state,
    };
    let code = session.run().await;
    metrics::counter!(CLOSES, "code" => code.reason()).increment(1);
    metrics::gauge!(CONNECTIONS, "transport" => "websocket").decrement(1);
}

impl<W: AsyncWrite + Unpin> Session<W> {
    #[tracing::instrument(name = "edge.session", skip_all)]
    async fn run(mut self) -> CloseCode {
        let code = loop {
            let event = self.next_event().await;
            if let ControlFlow::Break(code) = self.apply(event).await {
                break code;
            }
        };
        self.end(code).await;
        code
    }

    async fn next_event(&mut self) -> SessionEvent {
        let under_way = self.sending.len() + self.lookups.len();
        let may_send_more = under_way < self.state.config.session.publishes_in_flight;
        tokio::select! {
            biased;
            Some(sent) = self.sending.next() => SessionEvent::Sent(sent),
            Some(looked) = self.lookups.next(), if self.lookups.len() > 0 => SessionEvent::Looked(looked),
            outgoing = self.deliveries.next() => outgoing.map_or(SessionEvent::TooSlow, SessionEvent::Delivery),
            () = std::future::ready(()), if self.unflushed => SessionEvent::NothingToAdd,
            message = self.incoming.next(), if may_send_more => {
                SessionEvent::Client(message.unwrap_or(Incoming::Gone))
            }
            () = self.state.draining.cancelled(), if self.drain_at.is_none() => SessionEvent::DrainBegins,
            () = &mut self.alarm => SessionEvent::Alarm,
        }
    }

    /// Every time at which the session has something to do or comes to an end, with what that is.
    fn deadlines(&self, now: Instant) -> impl Iterator<Item = (Instant, Option<CloseCode>)> {
        let config = &self.state.config.session;
        let identified = match &self.who {
            Some(who) => (now + self.time_until(who.expires_at), CloseCode::TokenExpired),
            None => (self.began + Duration::from_millis(config.hello_timeout_ms), CloseCode::HelloTimeout),
        };
        let silent_at = self.last_heard + Duration::from_secs(config.idle_timeout_seconds);
        let ends = [Some(identified), Some((silent_at, CloseCode::IdleTimeout))];
        let drained = self.drain_at.map(|at| (at, CloseCode::Draining));
        let ends = ends.into_iter().chain([drained]).flatten().map(|(at, code)| (at, Some(code)));
        ends.chain([(self.next_heartbeat, None)])
    }

    /// To be called when a deadline may have come nearer, and when the alarm has rung.
    fn set_alarm(&mut self) {
        if let Some((first, _)) = self.deadlines(Instant::now()).min_by_key(|(at, _)| *at) {
            self.alarm.as_mut().reset(first);
        }
    }

    /// Does what is due; nothing is, when the deadline for which the alarm was set has moved on meanwhile.
    async fn alarmed(&mut self) -> ControlFlow<CloseCode> {
        let now = Instant::now();
        if let Some(code) = self.deadlines(now).find_map(|(at, code)| code.filter(|_| at <= now)) {
            return ControlFlow::Break(code);
        }
        if self.next_heartbeat <= now {
            self.next_heartbeat = now + Duration::from_secs(self.state.config.session.heartbeat_seconds);
            self.say(&ServerFrame::Ping { n: 0 }).await?;
        }
        self.set_alarm();
        ControlFlow::Continue(())
    }

    /// Nothing, once the moment has passed.
    fn time_until(&self, unix_millis: u64) -> Duration {
        Duration::from_millis(unix_millis.saturating_sub(self.state.clock.now()).min(86_400_000))
    }

    async fn apply(&mut self, event: SessionEvent) -> ControlFlow<CloseCode> {
        match event {
            SessionEvent::Client(incoming) => {
                self.last_heard = Instant::now();
                self.heard(incoming).await
            }
            SessionEvent::Delivery(outgoing) => self.deliver(outgoing).await,
            SessionEvent::Looked(looked) => self.publish(looked).await,
            SessionEvent::Sent(sent) => self.answer_send(sent).await,
            SessionEvent::NothingToAdd => self.flush().await,
            SessionEvent::Alarm => self.alarmed().await,
            SessionEvent::TooSlow => ControlFlow::Break(CloseCode::Slow),
            SessionEvent::DrainBegins => self.begin_drain().await,
        }
    }

    async fn heard(&mut self, incoming: Incoming) -> ControlFlow<CloseCode> {
        if self.frames.check().is_err() {
            return ControlFlow::Break(CloseCode::RateLimited);
        }
        match incoming {
            Incoming::Message(bytes) => match self.codec.decode_client(&bytes) {
                Ok(frame) => self.handle(frame).await,
                Err(error) => {
                    self.complain(0, None, &EdgeError::new(error.code(), error.to_string())).await?;
                    match error.code() {
                        ErrorCode::UnknownFrame => ControlFlow::Continue(()),
                        _ => ControlFlow::Break(CloseCode::Malformed),
                    }
                }
            },
            Incoming::Ping(payload) => self.write(Frame::pong(Payload::Borrowed(&payload))).await,
            Incoming::Pong => ControlFlow::Continue(()),
            Incoming::Gone => ControlFlow::Break(CloseCode::Normal),
            Incoming::Fault(code) => ControlFlow::Break(code),
        }
    }

    /// Writes a delivery and all that wait behind it.
    async fn deliver(&mut self, first: Outgoing) -> ControlFlow<CloseCode> {
        self.deliveries.observe();
        let drill = Duration::from_millis(self.state.config.drill.delivery_delay_ms);
        if !drill.is_zero() {
            tokio::time::sleep(drill).await;
        }
        let mut next = Some(first);
        while let Some(outgoing) = next {
            self.write(data_frame(self.codec, &outgoing.frame)).await?;
            self.written.extend(outgoing.position);
            next = self.deliveries.next_now();
        }
        ControlFlow::Continue(())
    }

    /// Brings to the socket what was written.
    async fn flush(&mut self) -> ControlFlow<CloseCode> {
        let limit = Duration::from_millis(self.state.config.session.write_timeout_ms);
        self.unflushed = false;
        after_write(&timeout(limit, self.socket.flush()).await)?;
        let now = self.state.clock.now();
        for position in self.written.drain(..) {
            metrics::histogram!(DELIVERY_LATENCY, "stage" => "written").record(position.arrived.elapsed());
            if let Some(accepted_at) = position.accepted_at {
                let total = Duration::from_millis(now.saturating_sub(accepted_at));
                metrics::histogram!(DELIVERY_LATENCY, "stage" => "total").record(total);
            }
        }
        ControlFlow::Continue(())
    }

    async fn answer_send(&mut self, sent: Sent) -> ControlFlow<CloseCode> {
        let Sent { channel, client_id, outcome } = sent;
        let frame = match outcome {
            Ok(stored) => {
                ServerFrame::Ack { channel, client_id, seq: stored.seq, duplicate: stored.duplicate }
            }
            Err(EdgeError { code, message, retry_after_ms, .. }) => {
                metrics::counter!(ERRORS, "code" => code.as_str()).increment(1);
                ServerFrame::Nack { channel, client_id, code, message, retry_after_ms }
            }
        };
        self.say(&frame).await
    }

    /// Asks the client to come back to another node, each at another time.
    async fn begin_drain(&mut self) -> ControlFlow<CloseCode> {
        let spread = self.state.config.server.reconnect_jitter_ms.max(1);
        let reconnect_after_ms = rand::rng().random_range(0..spread);
        self.drain_at = Some(Instant::now() + Duration::from_millis(reconnect_after_ms));
        self.set_alarm();
        self.say(&ServerFrame::Draining { reconnect_after_ms }).await
    }

    /// Tells the client that a frame was refused; the session goes on.
    async fn complain(
        &mut self,
        reference: u64,
        channel: Option<Channel>,
        error: &EdgeError,
    ) -> ControlFlow<CloseCode> {
        metrics::counter!(ERRORS, "code" => error.code.as_str()).increment(1);
        let message = error.message.clone();
        self.say(&ServerFrame::Error { reference, code: error.code, message, channel }).await
    }

    async fn say(&mut self, frame: &ServerFrame) -> ControlFlow<CloseCode> {
        let bytes = Bytes::from(self.codec.encode_server(frame));
        self.write(data_frame(self.codec, &bytes)).await
    }

    /// Adds a frame to those that are flushed together.
    async fn write(&mut self, frame: Frame<'_>) -> ControlFlow<CloseCode> {
        let limit = Duration::from_millis(self.state.config.session.write_timeout_ms);
        self.unflushed = true;
        after_write(&timeout(limit, self.socket.write_frame(frame)).await)
    }

    /// Leaves all rooms, writes the close frame, and gives the peer a moment to read it.
    async fn end(mut self, code: CloseCode) {
        for channel in self.joined.keys() {
            self.state.hub.leave(channel, self.id).await;
        }
        if let Some(who) = &self.who {
            self.state.leases.left(who).await;
        }
        // Messages that were published are stored whether or not this client hears of it.
        let farewell = Frame::close(code.number(), code.reason().as_bytes());
        let _ = timeout(FAREWELL, async {
            self.socket.write_frame(farewell).await?;
            self.socket.flush().await
        })
        .await;
        let _ = timeout(FAREWELL, self.incoming.for_each(|_| std::future::ready(()))).await;
    }
}

fn data_frame(codec: Codec, bytes: &Bytes) -> Frame<'_> {
    let payload = Payload::Borrowed(bytes);
    match codec {
        Codec::MessagePack => Frame::binary(payload),
        Codec::Json => Frame::text(payload),
    }
}

fn after_write<E>(written: &Result<Result<(), E>, tokio::time::error::Elapsed>) -> ControlFlow<CloseCode> {
    match written {
        Ok(Ok(())) => ControlFlow::Continue(()),
        Ok(Err(_)) => ControlFlow::Break(CloseCode::Normal),
        Err(_) => ControlFlow::Break(CloseCode::Slow),
    }
}
