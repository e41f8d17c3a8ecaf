//! The people of a run: connections that write what they are told to and note what they hear. An agent has one
//! connection for several rooms, a customer one for the only room.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use futures::SinkExt as _;
use futures::stream::{self, SplitSink, SplitStream, StreamExt as _, TryStreamExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::plan::{Plan, SIDES, Turn};
use super::system::Peer;
use super::wire::{Heard, PONG, Wire};

/// Rooms of one agent.
const ROOMS_PER_AGENT: usize = 5;
/// Connections that are being made at a time.
const PARALLEL: usize = 16;
/// Frames that may wait for a connection; more are left out and counted, so that the clock never waits.
const QUEUE: usize = 4096;
/// Frames that are written at once.
const BATCH: usize = 64;
/// How long connecting and joining may take.
const JOIN_LIMIT: Duration = Duration::from_secs(30);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What a client heard, in its order.
#[derive(Debug, Default)]
pub(super) struct Diary {
    pub(super) side: usize,
    /// Messages of its rooms, its own among them.
    pub(super) messages: Vec<(u64, Instant)>,
    /// Its own messages, when it was told that they are taken.
    pub(super) acknowledged: Vec<(u64, Instant)>,
    /// Its own messages that were not taken.
    pub(super) refused: Vec<u64>,
    /// Whether the peer ended the connection.
    pub(super) cut_off: bool,
}

/// What is to be written.
#[derive(Debug)]
enum Outgoing {
    Message { room: usize, number: u64 },
    Pong,
}

/// All heard by all, so far.
#[derive(Debug, Default)]
struct Totals {
    messages: AtomicU64,
    answers: AtomicU64,
    refused: AtomicU64,
}

struct Client {
    queue: mpsc::Sender<Outgoing>,
    listener: JoinHandle<Diary>,
}

/// Everybody, connected.
pub(super) struct Clients {
    /// By side and room.
    queues: [Vec<mpsc::Sender<Outgoing>>; SIDES],
    listeners: Mutex<Vec<JoinHandle<Diary>>>,
    totals: Arc<Totals>,
    stop: CancellationToken,
}

impl Clients {
    /// Connects everybody: the customer of a room to the relay after that of the room's agent.
    pub(super) async fn connect(peer: &Peer, plan: &Plan, tasks: &TaskTracker) -> Result<Self> {
        let (totals, stop) = (Arc::<Totals>::default(), CancellationToken::new());
        let door = Door { wire: peer.wire(), totals: Arc::clone(&totals), stop: stop.clone(), tasks };
        let rooms: Vec<usize> = (0..plan.rooms()).collect();
        let agent_of = |room: usize| room / ROOMS_PER_AGENT;
        let customers = stream::iter(&rooms).map(|room| {
            let relay = peer.address(agent_of(*room) + 1);
            door.enter(relay, 0, std::slice::from_ref(room))
        });
        let customers: Vec<Client> = customers.buffered(PARALLEL).try_collect().await?;
        let agents = stream::iter(rooms.chunks(ROOMS_PER_AGENT))
            .map(|own| door.enter(peer.address(agent_of(own[0])), 1, own));
        let agents: Vec<Client> = agents.buffered(PARALLEL).try_collect().await?;
        let queues = [
            customers.iter().map(|customer| customer.queue.clone()).collect(),
            rooms.iter().map(|room| agents[agent_of(*room)].queue.clone()).collect(),
        ];
        let listeners = customers.into_iter().chain(agents).map(|client| client.listener).collect();
        Ok(Self { queues, listeners: Mutex::new(listeners), totals, stop })
    }

    /// Hands a message to its author's connection; `false` when too many wait there.
    pub(super) fn write(&self, turn: Turn, number: u64) -> bool {
        let message = Outgoing::Message { room: turn.room, number };
        self.queues[turn.side][turn.room].try_send(message).is_ok()
    }

    /// Whether so many messages are answered, and have reached everybody in their rooms as far as they were taken.
    pub(super) fn have_all(&self, written: u64) -> bool {
        let answers = self.totals.answers.load(Ordering::Relaxed);
        answers >= written && self.totals.messages.load(Ordering::Relaxed) >= written * SIDES as u64
    }

    /// Disconnects everybody, and hands out their diaries.
    pub(super) async fn end(&self) -> Vec<Diary> {
        self.stop.cancel();
        let mut diaries = Vec::new();
        for listener in self.listeners.lock().await.drain(..) {
            diaries.extend(listener.await.ok());
        }
        diaries
    }
}

/// Lets people in.
struct Door<'a> {
    wire: Wire,
    totals: Arc<Totals>,
    stop: CancellationToken,
    tasks: &'a TaskTracker,
}

