//! A peer that runs: two relay processes, and what they stand on. All of it ends when it goes out of scope.

use std::path::Path;

use anyhow::Result;
use confab_testkit::binaries;
use confab_testkit::nats::NatsServer;
use confab_testkit::process::{Process, Spec, free_port};
use tempfile::TempDir;

use super::PeerKind;
use super::neighbours::{Postgres, Redis, is_up};
use super::packages;
use super::wire::Wire;

/// Relay processes of a peer.
pub(super) const RELAYS: usize = 2;
/// What a relay writes when it takes connections.
const READY: &str = "ready";

/// A running peer.
#[derive(Debug)]
pub(super) struct Peer {
    wire: Wire,
    // In the order in which they are ended: nobody loses what it stands on.
    relays: Vec<Process>,
    addresses: Vec<String>,
    nats: Option<NatsServer>,
    redis: Option<Redis>,
    postgres: Option<Postgres>,
    home: TempDir,
}

impl Peer {
    /// Starts it. Blocks until it takes connections; what is missing on the machine is installed first, if that can be.
    pub(super) fn start(kind: PeerKind) -> Result<Self> {
        let mut peer = Self {
            wire: if matches!(kind, PeerKind::Floor { .. }) { Wire::Floor } else { Wire::SocketIo },
            relays: Vec::new(),
            addresses: Vec::new(),
            nats: None,
            redis: None,
            postgres: None,
            home: TempDir::with_prefix("confab-peer-")?,
        };
        match kind {
            PeerKind::Floor { sync_always } => peer.start_floor(sync_always)?,
            PeerKind::SocketIo { postgres } => peer.start_socket_io(postgres)?,
        }
        Ok(peer)
    }

    /// How it is spoken to.
    pub(super) fn wire(&self) -> Wire {
        self.wire
    }

    /// Host and port of a relay; numbers beyond the last go around.
    pub(super) fn address(&self, relay: usize) -> &str {
        &self.addresses[relay % self.addresses.len()]
    }

    /// Every process by name.
    pub(super) fn processes(&self) -> Vec<(String, u32)> {
        let relays = self.relays.iter().map(|relay| (relay.name().to_owned(), relay.id()));
        let neighbours = [
            ("nats", self.nats.as_ref().and_then(NatsServer::process_id)),
            ("redis", self.redis.as_ref().and_then(Redis::process_id)),
            ("postgres", self.postgres.as_ref().and_then(Postgres::process_id)),
        ];
        let neighbours = neighbours.into_iter().map(|(name, id)| (name.to_owned(), id));
        relays.chain(neighbours).filter_map(|(name, id)| Some((name, id?))).collect()
    }

    fn start_floor(&mut self, sync_always: bool) -> Result<()> {
        let options = NatsServer::options();
        let nats = if sync_always { options.sync_always() } else { options }.start();
        let url = nats.url();
        self.nats = Some(nats);
        let binary = binaries::find("confab-floor");
        for number in 1..=RELAYS {
            let arguments = |port: u16| {
                vec!["--nats".to_owned(), url.clone(), "--listen".to_owned(), format!("127.0.0.1:{port}")]
            };
            self.start_relay(number, &binary, arguments)?;
        }
        Ok(())
    }

    fn start_socket_io(&mut self, postgres: bool) -> Result<()> {
        let server = packages::socket_io()?;
        let redis = Redis::start()?;
        let mut urls = vec!["--redis".to_owned(), redis.url()];
        self.redis = Some(redis);
        if postgres {
            let postgres = Postgres::start()?;
            urls.extend(["--postgres".to_owned(), postgres.url()]);
            self.postgres = Some(postgres);
        }
        for number in 1..=RELAYS {
            let arguments = |port: u16| {
                let script = [server.display().to_string(), "--port".to_owned(), port.to_string()];
                script.into_iter().chain(urls.iter().cloned()).collect()
            };
            self.start_relay(number, Path::new("node"), arguments)?;
        }
        Ok(())
    }

    /// Starts a relay, and waits for it: the first one makes what all of them need.
    fn start_relay(
        &mut self,
        number: usize,
        binary: &Path,
        arguments: impl Fn(u16) -> Vec<String>,
    ) -> Result<()> {
        let port = free_port();
        let mut relay = Process::start(Spec {
            name: format!("relay-{number}"),
            binary: binary.to_owned(),
            arguments: arguments(port),
            variables: vec![("NODE_ENV".to_owned(), "production".to_owned())],
            log: self.home.path().join(format!("relay-{number}.log")),
            ..Spec::default()
        });
        is_up(&mut relay, |relay| relay.log().lines().any(|line| line == READY))?;
        self.relays.push(relay);
        self.addresses.push(format!("127.0.0.1:{port}"));
        Ok(())
    }
}
