//! The hub under test: one that this program starts from the built binaries, or one that runs already.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use confab_bus::Bus;
use confab_client::HttpClient;
use confab_domain::{Policy, TenantSettings};
use confab_protocol::{Channel, ConversationId, Role, TenantId, UserId};
use confab_testhub::cluster::Cluster;
use confab_testhub::people::{self, Tenant};
use confab_testkit::nats::NatsServer;
use confab_testkit::process::{Process, cpu_seconds, resident_bytes};
use serde::Deserialize;

use crate::faults::Action;

/// A hub that runs already.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Target {
    /// URLs of running edges, separated by commas, instead of starting a hub. Needs logins.
    #[arg(long, value_delimiter = ',', value_name = "URL", requires = "login")]
    targets: Vec<String>,
    /// The tenant at running edges.
    #[arg(long, default_value = "acme")]
    tenant: Option<TenantId>,
    /// Agents at running edges, with room for all conversations among them; several times for several.
    #[arg(long, value_name = "NAME")]
    login: Vec<String>,
    /// Password of all of them.
    #[arg(long, env = "CONFAB_PASSWORD", hide_env_values = true, default_value = "")]
    password: String,
}

/// A hub to be started: NATS, a SurrealDB server, edges and workers, each a process of its own.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SystemSpec {
    /// Edges.
    pub(crate) edges: usize,
    /// Workers.
    pub(crate) workers: usize,
    /// When NATS brings what it stores to the disk.
    pub(crate) sync: Sync,
    /// How far database and workers step back for those on whom people wait: their niceness, 0 to 19.
    pub(crate) background_nice: u8,
    /// Settings of every node, as `worker.projector_batch`.
    pub(crate) settings: BTreeMap<String, String>,
}

impl Default for SystemSpec {
    fn default() -> Self {
        Self { edges: 2, workers: 1, sync: Sync::Always, background_nice: 0, settings: BTreeMap::new() }
    }
}

/// When NATS brings what it stores to the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Sync {
    /// Before each acknowledgement.
    Always,
    /// Every two minutes, as NATS does by default.
    Default,
}

/// How agents of a started hub are to be.
#[derive(Debug, Clone)]
pub(crate) struct Staffing {
    /// How conversations are given to them.
    pub(crate) policy: Policy,
    /// How many.
    pub(crate) agents: usize,
    /// Conversations that each can have at a time.
    pub(crate) capacity: u32,
}

/// Somebody with a token.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) id: UserId,
    pub(crate) token: String,
}

/// A hub that takes the load.
#[derive(Debug)]
pub(crate) struct System {
    pub(crate) urls: Vec<String>,
    pub(crate) tenant: TenantId,
    pub(crate) agents: Vec<Person>,
    started: Option<Started>,
}

/// What can be looked into because this program started it.
#[derive(Debug)]
struct Started {
    cluster: Mutex<Cluster>,
    bus: Bus,
    tenant: Tenant,
}

impl System {
    /// Starts or finds the hub.
    pub(crate) async fn prepare(target: &Target, spec: &SystemSpec, staffing: &Staffing) -> Result<Self> {
        if target.targets.is_empty() {
            Ok(Self::start(spec, staffing).await)
        } else {
            Self::find(target).await
        }
    }

    async fn start(spec: &SystemSpec, staffing: &Staffing) -> Self {
        let settings = TenantSettings { policy: staffing.policy, ..TenantSettings::default() };
        let nats = match spec.sync {
            Sync::Always => NatsServer::options().sync_always(),
            Sync::Default => NatsServer::options(),
        };
        let mut builder = Cluster::builder()
            .edges(spec.edges)
            .workers(spec.workers)
            .nats(nats)
            .background_nice(spec.background_nice)
            .tenant(settings)
            .set("telemetry.log", "warn")
            .set("limits.sends_per_second", 100_000)
            .set("limits.sends_burst", 100_000);
        for (setting, value) in &spec.settings {
            builder = builder.set(setting, value);
        }
        let cluster = builder.start().await;
        let tenant = cluster.tenant().clone();
        let mut agents = Vec::new();
        for number in 0..staffing.agents {
            let staff = tenant.agent(&format!("Agent-{number}"), staffing.capacity).await;
            agents.push(Person { id: staff.id, token: staff.token });
        }
        let urls = cluster.edges.iter().map(|edge| edge.url.clone()).collect();
        let bus = cluster.bus().clone();
        let id = tenant.id.clone();
        Self {
            urls,
            tenant: id,
            agents,
            started: Some(Started { cluster: Mutex::new(cluster), bus, tenant }),
        }
    }

