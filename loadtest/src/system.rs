//! The hub under test: one that this program starts from the built binaries, or one that runs already.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;
use confab_client::HttpClient;
use confab_domain::{Policy, TenantSettings};
use confab_protocol::{Channel, ConversationId, TenantId, UserId};
use confab_testhub::cluster::Cluster;
use confab_testkit::nats::NatsServer;
use confab_testkit::process::cpu_seconds;

use crate::report::Cpu;

/// Which hub, and how it is made.
#[derive(Debug, clap::Args)]
pub(crate) struct Target {
    /// Start NATS, a database server, two edges and a worker for the run.
    #[arg(long, conflicts_with = "targets")]
    start: bool,
    /// URLs of running edges, separated by commas. Needs --tenant and logins.
    #[arg(long, value_delimiter = ',', value_name = "URL", required_unless_present = "start")]
    targets: Vec<String>,
    /// The tenant at running edges.
    #[arg(long, default_value = "acme")]
    tenant: TenantId,
    /// Agents at running edges, with room for all conversations among them; several times for several.
    #[arg(long, value_name = "NAME")]
    login: Vec<String>,
    /// Password of all of them.
    #[arg(long, env = "CONFAB_PASSWORD", hide_env_values = true, default_value = "")]
    password: String,
    /// When NATS, if it is started, brings what it stores to the disk.
    #[arg(long, default_value = "always")]
    pub(crate) sync: Sync,
}

/// When NATS brings what it stores to the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Sync {
    /// Before each acknowledgement.
    Always,
    /// Every two minutes, as NATS does by default.
    Default,
}

/// An agent who can accept conversations.
#[derive(Debug, Clone)]
pub(crate) struct Agent {
    pub(crate) id: UserId,
    pub(crate) token: String,
}

/// A hub that takes the load.
pub(crate) struct System {
    pub(crate) urls: Vec<String>,
    pub(crate) tenant: TenantId,
    pub(crate) agents: Vec<Agent>,
    cluster: Option<Cluster>,
}

impl Target {
    /// Starts or finds the hub, with so many agents of so much room.
    pub(crate) async fn prepare(&self, agents: usize, capacity: u32) -> Result<System> {
        if self.start { self.start(agents, capacity).await } else { self.find().await }
    }

    async fn start(&self, count: usize, capacity: u32) -> Result<System> {
        // Agents accept by hand, so that every room has the sides it is meant to have.
        let settings = TenantSettings { policy: Policy::Manual, ..TenantSettings::default() };
        let nats = match self.sync {
            Sync::Always => NatsServer::options().sync_always(),
            Sync::Default => NatsServer::options(),
        };
        let cluster = Cluster::builder()
            .edges(2)
            .nats(nats)
            .tenant(settings)
            .set("telemetry.log", "warn")
            .set("limits.sends_per_second", 100_000)
            .set("limits.sends_burst", 100_000)
            .start()
            .await;
        let tenant = cluster.tenant().clone();
        let mut agents = Vec::new();
        for number in 0..count {
            let staff = tenant.agent(&format!("Agent-{number}"), capacity).await;
            agents.push(Agent { id: staff.id, token: staff.token });
        }
        let urls = cluster.edges.iter().map(|edge| edge.url.clone()).collect();
        Ok(System { urls, tenant: tenant.id, agents, cluster: Some(cluster) })
    }

    async fn find(&self) -> Result<System> {
        if self.login.is_empty() {
            bail!("name agents of the tenant with --login, and their password in CONFAB_PASSWORD");
        }
        let http = HttpClient::new(&self.targets[0])?;
        let mut agents = Vec::new();
        for login in &self.login {
            let tokens = http.login(&self.tenant, login, &self.password).await;
            let tokens = tokens.with_context(|| format!("{login} can't log in"))?;
            agents.push(Agent { id: tokens.user.id, token: tokens.access_token });
        }
        Ok(System { urls: self.targets.clone(), tenant: self.tenant.clone(), agents, cluster: None })
    }
}

impl System {
    /// The API of an edge; numbers beyond the last go around.
    pub(crate) fn http(&self, edge: usize) -> Result<HttpClient> {
        Ok(HttpClient::new(&self.urls[edge % self.urls.len()])?)
    }

    /// Processor time of every server process so far, where this program started them.
    pub(crate) fn cpu(&self) -> Vec<Cpu> {
        let Some(cluster) = &self.cluster else { return Vec::new() };
        let edges = cluster.edges.iter().map(|edge| &edge.process);
        let processes = edges.chain(&cluster.workers).chain([&cluster.database.process]);
        let mut named: Vec<(String, Option<u32>)> =
            processes.map(|process| (process.name().to_owned(), process.id())).collect();
        named.push(("nats".to_owned(), cluster.nats.process_id()));
        named.push(("this load test".to_owned(), Some(std::process::id())));
        let cpu = named.into_iter().filter_map(|(process, id)| {
            let seconds = cpu_seconds(id?)?;
            Some(Cpu { process, seconds })
        });
        cpu.collect()
    }

    /// Waits until the database has everything of these conversations. `None` for a hub that runs elsewhere.
    pub(crate) async fn caught_up(
        &self,
        conversations: &[ConversationId],
        limit: Duration,
    ) -> Result<Option<Duration>> {
        let Some(cluster) = &self.cluster else { return Ok(None) };
        let began = Instant::now();
        for id in conversations {
            let head = cluster.bus().log().head(&Channel::Conversation(id.clone())).await?;
            loop {
                let page = cluster.tenant().store.history(id, None, 1, false).await?;
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

    /// The started cluster, whose log and database can be read back.
    pub(crate) fn cluster(&self) -> Option<&Cluster> {
        self.cluster.as_ref()
    }
}
