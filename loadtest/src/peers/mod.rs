//! The systems that the hub is compared with: a bare relay over the same bus, and a live chat as it is usually built.
//! They do the work of `steady`, and are measured and checked in the same way.

mod check;
mod cli;
mod clients;
mod evidence;
mod neighbours;
mod packages;
mod plan;
mod system;
mod usage;
mod wire;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use tokio_util::task::TaskTracker;

use crate::machine;
use crate::result::RunResult;

pub(crate) use cli::PeerRun;
use clients::Clients;
use evidence::Evidence;
use plan::Plan;
use system::Peer;

/// Time in which nothing is measured.
const WARM_UP: Duration = Duration::from_secs(2);
/// How long what was sent may take to arrive.
const SETTLE: Duration = Duration::from_secs(20);
/// How long after everything has arrived something could still arrive twice.
const AFTERMATH: Duration = Duration::from_millis(300);
const POLL: Duration = Duration::from_millis(50);
/// Peers say that somebody is in a room when they have asked for the room's messages; the bus between their processes
/// gives no sign that it has heard.
const SUBSCRIBED: Duration = Duration::from_millis(500);

/// A system that the hub is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PeerKind {
    /// A bare relay over one stream of NATS.
    Floor {
        /// Whether NATS brings every message to the disk before it is acknowledged.
        sync_always: bool,
    },
    /// Socket.IO with its Redis adapter.
    SocketIo {
        /// Whether every message is put into Postgres before it is shown.
        postgres: bool,
    },
}

/// The work: rooms of two, in which both write in turn at a steady rate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PeerLoad {
    /// Rooms, each of a customer and an agent.
    pub(crate) rooms: usize,
    /// Messages per second, over all rooms.
    pub(crate) rate: u32,
    /// Measured time.
    pub(crate) seconds: u64,
}

impl PeerKind {
    /// What results call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Floor { .. } => "floor",
            Self::SocketIo { postgres: true } => "socketio-postgres",
            Self::SocketIo { postgres: false } => "socketio",
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::Floor { .. } => {
                "A bare relay, WebSocket to JetStream to WebSocket: no users, no checks, no database."
            }
            Self::SocketIo { postgres: true } => {
                "Socket.IO with its Redis adapter; every message is in PostgreSQL before it is shown."
            }
            Self::SocketIo { postgres: false } => "Socket.IO with its Redis adapter; nothing is stored.",
        }
    }

    fn sync(self) -> &'static str {
        match self {
            Self::Floor { sync_always: true } | Self::SocketIo { postgres: true } => "always",
            Self::Floor { sync_always: false } => "default",
            Self::SocketIo { postgres: false } => "none",
        }
    }
}

/// Starts a peer, two relay processes and what they stand on, has it do the work, and ends it.
pub(crate) async fn measure(kind: PeerKind, load: &PeerLoad) -> Result<RunResult> {
    let began = machine::now();
    let peer = tokio::task::spawn_blocking(move || Peer::start(kind)).await?;
    let peer = peer.with_context(|| format!("{} can't be started", kind.name()))?;
    let tasks = TaskTracker::new();
    let plan = Plan::new(load, WARM_UP);
    let clients = Clients::connect(&peer, &plan, &tasks).await?;
    tokio::time::sleep(SUBSCRIBED).await;

    let start = Instant::now();
    let clients = Arc::new(clients);
    let pacing = {
        let (plan, clients) = (plan, Arc::clone(&clients));
        tokio::task::spawn_blocking(move || plan.pace(start, |turn, number| clients.write(turn, number)))
    };
    let (paced, processes) = tokio::join!(pacing, usage::watch(peer.processes(), &plan, start));
    let paced = paced?;
    settle(&clients, plan.total() - paced.stalled.len() as u64).await;
    let heard = clients.end().await;
    tasks.close();
    tasks.wait().await;
    drop(tokio::task::spawn_blocking(move || drop(peer)).await);

    let mut result = RunResult {
        scenario: kind.name().to_owned(),
        description: kind.description().to_owned(),
        began,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        machine: machine::this(),
        seconds: plan.measured().as_secs_f64(),
        processes,
        ..RunResult::default()
    };
    for (parameter, value) in [
        ("rooms", load.rooms.to_string()),
        ("rate", load.rate.to_string()),
        ("relays", system::RELAYS.to_string()),
        ("sync", kind.sync().to_owned()),
    ] {
        result.parameters.insert(parameter.to_owned(), value);
    }
    Evidence { plan, start, paced, heard }.fill(&mut result);
    Ok(result)
}

/// Waits until everything written is answered and has reached both sides, or too long has passed: the check then says
/// what is missing.
async fn settle(clients: &Clients, written: u64) {
    let begun = tokio::time::Instant::now();
    while begun.elapsed() < SETTLE && !clients.have_all(written) {
        tokio::time::sleep(POLL).await;
    }
    tokio::time::sleep(AFTERMATH).await;
}