    async fn find(target: &Target) -> Result<Self> {
        let http = HttpClient::new(&target.targets[0])?;
        let tenant = target.tenant.clone().context("name the tenant with --tenant")?;
        let mut agents = Vec::new();
        for login in &target.login {
            let tokens = http.login(&tenant, login, &target.password).await;
            let tokens = tokens.with_context(|| format!("{login} can't log in"))?;
            agents.push(Person { id: tokens.user.id, token: tokens.access_token });
        }
        Ok(Self { urls: target.targets.clone(), tenant, agents, started: None })
    }

    /// The API of an edge; numbers beyond the last go around.
    pub(crate) fn http(&self, edge: usize) -> Result<HttpClient> {
        Ok(HttpClient::new(&self.urls[edge % self.urls.len()])?)
    }

    /// All edges, beginning with this one: where a client connects, and where it goes when that fails.
    pub(crate) fn urls_from(&self, edge: usize) -> Vec<String> {
        let first = edge % self.urls.len();
        self.urls[first..].iter().chain(&self.urls[..first]).cloned().collect()
    }

    /// A customer who has started no conversation. Only a hub whose signing key is known can have one.
    pub(crate) fn stranger(&self, number: usize) -> Result<Person> {
        if self.started.is_none() {
            bail!(
                "this scenario makes its own customers and needs a hub that it starts itself: leave out --targets"
            );
        }
        let name = format!("c-load-{number}");
        Ok(people::stranger(&self.tenant, &name, Role::Customer))
            .map(|staff| Person { id: staff.id, token: staff.token })
    }

    /// Name and process id of every server process, where this program started them.
    pub(crate) fn processes(&self) -> Vec<(String, u32)> {
        let Some(cluster) = self.cluster() else { return Vec::new() };
        let edges = cluster.edges.iter().map(|edge| &edge.process);
        let processes = edges.chain(&cluster.workers).chain([&cluster.database.process]);
        let named = processes.map(|process| (process.name().to_owned(), process.id()));
        let nats = [("nats".to_owned(), cluster.nats.process_id())];
        named.chain(nats).filter_map(|(name, id)| Some((name, id?))).collect()
    }

    /// Begins or ends a fault. Answers what was done.
    pub(crate) fn strike(&self, name: &str, action: Action, begins: bool) -> Result<&'static str> {
        let Some(mut cluster) = self.cluster() else {
            bail!("faults need a hub that this program starts: leave out --targets");
        };
        if name == "nats" {
            let nats = &mut cluster.nats;
            match (action, begins) {
                (Action::Kill, true) => nats.kill(),
                (Action::Kill, false) => nats.restart(),
                (Action::Pause, true) => nats.freeze(),
                (Action::Pause, false) => nats.thaw(),
            }
        } else {
            let process = process_of(&mut cluster, name)
                .with_context(|| format!("there is no process {name:?} to make a fault of"))?;
            match (action, begins) {
                (Action::Kill, true) => process.kill(),
                (Action::Kill, false) => process.restart(),
                (Action::Pause, true) => process.pause(),
                (Action::Pause, false) => process.resume(),
            }
        }
        Ok(match (action, begins) {
            (Action::Kill, true) => "killed",
            (Action::Kill, false) => "started again",
            (Action::Pause, true) => "paused",
            (Action::Pause, false) => "goes on",
        })
    }

    /// Waits until the database has everything of these conversations. `None` for a hub that runs elsewhere.
    pub(crate) async fn caught_up(
        &self,
        conversations: &[ConversationId],
        limit: Duration,
    ) -> Result<Option<Duration>> {
        let Some(Started { bus, tenant, .. }) = &self.started else { return Ok(None) };
        let began = Instant::now();
        for id in conversations {
            let head = bus.log().head(&Channel::Conversation(id.clone())).await?;
            loop {
                let page = tenant.store.history(id, None, 1, false).await?;
                if page.items.last().is_some_and(|item| item.seq >= head) {
                    break;
                }
                if began.elapsed() > limit {
                    bail!("the projector has not caught up after {limit:?}");
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        Ok(Some(began.elapsed()))
    }

    /// The log and the tenant's database of a started hub, to be read back.
    pub(crate) fn depths(&self) -> Option<(&Bus, &Tenant)> {
        self.started.as_ref().map(|started| (&started.bus, &started.tenant))
    }

    fn cluster(&self) -> Option<MutexGuard<'_, Cluster>> {
        let started = self.started.as_ref()?;
        Some(started.cluster.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn process_of<'a>(cluster: &'a mut Cluster, name: &str) -> Option<&'a mut Process> {
    let Cluster { edges, workers, database, .. } = cluster;
    let edges = edges.iter_mut().map(|edge| &mut edge.process);
    let mut all = edges.chain(workers).chain([&mut database.process]);
    all.find(|process| process.name() == name)
}

/// Processor time in seconds and memory in bytes of a process.
pub(crate) fn used(process: u32) -> Option<(f64, u64)> {
    Some((cpu_seconds(process)?, resident_bytes(process)?))
}
