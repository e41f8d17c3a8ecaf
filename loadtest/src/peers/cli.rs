//! Arguments that choose one peer and its load.

use std::path::PathBuf;

use anyhow::Result;
use clap::ValueEnum;

use super::{PeerKind, PeerLoad, measure};
use crate::result::RunResult;

/// How much faster each step of the way to the knee is.
const FACTOR: f64 = 1.5;
/// No peer was ever this fast here.
const FASTEST: u32 = 60_000;
/// The knee is passed when deliveries take longer than this at the 99th percentile.
const LIMIT_MS: f64 = 100.0;

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
    /// Again at rates half as high again each time, until deliveries take longer than 100 ms at the 99th percentile.
    #[arg(long)]
    knee: bool,
    /// Where the result goes, `<peer>.json`; nowhere when it is not given.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
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
    /// What it is called on the command line.
    pub(crate) fn name(&self) -> String {
        self.peer.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    /// Runs it.
    pub(crate) async fn measure(&self) -> Result<RunResult> {
        let kind = match self.peer {
            Choice::Floor => PeerKind::Floor { sync_always: false },
            Choice::FloorSyncAlways => PeerKind::Floor { sync_always: true },
            Choice::Socketio => PeerKind::SocketIo { postgres: false },
            Choice::SocketioPostgres => PeerKind::SocketIo { postgres: true },
        };
        let Self { rooms, rate, seconds, .. } = *self;
        if self.knee {
            self.climb(kind).await
        } else {
            measure(kind, &PeerLoad { rooms, rate, seconds }).await
        }
    }

    /// The last run that was fast enough, or the first, with the knee among its figures: 0 when already that was too slow.
    async fn climb(&self, kind: PeerKind) -> Result<RunResult> {
        let Self { rooms, mut rate, seconds, .. } = *self;
        let (mut best, mut knee) = (None, 0);
        while rate <= FASTEST {
            let result = measure(kind, &PeerLoad { rooms, rate, seconds }).await?;
            let p99 = result.value("delivery.p99").unwrap_or(f64::INFINITY);
            eprintln!("{rate} messages a second: p99 {p99:.1} ms");
            let is_whole = ["lost", "stalled"].iter().all(|name| result.counts.get(*name) == Some(&0));
            if p99 > LIMIT_MS || !is_whole {
                best = best.or(Some(result));
                break;
            }
            (best, knee) = (Some(result), rate);
            rate = faster(rate);
        }
        let mut best = best.unwrap_or_default();
        best.figures.insert("knee_messages_per_s".to_owned(), f64::from(knee));
        Ok(best)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rates are positive and small")]
fn faster(rate: u32) -> u32 {
    (f64::from(rate) * FACTOR) as u32
}
