//! A hub of real processes: NATS, a SurrealDB server, edges and workers, each to be killed, frozen and started again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, LazyLock};

use confab_bus::{Bus, BusSettings};
use confab_client::HttpClient;
use confab_domain::TenantSettings;
use confab_store::Store;
use tempfile::TempDir;
use tokio::sync::{OwnedRwLockWriteGuard, RwLock};

use crate::database::{Database, ROOT};
pub use crate::edge::Edge;
use crate::hosts::{Hosts, RunningHosts};
use crate::links::Links;
use crate::people::{SIGNING_KEY, Tenant};
use confab_testkit::binaries;
use confab_testkit::nats::{NatsOptions, NatsServer, password};
use confab_testkit::nats_cluster::NatsCluster;
use confab_testkit::process::{Process, Spec};

/// A cluster has the machine to itself, as far as the tests of one process go; hubs inside the process share it.
pub(crate) static MACHINE: LazyLock<Arc<RwLock<()>>> = LazyLock::new(Arc::default);

/// The tenant of every cluster.
const TENANT: &str = "acme";

/// What a cluster is to be like.
#[derive(Debug, Clone)]
pub struct ClusterBuilder {
    edges: usize,
    workers: usize,
    nats: NatsOptions,
    nats_servers: usize,
    links: Vec<(String, String)>,
    nats_accounts: bool,
    nats_cluster: bool,
    settings: BTreeMap<String, String>,
    tenant: Option<TenantSettings>,
    background_nice: u8,
    hosts: Option<Hosts>,
}

impl ClusterBuilder {
    /// So many edges; one unless said.
    #[must_use]
    pub fn edges(self, edges: usize) -> Self {
        Self { edges, ..self }
    }

    /// So many workers; one unless said.
    #[must_use]
    pub fn workers(self, workers: usize) -> Self {
        Self { workers, ..self }
    }

    /// NATS with these options.
    #[must_use]
    pub fn nats(self, nats: NatsOptions) -> Self {
        Self { nats, ..self }
    }

    /// So many NATS servers as one cluster, with a copy of each stream on every one; one unless said.
    #[must_use]
    pub fn nats_servers(self, nats_servers: usize) -> Self {
        Self { nats_servers, ..self }
    }

    /// A link that can be cut: `edge-1` or `worker-1` to `nats` or `database`, or `client` to `edge-1`. The others connect
    /// directly.
    #[must_use]
    pub fn link(mut self, from: &str, to: &str) -> Self {
        self.links.push((from.to_owned(), to.to_owned()));
        self
    }

    /// Each process on a host of its own. The test itself must be apart: `testkit::network`.
    #[must_use]
    pub fn hosts(self, hosts: Hosts) -> Self {
        Self { hosts: Some(hosts), ..self }
    }

    /// One NATS server with the accounts that are shipped: each role logs in as itself, commands as `admin`.
    #[must_use]
    pub fn nats_accounts(self) -> Self {
        let accounts = include_str!("../../../nats/accounts.conf");
        Self { nats: self.nats.accounts(accounts), nats_accounts: true, ..self }
    }

    /// Three NATS servers as they are shipped, with accounts, and three copies of every stream.
    #[must_use]
    pub fn nats_cluster(self) -> Self {
        Self { nats_accounts: true, nats_cluster: true, ..self }
    }

    /// A setting of every node, as `session.outbox_frames`.
    #[must_use]
    pub fn set(mut self, setting: &str, value: impl std::fmt::Display) -> Self {
        self.settings.insert(setting.to_owned(), value.to_string());
        self
    }

    /// How far the database and the workers step back for edges and NATS when processors are short, 0 to 19.
    #[must_use]
    pub fn background_nice(self, background_nice: u8) -> Self {
        Self { background_nice, ..self }
    }

    /// The tenant's settings.
    #[must_use]
    pub fn tenant(self, tenant: TenantSettings) -> Self {
        Self { tenant: Some(tenant), ..self }
    }

    /// Without a tenant: an empty system.
    #[must_use]
    pub fn without_tenant(self) -> Self {
        Self { tenant: None, ..self }
    }