impl Door<'_> {
    async fn enter(&self, address: &str, side: usize, rooms: &[usize]) -> Result<Client> {
        let joined = tokio::time::timeout(JOIN_LIMIT, self.join(address, side, rooms)).await;
        let (sink, frames) = joined.context("the peer is slow to let somebody join")??;
        let (queue, outgoing) = mpsc::channel(QUEUE);
        let listener = Listener {
            wire: self.wire,
            diary: Diary { side, ..Diary::default() },
            totals: Arc::clone(&self.totals),
            queue: queue.clone(),
        };
        self.tasks.spawn(write(self.wire, sink, outgoing, self.stop.clone()));
        let listener = self.tasks.spawn(listener.run(frames, self.stop.clone()));
        Ok(Client { queue, listener })
    }

    async fn join(
        &self,
        address: &str,
        side: usize,
        rooms: &[usize],
    ) -> Result<(SplitSink<Socket, Message>, SplitStream<Socket>)> {
        let url = self.wire.url(address, rooms);
        let no_delay = true;
        let connected = tokio_tungstenite::connect_async_with_config(url, None, no_delay).await;
        let (socket, _) = connected.context("a connection can't be made")?;
        let (mut sink, mut frames) = socket.split();
        loop {
            let frame = frames.next().await.context("the peer ended a connection")??;
            match self.wire.hear(frame.to_text()?) {
                Heard::Opened => {
                    let name = format!("{}-{}", if side == 0 { "customer" } else { "agent" }, rooms[0]);
                    if let Some(introduction) = self.wire.introduction(&name, rooms) {
                        sink.send(Message::text(introduction)).await?;
                    }
                }
                Heard::Joined => return Ok((sink, frames)),
                Heard::Ended(reason) => bail!("somebody was not let in: {reason}"),
                _ => {}
            }
        }
    }
}

/// Writes what is due, in order; what waits together is flushed together.
async fn write(
    wire: Wire,
    mut sink: SplitSink<Socket, Message>,
    mut outgoing: mpsc::Receiver<Outgoing>,
    stop: CancellationToken,
) {
    let mut batch = Vec::with_capacity(BATCH);
    while let Some(1..) = stop.run_until_cancelled(outgoing.recv_many(&mut batch, BATCH)).await {
        for next in batch.drain(..) {
            let frame = match next {
                Outgoing::Message { room, number } => Message::text(wire.message(room, number)),
                Outgoing::Pong => Message::text(PONG),
            };
            if sink.feed(frame).await.is_err() {
                return;
            }
        }
        if sink.flush().await.is_err() {
            return;
        }
    }
    // The other side may be gone already.
    drop(sink.close().await);
}

/// Takes what a client hears.
struct Listener {
    wire: Wire,
    diary: Diary,
    totals: Arc<Totals>,
    queue: mpsc::Sender<Outgoing>,
}

impl Listener {
    async fn run(mut self, mut frames: SplitStream<Socket>, stop: CancellationToken) -> Diary {
        loop {
            let frame = match stop.run_until_cancelled(frames.next()).await {
                None => return self.diary,
                Some(Some(Ok(frame))) => frame,
                Some(_) => break,
            };
            let now = Instant::now();
            match frame.to_text().map(|text| self.wire.hear(text)) {
                Ok(Heard::Message(number)) => {
                    self.diary.messages.push((number, now));
                    self.totals.messages.fetch_add(1, Ordering::Relaxed);
                }
                Ok(Heard::Acknowledged(number)) => {
                    self.diary.acknowledged.push((number, now));
                    self.totals.answers.fetch_add(1, Ordering::Relaxed);
                }
                Ok(Heard::Refused(number, reason)) => {
                    if self.totals.refused.fetch_add(1, Ordering::Relaxed) == 0 {
                        eprintln!("the first message that was refused: {reason}");
                    }
                    self.diary.refused.push(number);
                    self.totals.answers.fetch_add(1, Ordering::Relaxed);
                }
                Ok(Heard::Ping) if self.queue.send(Outgoing::Pong).await.is_err() => break,
                Ok(Heard::Ended(_)) | Err(_) => break,
                Ok(_) => {}
            }
        }
        // Who hangs up may hear the answer to that before anything else.
        if !stop.is_cancelled() {
            eprintln!("somebody was cut off");
            self.diary.cut_off = true;
        }
        self.diary
    }
}
