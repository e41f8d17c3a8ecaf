//! The smallest hub of real processes: `confab all` with an embedded database, and a NATS server.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use confab_bus::{Bus, BusSettings};
use confab_client::HttpClient;
use confab_domain::TenantSettings;
use confab_store::{Store, StoreSettings};
use confab_testkit::binaries;
use confab_testkit::nats::{NatsOptions, NatsServer};
use confab_testkit::process::{Process, Spec, free_port};
use confab_testkit::wait;
use tempfile::TempDir;

use crate::people::{SIGNING_KEY, Tenant};

const START_LIMIT: Duration = Duration::from_secs(30);
/// For how long a database that was closed may still hold its files.
const RELEASE_LIMIT: Duration = Duration::from_secs(10);
const TENANT: &str = "acme";

/// A hub in one process. Its database can only be opened while that process is down.
#[derive(Debug)]
pub struct OneNode {
    /// The process, to be ended, frozen and started again.
    pub process: Process,
    /// The NATS server.
    pub nats: NatsServer,
    /// Its base URL.
    pub url: String,
    bus: Bus,
    files: PathBuf,
    _home: TempDir,
}

impl OneNode {
    /// Makes a tenant, has `people` put into it, and starts the hub. Settings are as `session.outbox_frames`.
    ///
    /// # Panics
    /// When something doesn't come up.
    pub async fn start<T>(
        nats: NatsOptions,
        settings: &[(String, String)],
        tenant: TenantSettings,
        people: impl AsyncFnOnce(&Tenant) -> T,
    ) -> (Self, T) {
        let home = TempDir::with_prefix("confab-one-node-").expect("a directory for the hub");
        let files = home.path().join("database");
        let nats = nats.start();
        let store = open(&files).await;
        store.migrate().await.expect("the schema is made");
        let people = people(&Tenant::create(&store, TENANT, tenant).await).await;
        drop(store);
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let name = |setting: &str| format!("CONFAB_{}", setting.replace('.', "__").to_ascii_uppercase());
        let mut variables: Vec<(String, String)> =
            settings.iter().map(|(setting, value)| (name(setting), value.clone())).collect();
        for (setting, value) in [
            ("server.listen", address.to_string()),
            ("server.node_id", "hub".to_owned()),
            ("nats.url", nats.url()),
            ("store.url", url_of(&files)),
            ("auth.signing_key", SIGNING_KEY.to_owned()),
        ] {
            variables.push((name(setting), value));
        }
        let process = Process::start(Spec {
            name: "hub".to_owned(),
            binary: binaries::find("confab"),
            arguments: vec!["all".to_owned(), "--data".to_owned(), home.path().display().to_string()],
            variables,
            log: home.path().join("hub.log"),
            ..Spec::default()
        });
        let url = format!("http://{address}");
        let http = HttpClient::new(&url).expect("a hub's URL");
        let what = format!("the hub ready; see {}", process.log());
        wait::until(&what, START_LIMIT, || async { http.text("/health/ready").await.is_ok() }).await;
        let bus = BusSettings { url: nats.url(), name: "test".to_owned(), ..BusSettings::default() };
        let bus = Bus::connect(bus).await.expect("the bus is reached");
        (Self { process, nats, url, bus, files, _home: home }, people)
    }

    /// A connection to the bus beside the hub's own.
    pub fn bus(&self) -> &Bus {
        &self.bus
    }

    /// Ends the hub as a power cut would. What it has stored can then be opened.
    ///
    /// # Panics
    /// When it can't be signalled.
    pub fn end(&mut self) -> Files {
        self.process.kill();
        Files(self.files.clone())
    }
}

/// The database's files, of which nobody else has hold.
#[derive(Debug)]
pub struct Files(PathBuf);

impl Files {
    /// Opens them.
    ///
    /// # Panics
    /// When they can't be opened.
    pub async fn open(self) -> Tenant {
        let store = open(&self.0).await;
        let id = TENANT.parse().expect("a tenant's name is an id");
        let store = store.tenant(&id).await.expect("the tenant is there");
        Tenant { id, store }
    }
}

fn url_of(files: &std::path::Path) -> String {
    format!("surrealkv://{}", files.display())
}

/// Whoever had the files open closes them in the background.
async fn open(files: &std::path::Path) -> Store {
    let begun = std::time::Instant::now();
    loop {
        match Store::open(StoreSettings::at(url_of(files))).await {
            Ok(store) => return store,
            Err(error) => assert!(begun.elapsed() < RELEASE_LIMIT, "the database can't be opened: {error}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