    /// Starts everything and waits until every edge is ready.
    ///
    /// # Panics
    /// When something doesn't come up.
    pub async fn start(self) -> Cluster {
        let machine = Arc::clone(&MACHINE).write_owned().await;
        let home = TempDir::with_prefix("confab-cluster-").expect("a directory for the cluster");
        let shipped = self.nats_cluster.then(|| NatsCluster::start(&tree().join("nats/cluster.conf")));
        let hosts = self.hosts.as_ref().map(|hosts| hosts.start(&self.host_names()));
        let on = |name: &str| hosts.as_ref().map(|hosts| hosts.host(name));
        let mut nats = match (&shipped, self.nats_servers) {
            (Some(_), _) => vec![NatsServer::absent()],
            (None, 0 | 1) => vec![self.nats.start()],
            (None, servers) => {
                self.nats.start_cluster_on((1..=servers).map(|number| on(&nats_host(number))).collect())
            }
        };
        let nats_url = shipped
            .as_ref()
            .map_or_else(|| nats.iter().map(NatsServer::url).collect::<Vec<_>>().join(","), NatsCluster::url);
        let nats_urls: Vec<String> = nats_url.split(',').map(str::to_owned).collect();
        let database = Database::start(home.path(), self.background_nice, on("database"));
        let mut settings = self.settings;
        for (setting, value) in [
            ("nats.url", nats_url),
            ("nats.replicas", nats_urls.len().to_string()),
            ("store.url", database.url()),
            ("store.username", ROOT.0.to_owned()),
            ("store.password", ROOT.1.to_owned()),
            ("auth.signing_key", SIGNING_KEY.to_owned()),
        ] {
            settings.insert(setting.to_owned(), value);
        }
        let links = Links::start(&self.links, &nats_urls, &database.url()).await;
        let nats_peers = nats.split_off(1);
        let nats = nats.remove(0);
        let mut cluster = Cluster {
            edges: Vec::new(),
            workers: Vec::new(),
            tenant: None,
            store: None,
            bus: None,
            database,
            nats,
            nats_peers,
            nats_nodes: shipped,
            nats_accounts: self.nats_accounts,
            hosts,
            links,
            settings,
            background_nice: self.background_nice,
            home,
            _machine: machine,
        };
        cluster.run(&["migrate"]).expect_success();
        cluster.open(self.tenant).await;
        for number in 1..=self.edges {
            let edge = Edge::start(&mut cluster, number).await;
            cluster.edges.push(edge);
        }
        for number in 1..=self.workers {
            let worker = cluster.node("worker", number, &[]);
            cluster.workers.push(worker);
        }
        for edge in &cluster.edges {
            edge.is_ready().await;
        }
        for worker in &mut cluster.workers {
            assert!(worker.is_running(), "{} ended: {}", worker.name(), worker.log());
        }
        cluster
    }

    /// What the hosts are called: as their processes are.
    fn host_names(&self) -> Vec<String> {
        let edges = (1..=self.edges).map(|number| format!("edge-{number}"));
        let workers = (1..=self.workers).map(|number| format!("worker-{number}"));
        let nats = (1..=self.nats_servers).map(nats_host);
        edges.chain(workers).chain(nats).chain(["database".to_owned()]).collect()
    }
}

fn nats_host(number: usize) -> String {
    format!("nats-{number}")
}

/// A running cluster. When a test fails, its directory with all logs is kept and named.
#[derive(Debug)]
pub struct Cluster {
    /// The edges.
    pub edges: Vec<Edge>,
    /// The workers.
    pub workers: Vec<Process>,
    /// The database server.
    pub database: Database,
    /// The NATS server, or the first one.
    pub nats: NatsServer,
    /// The other NATS servers.
    pub nats_peers: Vec<NatsServer>,
    /// The NATS servers, when they are a cluster as it is shipped.
    pub nats_nodes: Option<NatsCluster>,
    nats_accounts: bool,
    /// The hosts, if each process has one.
    pub hosts: Option<RunningHosts>,
    /// The links that were asked for.
    pub links: Links,
    tenant: Option<Tenant>,
    store: Option<Store>,
    bus: Option<Bus>,
    settings: BTreeMap<String, String>,
    background_nice: u8,
    home: TempDir,
    _machine: OwnedRwLockWriteGuard<()>,
}

/// What a finished command said.
#[derive(Debug)]
pub struct Said {
    command: String,
    output: Output,
}

impl Said {
    /// What it says went wrong.
    ///
    /// # Panics
    /// When nothing did.
    pub fn expect_failure(&self) -> String {
        assert!(!self.output.status.success(), "confab {} was to fail", self.command);
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }

    /// Its standard output.
    ///
    /// # Panics
    /// When it failed.
    pub fn expect_success(&self) -> String {
        let errors = String::from_utf8_lossy(&self.output.stderr);
        assert!(self.output.status.success(), "confab {} failed: {errors}", self.command);
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }
}

impl Cluster {
    /// One edge, one worker, generous limits, quick to come back.
    pub fn builder() -> ClusterBuilder {
        let settings = [
            ("limits.max_connections_per_address", "0"),
            ("limits.requests_per_second_per_address", "100000"),
            ("limits.requests_per_second_per_user", "100000"),
            ("limits.requests_burst", "100000"),
            ("limits.messages_per_second_per_user", "100000"),
            ("limits.messages_burst", "100000"),
            ("limits.starts_per_minute_per_address", "1000000"),
            ("limits.logins_per_minute_per_address", "100000"),
            ("server.reconnect_jitter_ms", "500"),
            ("telemetry.log", "info"),
        ];
        let settings = settings.map(|(setting, value)| (setting.to_owned(), value.to_owned()));
        ClusterBuilder {
            edges: 1,
            workers: 1,
            nats: NatsOptions::default(),
            nats_servers: 1,
            links: Vec::new(),
            nats_accounts: false,
            nats_cluster: false,
            settings: settings.into(),
            tenant: Some(TenantSettings::default()),
            background_nice: 0,
            hosts: None,
        }
    }

