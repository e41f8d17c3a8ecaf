//! The hub under test: one that this program starts from the built binaries, or one that runs already.

mod started;
mod struck;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use confab_client::HttpClient;
use confab_domain::Policy;
use confab_protocol::{Channel, ConversationId, Role, TenantId, UserId};
use confab_testhub::people::{self, Tenant};
use confab_testhub::recorder::Recorder;
use confab_testkit::process::{cpu_seconds, resident_bytes};
use serde::Deserialize;

use crate::faults::{FOLLOWER, Fault, FaultSpec, LEADER};
use started::Started;

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

/// A hub to be started.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SystemSpec {
    /// Which processes it is made of.
    pub(crate) layout: Layout,
    /// Whether each process has a host of its own: a network namespace with an address.
    pub(crate) hosts: bool,
    /// NATS servers: one, or three with a copy of everything on each.
    pub(crate) nats_servers: usize,
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
        Self {
            layout: Layout::Separate,
            hosts: false,
            nats_servers: 1,
            edges: 2,
            workers: 1,
            sync: Sync::Always,
            background_nice: 0,
            settings: BTreeMap::new(),
        }
    }
}

impl SystemSpec {
    /// Finds what can't be started before anything is.
    pub(crate) fn check(&self, faults: &[FaultSpec]) -> Result<()> {
        let is_one_node = self.layout == Layout::OneNode;
        if !is_one_node && (self.edges == 0 || self.workers == 0) {
            bail!("a hub needs an edge and a worker: set system.edges and system.workers to 1 or more");
        }
        if ![1, 3, 5].contains(&self.nats_servers) || is_one_node && self.nats_servers > 1 {
            bail!("system.nats_servers is 1, 3 or 5, and 1 with the layout one-node");
        }
        if self.hosts && (is_one_node || self.nats_servers == 1) {
            bail!("hosts of their own need system.layout=separate and system.nats_servers=3");
        }
        for FaultSpec { fault, .. } in faults {
            self.has_place_of(fault)
                .with_context(|| format!("{:?} is no fault of this hub", fault.told(true)))?;
        }
        Ok(())
    }

    /// Whether there is what the fault is to be of.
    fn has_place_of(&self, fault: &Fault) -> Result<()> {
        fn numbered(kind: &str, count: usize) -> impl Iterator<Item = String> {
            (1..=count).map(move |number| format!("{kind}-{number}"))
        }
        let nats = match self.nats_servers {
            1 => vec!["nats".to_owned()],
            servers => numbered("nats", servers).collect(),
        };
        let nodes: Vec<String> = match self.layout {
            Layout::OneNode => vec!["hub".to_owned()],
            Layout::Separate => {
                numbered("edge", self.edges).chain(numbered("worker", self.workers)).collect()
            }
        };
        if !self.hosts && matches!(fault, Fault::Host(..) | Fault::Disk(_) | Fault::Clock(..)) {
            bail!("it needs hosts of their own: set system.hosts=true and system.nats_servers=3");
        }
        match fault {
            Fault::Process(name, _) | Fault::Host(name, _) | Fault::Disk(name) | Fault::Clock(name, _) => {
                let database = (self.layout == Layout::Separate).then(|| "database".to_owned());
                let places = [LEADER, FOLLOWER].map(str::to_owned).into_iter();
                let places = places.filter(|_| self.nats_servers > 1);
                let processes: Vec<String> =
                    nodes.into_iter().chain(database).chain(nats).chain(places).collect();
                if !processes.contains(name) {
                    bail!("its processes are {}", processes.join(", "));
                }
            }
            Fault::Link(from, to, _) => {
                if self.layout == Layout::OneNode {
                    bail!("a hub of one node has no links that can be cut: set system.layout=separate");
                }
                let node = if from == "client" { to } else { from };
                if !nodes.contains(node) {
                    bail!("its nodes are {}", nodes.join(", "));
                }
            }
        }
        Ok(())
    }
}

/// Which processes a hub is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Layout {
    /// Edges, workers and a SurrealDB server, each a process of its own.
    Separate,
    /// `confab all`: everything but NATS in one process, the database embedded.
    OneNode,
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

