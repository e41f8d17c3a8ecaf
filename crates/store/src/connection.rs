//! The connection to the engine: built once, built anew when a server went away, with one handle per database.
//!
//! The client library reconnects by itself, but then holds requests back without bound and gives up sessions whose
//! set-up fails. So a connection that shows a fault is dropped here, and the next call builds another: one caller at a
//! time, with growing pauses between failures, during which calls fail at once. An embedded engine is never given up.

use std::borrow::Cow;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};
use confab_telemetry::metrics::{STORE_ERRORS, STORE_SECONDS};
use dashmap::DashMap;
use metrics::{counter, histogram};
use secrecy::ExposeSecret as _;
use surrealdb::Surreal;
use surrealdb::engine::any::{Any, connect};
use surrealdb::opt::auth::Root;
use surrealdb::types::Variables;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout, timeout_at};
use tracing::{info, warn};

use crate::error::Fault;
use crate::rows::Answer;
use crate::settings::StoreSettings;

/// Requests on their way to a server at once; more wait.
const REQUESTS_IN_FLIGHT: usize = 1024;
/// How often a transaction is tried again that met another one.
const CONFLICT_RETRIES: usize = 12;
/// How long a whole database may take to be written or read.
const TRANSFER_LIMIT: Duration = Duration::from_hours(12);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// The way to the engine, shared by all handles of a store.
#[derive(Debug)]
pub(crate) struct Connection {
    settings: StoreSettings,
    live: RwLock<Option<Arc<Live>>>,
    attempts: Mutex<Attempts>,
}

/// A built connection. Every handle has a session of its own, so that each stays in its database.
#[derive(Debug)]
struct Live {
    root: Surreal<Any>,
    databases: DashMap<String, Arc<Surreal<Any>>>,
}

/// When a connection may be tried to be built again.
#[derive(Debug)]
struct Attempts {
    not_before: Instant,
    pause: Duration,
}

impl Connection {
    /// Connects; fails when the database can't be reached.
    pub(crate) async fn open(settings: StoreSettings) -> Result<Self, Fault> {
        let attempts = Mutex::new(Attempts { not_before: Instant::now(), pause: FIRST_PAUSE });
        let connection = Self { settings, live: RwLock::new(None), attempts };
        connection.live().await?;
        Ok(connection)
    }

    fn current(&self) -> Option<Arc<Live>> {
        self.live.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn replace(&self, live: Option<Arc<Live>>) {
        *self.live.write().unwrap_or_else(PoisonError::into_inner) = live;
    }

    /// The built connection, building it first where there is none.
    async fn live(&self) -> Result<Arc<Live>, Fault> {
        if let Some(live) = self.current() {
            return Ok(live);
        }
        let mut attempts = self.attempts.lock().await;
        if let Some(live) = self.current() {
            return Ok(live);
        }
        if Instant::now() < attempts.not_before {
            return Err(Fault::Lost("the connection is lost and will be tried again shortly".to_owned()));
        }
        match self.build().await {
            Ok(live) => {
                info!(url = %self.settings.url, "connected to the database");
                attempts.pause = FIRST_PAUSE;
                self.replace(Some(live.clone()));
                Ok(live)
            }
            Err(fault) => {
                attempts.not_before = Instant::now() + attempts.pause;
                attempts.pause = (attempts.pause * 2).min(LONGEST_PAUSE);
                Err(fault)
            }
        }
    }

    async fn build(&self) -> Result<Arc<Live>, Fault> {
        let root = self.log_in(&self.settings.url).await?;
        Ok(Arc::new(Live { root, databases: DashMap::new() }))
    }

    async fn log_in(&self, url: &str) -> Result<Surreal<Any>, Fault> {
        let limit = self.settings.connect_timeout;
        let build = async {
            let root = connect(url).with_capacity(REQUESTS_IN_FLIGHT).await.map_err(lost)?;
            if let (true, Some(username), Some(password)) =
                (self.settings.is_remote(), &self.settings.username, &self.settings.password)
            {
                let password = password.expose_secret().to_owned();
                root.signin(Root { username: username.clone(), password }).await.map_err(lost)?;
            }
            Ok(root)
        };
        timeout(limit, build).await.unwrap_or(Err(Fault::Timeout(limit)))
    }

    /// A handle by which whole databases pass: over HTTP, where a server is asked.
    async fn transfer(&self, database: &str) -> Result<Surreal<Any>, Fault> {
        let handle = if self.settings.is_remote() {
            // `ws` becomes `http`, `wss` becomes `https`; the path is another one.
            let url =
                self.settings.url.replacen("ws", "http", usize::from(self.settings.url.starts_with("ws")));
            self.log_in(url.trim_end_matches("/rpc")).await?
        } else {
            self.live().await?.root.clone()
        };
        handle.use_ns(self.settings.namespace.as_str()).use_db(database).await.map_err(lost)?;
        Ok(handle)
    }

    /// Gives a connection up, unless another one has taken its place already.
    fn give_up(&self, live: &Arc<Live>, fault: &Fault) {
        if !self.settings.is_remote() {
            return;
        }
        let mut current = self.live.write().unwrap_or_else(PoisonError::into_inner);
        if current.as_ref().is_some_and(|current| Arc::ptr_eq(current, live)) {
            warn!(url = %self.settings.url, ?fault, "the connection to the database is given up");
            *current = None;
        }
    }

    async fn handle(&self, live: &Live, database: &str) -> Result<Arc<Surreal<Any>>, Fault> {
        if let Some(handle) = live.databases.get(database) {
            return Ok(handle.clone());
        }
        let handle = live.root.clone();
        let namespace = self.settings.namespace.as_str();
        handle.use_ns(namespace).use_db(database).await.map_err(lost)?;
        Ok(live.databases.entry(database.to_owned()).or_insert_with(|| Arc::new(handle)).clone())
    }
}

/// Whatever fails before the first query is a matter of the connection.
#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err takes")]
fn lost(error: surrealdb::Error) -> Fault {
    Fault::Lost(error.message().to_owned())
}

/// One database of the namespace. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    connection: Arc<Connection>,
    name: Arc<str>,
}