    /// The tenant and its database.
    ///
    /// # Panics
    /// Never: a started cluster has one.
    pub fn tenant(&self) -> &Tenant {
        self.tenant.as_ref().expect("a started cluster has a tenant")
    }

    /// A connection to the bus beside those of the nodes.
    ///
    /// # Panics
    /// Never: a started cluster has one.
    pub fn bus(&self) -> &Bus {
        self.bus.as_ref().expect("a started cluster has a bus")
    }

    /// The database with all its tenants.
    ///
    /// # Panics
    /// Never: a started cluster has one.
    pub fn store(&self) -> &Store {
        self.store.as_ref().expect("a started cluster has a database")
    }

    /// The base URL of an edge.
    pub fn url(&self, edge: usize) -> &str {
        &self.edges[edge].url
    }

    /// The HTTP API of an edge, without a token.
    ///
    /// # Panics
    /// Never: the URL is one.
    pub fn http(&self, edge: usize) -> HttpClient {
        HttpClient::new(self.url(edge)).expect("an edge's URL")
    }

    /// Where the cluster keeps its files.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Runs a command of the binary with the cluster's settings to its end.
    ///
    /// # Panics
    /// When the binary can't be run.
    pub fn run(&self, arguments: &[&str]) -> Said {
        let output = self.command(arguments).output().expect("the binary runs");
        Said { command: arguments.join(" "), output }
    }

    /// The same command, to be run while something else goes on.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binaries::find("confab"));
        command.args(arguments).envs(self.variables()).envs(self.login("admin"));
        command
    }

    /// Settings as environment variables, for processes beside the cluster's own.
    pub fn variables(&self) -> Vec<(String, String)> {
        let name = |setting: &str| format!("CONFAB_{}", setting.replace('.', "__").to_ascii_uppercase());
        self.settings.iter().map(|(setting, value)| (name(setting), value.clone())).collect()
    }

    /// Starts one more worker.
    pub fn add_worker(&mut self) {
        let worker = self.node("worker", self.workers.len() + 1, &[]);
        self.workers.push(worker);
    }

    async fn open(&mut self, settings: Option<TenantSettings>) {
        let store = Store::open(self.database.settings()).await.expect("the database is opened");
        if let Some(settings) = settings {
            self.tenant = Some(Tenant::create(&store, TENANT, settings).await);
        }
        self.store = Some(store);
        let url = self.settings.get("nats.url").expect("a cluster has NATS").clone();
        let mut bus = BusSettings { url, name: "test".to_owned(), ..BusSettings::default() };
        bus.replicas = self.settings["nats.replicas"].parse().expect("a number of copies");
        if self.nats_accounts {
            bus.user = Some("admin".to_owned());
            bus.password = Some(password("admin").into());
        }
        if let Some(shards) = self.settings.get("nats.shards") {
            bus.shards = shards.parse().expect("a number of shards");
        }
        self.bus = Some(Bus::connect(bus).await.expect("the bus is reached"));
    }

    /// How a role logs in at NATS.
    fn login(&self, role: &str) -> Vec<(String, String)> {
        if !self.nats_accounts {
            return Vec::new();
        }
        let variables = [("CONFAB_NATS__USER", role.to_owned()), ("CONFAB_NATS__PASSWORD", password(role))];
        variables.map(|(variable, value)| (variable.to_owned(), value)).to_vec()
    }

    pub(crate) fn node(&self, role: &str, number: usize, more: &[(&str, String)]) -> Process {
        let name = format!("{role}-{number}");
        let mut variables = self.variables();
        variables.extend(self.login(role));
        variables.push(("CONFAB_SERVER__NODE_ID".to_owned(), name.clone()));
        variables.extend(self.links.variables(&name));
        variables.extend(more.iter().map(|(variable, value)| ((*variable).to_owned(), value.clone())));
        let (log, host) = (self.home.path().join(format!("{name}.log")), name.clone());
        Process::start(Spec {
            name,
            binary: binaries::find("confab"),
            arguments: vec![role.to_owned()],
            variables,
            log,
            host: self.hosts.as_ref().map(|hosts| hosts.host(&host)),
            nice: if role == "worker" { self.background_nice } else { 0 },
        })
    }
}

/// The root of the source tree, where shipped configurations are.
fn tree() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.home.disable_cleanup(true);
            eprintln!("the logs of the cluster are in {}", self.home.path().display());
        }
    }
}