impl System {
    /// Starts or finds the hub.
    pub(crate) async fn prepare(
        target: &Target,
        spec: &SystemSpec,
        staffing: &Staffing,
        faults: &[FaultSpec],
    ) -> Result<Self> {
        if target.targets.is_empty() {
            spec.check(faults)?;
            let system = Self::start(spec, staffing, faults).await;
            for FaultSpec { fault, .. } in faults {
                system.settle(fault).await?;
            }
            Ok(system)
        } else if !faults.is_empty() {
            bail!("faults need a hub that this program starts: leave out --targets");
        } else {
            Self::find(target).await
        }
    }

    async fn start(spec: &SystemSpec, staffing: &Staffing, faults: &[FaultSpec]) -> Self {
        let (started, agents) = Started::start(spec, staffing, faults).await;
        let agents = agents.into_iter().map(|staff| Person { id: staff.id, token: staff.token }).collect();
        Self { urls: started.urls(), tenant: started.tenant(), agents, started: Some(started) }
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

    /// All edges, this one first and the others in an order that differs from number to number, so that those who lose
    /// it spread.
    pub(crate) fn urls_via(&self, edge: usize, number: usize) -> Vec<String> {
        let mut others: Vec<String> = self.urls_from(edge).split_off(1);
        if !others.is_empty() {
            let turn = number % others.len();
            others.rotate_left(turn);
        }
        others.insert(0, self.urls[edge % self.urls.len()].clone());
        others
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
        self.started.as_ref().map(Started::processes).unwrap_or_default()
    }

    /// Begins or ends a fault.
    pub(crate) fn strike(&self, fault: &Fault, begins: bool) -> Result<()> {
        let started = self.started.as_ref();
        started
            .context("faults need a hub that this program starts: leave out --targets")?
            .strike(fault, begins)
    }

    /// Sees to it that there is a NATS server that leads every stream, and one that leads none, where a fault needs it.
    pub(crate) async fn settle(&self, fault: &Fault) -> Result<()> {
        match &self.started {
            Some(started) if [Some(LEADER), Some(FOLLOWER)].contains(&fault.place()) => {
                started.settle().await
            }
            _ => Ok(()),
        }
    }

    /// Entries of the log of a started hub that are not in the database yet.
    pub(crate) async fn unprojected(&self) -> Result<u64> {
        let started =
            self.started.as_ref().context("this needs a hub that it starts itself: leave out --targets")?;
        Ok(started.bus().unprojected().await?)
    }

    /// Waits until the database has everything of these conversations. `None` for a hub that runs elsewhere.
    pub(crate) async fn caught_up(
        &self,
        conversations: &[ConversationId],
        limit: Duration,
    ) -> Result<Option<Duration>> {
        let Some(started) = &self.started else { return Ok(None) };
        let began = Instant::now();
        let Some(tenant) = started.store() else {
            while started.bus().unprojected().await? > 0 {
                wait(began, limit).await?;
            }
            return Ok(Some(began.elapsed()));
        };
        for id in conversations {
            let head = started.bus().log().head(&Channel::Conversation(id.clone())).await?;
            loop {
                let page = tenant.store.history(id, None, 1, false).await?;
                if page.items.last().is_some_and(|item| item.seq >= head) {
                    break;
                }
                wait(began, limit).await?;
            }
        }
        Ok(Some(began.elapsed()))
    }

    /// Reads back what log and database of a started hub hold of these conversations. Nobody can use it afterwards.
    pub(crate) async fn read_back(&self, history: &Recorder, conversations: &[ConversationId]) {
        let Some(started) = &self.started else { return };
        history.read_log(started.bus(), conversations).await;
        history.read_store(&started.last_store().await.store, conversations).await;
    }

    /// The same for who has which conversation.
    pub(crate) async fn read_state(&self, history: &Recorder, conversations: &[ConversationId]) {
        let Some(started) = &self.started else { return };
        history.read_state(&started.last_store().await.store, conversations).await;
    }

    /// The tenant's database, to be filled.
    pub(crate) fn store(&self) -> Result<Tenant> {
        let store = self.started.as_ref().and_then(Started::store);
        store.cloned().context(
            "this scenario fills a database: leave out --targets, and leave system.layout as it is, separate",
        )
    }
}

async fn wait(began: Instant, limit: Duration) -> Result<()> {
    if began.elapsed() > limit {
        bail!("the projector has not caught up after {limit:?}");
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    Ok(())
}

/// Processor time in seconds and memory in bytes of a process.
pub(crate) fn used(process: u32) -> Option<(f64, u64)> {
    Some((cpu_seconds(process)?, resident_bytes(process)?))
}
