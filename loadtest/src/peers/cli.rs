//! Arguments that choose one peer and its load.

use anyhow::Result;
use clap::ValueEnum;

use super::{PeerKind, PeerLoad, measure};
use crate::result::RunResult;

/// One peer by itself.
#[derive(Debug, clap::Args)]
pub(crate) struct PeerRun {
    /// Which one.
    peer: Choice,
    /// Rooms, each of a customer and an agent.
    #[arg(long, default_value_t = 250)]
    rooms: usize,
    /// Messages per second, over all rooms.
    #[arg(long, default_value_t = 500)]
    rate: u32,
    /// Measured time.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Choice {
    /// A bare relay over NATS, which brings messages to the disk every two minutes.
    Floor,
    /// The same, with every message on the disk before it is shown.
    FloorSyncAlways,
    /// Socket.IO, storing nothing.
    Socketio,
    /// Socket.IO, with every message in a database before it is shown.
    SocketioPostgres,
}

impl PeerRun {
    /// Runs it.
    pub(crate) async fn measure(&self) -> Result<RunResult> {
        let kind = match self.peer {
            Choice::Floor => PeerKind::Floor { sync_always: false },
            Choice::FloorSyncAlways => PeerKind::Floor { sync_always: true },
            Choice::Socketio => PeerKind::SocketIo { postgres: false },
            Choice::SocketioPostgres => PeerKind::SocketIo { postgres: true },
        };
        let Self { rooms, rate, seconds, .. } = *self;
        measure(kind, &PeerLoad { rooms, rate, seconds }).await
    }
}
