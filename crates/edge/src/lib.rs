//! The edge: WebSocket and server-sent event sessions, fan-out, the HTTP API. Holds nothing that a restart could lose.
//!
//! It knows workers only through the bus: commands go to the work queue, entries come back from the log.

mod access;
mod audit;
mod authentication;
mod commands;
mod error;
mod filter;
mod form;
mod http;
mod hub;
mod identity;
mod leases;
mod limits;
mod messages;
mod outbox;
pub mod privacy;
mod server;
mod session;
mod sse;
mod state;
mod tls;
mod ws;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use confab_attachments::AttachmentStore;
use confab_auth::Tokens;
use confab_bus::{Bus, BusError};
use confab_config::Config;
use confab_domain::Clock;
use confab_store::Store;
use confab_telemetry::MetricsHandle;
use confab_telemetry::metrics::LOG_SHARDS;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use http::openapi_json;
#[doc(hidden)]
pub use hub::measured;
pub use tls::{CertificateError, check_certificate};

use access::Access;
use hub::{Hub, HubDeps, Nodes};
use leases::Leases;
use limits::Limits;
use messages::Messages;
use state::{EdgeState, Shared};
use tls::Tls;

/// How often a node says that it lives.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// What an edge needs from the outside.
pub struct EdgeDeps {
    /// Configuration.
    pub config: Arc<Config>,
    /// The bus, connected.
    pub bus: Bus,
    /// The database.
    pub store: Store,
    /// Where files are kept; without it nothing can be attached.
    pub attachments: Option<Arc<dyn AttachmentStore>>,
    /// Issues and verifies tokens.
    pub tokens: Tokens,
    /// The time.
    pub clock: Clock,
    /// This node's id: 1 to 64 of `A-Z a-z 0-9 _ -`.
    pub node: String,
    /// Renders `/metrics`.
    pub metrics: MetricsHandle,
}

/// The edge could not be started.
#[derive(Debug, thiserror::Error)]
pub enum EdgeStartError {
    /// The address is taken or not ours.
    #[error("can't listen on {address}: {cause}; choose another address with server.listen")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        cause: std::io::Error,
    },
    /// There is a certificate for TLS, and it can't be used.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The bus does not work.
    #[error(transparent)]
    Bus(#[from] BusError),
}

/// An edge that listens but does not serve yet.
pub struct Edge {
    listener: TcpListener,
    tls: Option<Tls>,
    address: SocketAddr,
    state: EdgeState,
    nodes: Nodes,
    stop: CancellationToken,
}

/// A running edge.
pub struct EdgeHandle {
    state: EdgeState,
    stop: CancellationToken,
}

impl Edge {
    /// Binds the listener and subscribes to replies; serves nobody yet.
    pub async fn bind(deps: EdgeDeps) -> Result<Self, EdgeStartError> {
        let EdgeDeps { config, bus, store, attachments, tokens, clock, node, metrics } = deps;
        let address = config.server.listen;
        let tls = Tls::configured(&config.server)?;
        let listen_error = |cause| EdgeStartError::Listen { address, cause };
        let listener = TcpListener::bind(address).await.map_err(listen_error)?;
        let address = listener.local_addr().map_err(listen_error)?;
        let (tasks, stop, nodes) = (TaskTracker::new(), CancellationToken::new(), Nodes::default());
        let deps = HubDeps {
            config: Arc::clone(&config),
            bus: bus.clone(),
            store: store.clone(),
            clock: clock.clone(),
            node: node.clone(),
            nodes: nodes.clone(),
        };
        let hub = Hub::new(deps, tasks.clone(), stop.clone());
        let access = Arc::new(Access::new(bus.clone(), store.clone()));
        let limits = Arc::new(Limits::new(&config.limits));
        let messages = Messages::new(
            Arc::clone(&config),
            bus.clone(),
            store.clone(),
            clock.clone(),
            hub.clone(),
            Arc::clone(&access),
            Arc::clone(&limits),
        );
        let state = EdgeState::new(Shared {
            replies: bus.replies().await?,
            leases: Arc::new(Leases::new(
                bus.clone(),
                store.clone(),
                clock.clone(),
                node.clone(),
                &config.session,
            )),
            limits,
            draining: CancellationToken::new(),
            config,
            bus,
            store,
            attachments,
            tokens,
            clock,
            node,
            metrics,
            hub,
            access,
            messages,
            tasks,
        });
        Ok(Self { listener, tls, address, state, nodes, stop })
    }

    /// The address that is listened on.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Begins to serve.
    pub fn spawn(self) -> EdgeHandle {
        let Self { listener, tls, state, nodes, stop, .. } = self;
        if let Some(tls) = tls.clone() {
            state.tasks.spawn(tls.follow_files(stop.clone()));
        }
        state.tasks.spawn(server::serve(listener, tls, state.clone()));
        let (leases, lease_stop) = (Arc::clone(&state.leases), stop.clone());
        state.tasks.spawn(async move { leases.keep(lease_stop).await });
        state.tasks.spawn(announce_node(state.clone(), stop.clone()));
        state.tasks.spawn(hear_nodes(state.clone(), nodes, stop.clone()));
        EdgeHandle { state, stop }
    }
}

impl EdgeHandle {
    /// Stops accepting, asks clients to reconnect elsewhere, and waits for what runs, until `deadline` at most.
    pub async fn drain(self, deadline: Duration) {
        self.state.draining.cancel();
        // Sessions end by themselves, each at its time; rooms and leases go once nobody needs them.
        let sessions = async {
            self.state.limits.all_disconnected().await;
            self.stop.cancel();
            self.state.tasks.close();
            self.state.tasks.wait().await;
        };
        if tokio::time::timeout(deadline, sessions).await.is_err() {
            tracing::warn!(
                tasks = self.state.tasks.len(),
                "the time to drain is over; what still runs is cut off"
            );
        }
        self.stop.cancel();
    }
}

/// Tells the other nodes that this one lives, so that they believe what it said about who is here.
async fn announce_node(state: EdgeState, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(HEARTBEAT);
    let shards = state.bus.shard_counts();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        metrics::gauge!(LOG_SHARDS).set(f64::from(*shards.borrow()));
        if let Err(error) = state.bus.announce_node(&state.node).await {
            tracing::debug!(%error, "the heartbeat was not sent");
        }
    }
}

async fn hear_nodes(state: EdgeState, nodes: Nodes, stop: CancellationToken) {
    let mut heartbeats = loop {
        match state.bus.subscribe_nodes().await {
            Ok(heartbeats) => break heartbeats,
            Err(error) => tracing::warn!(%error, "other nodes can't be heard yet"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(HEARTBEAT) => {}
        }
    };
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            node = heartbeats.next() => match node {
                Some(node) => nodes.heard(&node),
                None => return,
            },
        }
        nodes.forget_lost();
    }
}
