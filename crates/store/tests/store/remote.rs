//! Against a SurrealDB server that is killed, restarted and frozen: the store finds its way back, and nothing counts twice.

use std::time::Duration;

use confab_store::{Store, StoreError, StoreSettings};
use confab_testkit::binaries;
use confab_testkit::process::{Process, Spec, free_port};
use confab_testkit::wait::{SOON, until, until_some};
use surrealdb::engine::any::connect;
use surrealdb::opt::auth::Root;
use tempfile::TempDir;

use crate::support::{EPOCH, conversation_id, message, tenant, user_id};

/// A server with its files.
struct Server {
    process: Process,
    url: String,
    _files: TempDir,
}

impl Server {
    fn start() -> Self {
        let files = tempfile::tempdir().unwrap();
        let port = free_port();
        let arguments = ["start", "--log", "warn", "--user", "root", "--pass", "secret", "--bind"];
        let mut arguments: Vec<String> = arguments.map(str::to_owned).to_vec();
        arguments.push(format!("127.0.0.1:{port}"));
        arguments.push(format!("surrealkv://{}", files.path().join("data").display()));
        let process = Process::start(Spec {
            name: "surreal".to_owned(),
            binary: binaries::find("confab-surreal-server"),
            arguments,
            variables: Vec::new(),
            log: files.path().join("log"),
            ..Spec::default()
        });
        Self { process, url: format!("ws://127.0.0.1:{port}"), _files: files }
    }

    fn settings(&self) -> StoreSettings {
        StoreSettings {
            username: Some("root".to_owned()),
            password: Some("secret".to_owned().into()),
            query_timeout: Duration::from_secs(1),
            ..StoreSettings::at(&self.url)
        }
    }

    async fn open(&self) -> Store {
        let open = || async { Store::open(self.settings()).await.ok() };
        let store = until_some("the server is up", SOON, open).await;
        store.migrate().await.unwrap();
        store
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_comes_back_is_found_again() {
    let mut server = Server::start();
    let store = server.open().await;
    let acme = tenant(&store, "acme").await;
    let entries: Vec<_> = (1..=30).map(|seq| message("c1", EPOCH, seq, "cus", "hello")).collect();
    acme.insert_entries(&entries[..10]).await.unwrap();

    server.process.kill();
    let error = acme.insert_entries(&entries[..20]).await.unwrap_err();
    assert!(error.is_transient(), "{error}");
    let error = store.ping().await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "at once, not after a time limit: {error}");
    server.process.restart();
    until("the store is back", SOON, || async { acme.insert_entries(&entries[..20]).await.is_ok() }).await;

    server.process.pause();
    let error = acme.insert_entries(&entries).await.unwrap_err();
    assert_eq!(error, StoreError::Timeout(Duration::from_secs(1)));
    server.process.resume();
    until("the store is back again", SOON, || async { acme.insert_entries(&entries).await.is_ok() }).await;

    let c1 = conversation_id("c1");
    assert_eq!(acme.count_entries(&c1).await, Ok(30));
    let activity = acme.activity(std::slice::from_ref(&c1), &user_id("ada")).await.unwrap();
    assert_eq!((activity[&c1].message_count, activity[&c1].unread), (30, 30));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_is_told_at_once() {
    let server = Server::start();
    server.open().await;
    let wrong = StoreSettings { password: Some("guessed".to_owned().into()), ..server.settings() };
    assert!(matches!(Store::open(wrong).await, Err(StoreError::Unavailable(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_migration_is_refused() {
    let server = Server::start();
    let store = server.open().await;
    tenant(&store, "acme").await;
    let other = connect(&server.url).await.unwrap();
    other.signin(Root { username: "root".to_owned(), password: "secret".to_owned() }).await.unwrap();
    other.use_ns("confab").use_db("tenant_acme").await.unwrap();
    other.query("UPDATE migration SET checksum = 'another'").await.unwrap().check().unwrap();
    let error = store.migrate().await.unwrap_err();
    assert!(matches!(&error, StoreError::MigrationChanged { database, .. } if database == "tenant_acme"));
    assert!(error.to_string().contains("put the change into a new migration"), "{error}");
}