impl Database {
    pub(crate) fn new(connection: Arc<Connection>, name: impl Into<Arc<str>>) -> Self {
        Self { connection, name: name.into() }
    }

    /// Its name within the namespace.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Sends statements, and again when a transaction among them met another one. `operation` names them in metrics.
    pub(crate) async fn query(
        &self,
        operation: &'static str,
        statements: impl Into<Cow<'static, str>>,
        variables: Variables,
    ) -> Result<Answer, Fault> {
        let limit = self.connection.settings.query_timeout;
        self.query_within(limit, operation, statements, variables).await
    }

    /// The same with a time limit of its own.
    pub(crate) async fn query_within(
        &self,
        limit: Duration,
        operation: &'static str,
        statements: impl Into<Cow<'static, str>>,
        variables: Variables,
    ) -> Result<Answer, Fault> {
        let statements = statements.into();
        let began = Instant::now();
        let attempt = || self.attempt(began + limit, limit, &statements, &variables);
        let retries = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(1))
            .with_max_delay(Duration::from_millis(100))
            .with_max_times(CONFLICT_RETRIES)
            .with_jitter();
        let outcome = attempt.retry(retries).when(|fault| *fault == Fault::Contended).await;
        histogram!(STORE_SECONDS, "operation" => operation).record(began.elapsed());
        if matches!(
            outcome,
            Err(Fault::Lost(_)
                | Fault::Timeout(_)
                | Fault::Unwritten(_)
                | Fault::Missing(_)
                | Fault::Other(_))
        ) {
            counter!(STORE_ERRORS).increment(1);
        }
        outcome
    }

    /// Writes everything in it to a file.
    pub(crate) async fn export(&self, file: &Path) -> Result<(), Fault> {
        let handle = self.connection.transfer(&self.name).await?;
        timeout(TRANSFER_LIMIT, handle.export(file).into_future())
            .await
            .map_err(|_| Fault::Timeout(TRANSFER_LIMIT))?
            .map_err(|error| Fault::of(&error))
    }

    /// Reads everything from a file.
    pub(crate) async fn import(&self, file: &Path) -> Result<(), Fault> {
        let handle = self.connection.transfer(&self.name).await?;
        timeout(TRANSFER_LIMIT, handle.import(file).into_future())
            .await
            .map_err(|_| Fault::Timeout(TRANSFER_LIMIT))?
            .map_err(|error| Fault::of(&error))
    }

    async fn attempt(
        &self,
        deadline: Instant,
        limit: Duration,
        statements: &str,
        variables: &Variables,
    ) -> Result<Answer, Fault> {
        let live =
            timeout_at(deadline, self.connection.live()).await.unwrap_or(Err(Fault::Timeout(limit)))?;
        let ask = async {
            let handle = self.connection.handle(&live, &self.name).await?;
            let answer = handle.query(statements).bind(variables.clone()).await;
            Answer::of(answer.map_err(|error| Fault::of(&error))?)
        };
        let outcome = timeout_at(deadline, ask).await.unwrap_or(Err(Fault::Timeout(limit)));
        if let Err(fault) = &outcome
            && fault.is_loss()
        {
            self.connection.give_up(&live, fault);
        }
        outcome
    }
}
