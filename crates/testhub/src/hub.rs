//! A whole hub inside the test's own process: quick to start, for behaviours in which no process has to die. NATS is real.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use confab_attachments::{AttachmentStore, ObjectAttachments, S3Settings};
use confab_bus::{Bus, BusSettings};
use confab_client::HttpClient;
use confab_config::{Config, EventStream};
use confab_domain::{Clock, TenantSettings};
use confab_edge::{Edge, EdgeDeps, EdgeHandle};
use confab_store::{Store, StoreSettings};
use confab_telemetry::MetricsHandle;
/// What an embedder plugs in, for tests of crates that don't know workers.
pub use confab_worker::{
    Extensions, Listener, ListenerError, Mail, MailError, Mailer, Question, Reply, Responder, ResponderError,
};
use confab_worker::{Worker, WorkerDeps, WorkerHandle};
use tempfile::TempDir;
use tokio::sync::OwnedRwLockReadGuard;

use crate::cluster::MACHINE;
use crate::people::{Tenant, tokens};
use confab_testkit::nats::NatsServer;

/// The recorder is one for the process, however many hubs its tests start.
static METRICS: OnceLock<MetricsHandle> = OnceLock::new();

/// A running hub. Its tasks end with it.
pub struct Hub {
    /// The tenant and its database.
    pub tenant: Tenant,
    /// The bus.
    pub bus: Bus,
    /// The database, with all tenants.
    pub store: Store,
    url: String,
    edge: Option<EdgeHandle>,
    worker: Option<WorkerHandle>,
    worker_deps: WorkerDeps,
    /// Where files are kept.
    files: TempDir,
    _nats: NatsServer,
    _machine: OwnedRwLockReadGuard<()>,
}

impl Hub {
    /// A hub with the usual configuration and these settings of its tenant.
    ///
    /// # Panics
    /// When something doesn't come up.
    pub async fn start(settings: TenantSettings) -> Self {
        Self::start_with(settings, |_| ()).await
    }

    /// A hub whose configuration is changed first.
    ///
    /// # Panics
    /// When something doesn't come up.
    pub async fn start_with(settings: TenantSettings, change: impl FnOnce(&mut Config)) -> Self {
        Self::extended(settings, Extensions::default(), change).await
    }

    /// A hub with parts of its embedder's own, whose configuration is changed first.
    ///
    /// # Panics
    /// When something doesn't come up.
    pub async fn extended(
        settings: TenantSettings,
        extensions: Extensions,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let machine = Arc::clone(&MACHINE).read_owned().await;
        let nats = NatsServer::start();
        let mut config = Config::default();
        config.server.listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        config.server.reconnect_jitter_ms = 100;
        config.limits.max_connections_per_address = 0;
        config.limits.starts_per_minute_per_address = 1_000_000;
        config.worker.snapshot_interval_ms = 50;
        config.events.streams = vec![EventStream::Lifecycle, EventStream::Messages];
        change(&mut config);
        let config = Arc::new(config);
        let bus = BusSettings {
            url: nats.url(),
            name: "hub".to_owned(),
            shards: config.nats.shards,
            duplicate_window: Duration::from_secs(config.nats.duplicate_window_seconds),
            max_deliver: i64::from(config.worker.max_deliver),
            ..BusSettings::default()
        };
        let bus = Bus::connect(bus).await.expect("the bus is reached");
        bus.ensure_topology().await.expect("the streams are made");
        let store = Store::open(StoreSettings::memory()).await.expect("the database is opened");
        store.migrate().await.expect("the database is migrated");
        let tenant = Tenant::create(&store, "acme", settings).await;
        let metrics = METRICS.get_or_init(|| {
            confab_telemetry::install_recorder(env!("CARGO_PKG_VERSION")).expect("nobody else installs one")
        });
        let files = TempDir::with_prefix("confab-files-").expect("a directory for attachments");
        let place = files.path().display().to_string();
        let attachments =
            ObjectAttachments::open(&place, &S3Settings::default()).expect("attachments have a place");
        let attachments: Arc<dyn AttachmentStore> = Arc::new(attachments);
        let edge = Edge::bind(EdgeDeps {
            config: Arc::clone(&config),
            bus: bus.clone(),
            store: store.clone(),
            attachments: Some(attachments.clone()),
            tokens: tokens(),
            clock: Clock::system(),
            node: "hub".to_owned(),
            metrics: metrics.clone(),
        })
        .await
        .expect("the edge is bound");
        let address = edge.local_addr();
        let url = match &config.server.tls_certificate_file {
            Some(_) => format!("https://localhost:{}", address.port()),
            None => format!("http://{address}"),
        };
        let node = "hub".to_owned();
        let attachments = Some(attachments);
        let worker = WorkerDeps {
            config,
            bus: bus.clone(),
            store: store.clone(),
            attachments,
            clock: Clock::system(),
            tokens: Arc::new(tokens()),
            extensions,
            node,
        };
        Self {
            tenant,
            bus,
            store,
            url,
            edge: Some(edge.spawn()),
            worker: Some(Worker::spawn(worker.clone())),
            worker_deps: worker,
            files,
            _nats: nats,
            _machine: machine,
        }
    }

    /// How many files its attachment store has.
    ///
    /// # Panics
    /// When its directory can't be read.
    pub fn stored_files(&self) -> usize {
        count_files(self.files.path())
    }

    /// Another worker beside the hub's own, whose clock is so far ahead; it ends when it is dropped.
    pub fn worker_ahead(&self, ahead: Duration) -> WorkerHandle {
        let ahead = u64::try_from(ahead.as_millis()).unwrap_or(u64::MAX);
        let clock = Clock::manual(Clock::system().now() + ahead);
        Worker::spawn(WorkerDeps { node: "hub-2".to_owned(), clock, ..self.worker_deps.clone() })
    }

    /// Its base URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its HTTP API, without a token.
    ///
    /// # Panics
    /// Never: the URL is one.
    pub fn http(&self) -> HttpClient {
        HttpClient::new(&self.url).expect("the hub's URL")
    }

    /// Ends it as a node ends: clients are told, work is finished.
    pub async fn drain(mut self, limit: Duration) {
        if let Some(edge) = self.edge.take() {
            edge.drain(limit).await;
        }
        if let Some(worker) = self.worker.take() {
            worker.drain(limit).await;
        }
        self.bus.drain().await;
    }
}

fn count_files(directory: &Path) -> usize {
    let entries = std::fs::read_dir(directory).expect("a directory is read");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.map(|path| if path.is_dir() { count_files(&path) } else { 1 }).sum()
}
