//! A hub that this program started: what can be looked into, and what can be done to its processes and links.

use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result, anyhow};
use confab_bus::Bus;
use confab_domain::TenantSettings;
use confab_protocol::TenantId;
use confab_testhub::cluster::Cluster;
use confab_testhub::one_node::OneNode;
use confab_testhub::people::{Staff, Tenant};
use confab_testkit::link::Gate;
use confab_testkit::nats::{NatsOptions, NatsServer};
use confab_testkit::process::Process;

use super::{Layout, Staffing, Sync, SystemSpec};
use crate::faults::{Action, Breach, Fault, FaultSpec};

/// What no load may be stopped by.
const SETTINGS: [(&str, &str); 12] = [
    ("telemetry.log", "warn"),
    ("limits.sends_per_second", "100000"),
    ("limits.sends_burst", "100000"),
    ("limits.max_connections_per_address", "0"),
    ("limits.requests_per_second_per_address", "100000"),
    ("limits.requests_per_second_per_user", "100000"),
    ("limits.messages_per_second_per_user", "100000"),
    ("limits.messages_burst", "100000"),
    ("limits.starts_per_minute_per_address", "1000000"),
    ("limits.requests_burst", "100000"),
    ("limits.logins_per_minute_per_address", "100000"),
    ("server.reconnect_jitter_ms", "500"),
];

/// A running hub.
#[derive(Debug)]
pub(super) struct Started {
    hub: Mutex<Hub>,
    bus: Bus,
    tenant: TenantId,
    /// Of a hub of one node nobody else can open the database while it runs.
    store: Option<Tenant>,
}

#[derive(Debug)]
enum Hub {
    Separate(Box<Cluster>),
    OneNode(Box<OneNode>),
}

impl Started {
    /// Starts one with these agents.
    pub(super) async fn start(
        spec: &SystemSpec,
        staffing: &Staffing,
        faults: &[FaultSpec],
    ) -> (Self, Vec<Staff>) {
        let settings = TenantSettings { policy: staffing.policy, ..TenantSettings::default() };
        let nats = match spec.sync {
            Sync::Always => NatsServer::options().sync_always(),
            Sync::Default => NatsServer::options(),
        };
        match spec.layout {
            Layout::Separate => Self::separate(spec, staffing, faults, nats, settings).await,
            Layout::OneNode => Self::one_node(spec, staffing, nats, settings).await,
        }
    }

    async fn separate(
        spec: &SystemSpec,
        staffing: &Staffing,
        faults: &[FaultSpec],
        nats: NatsOptions,
        settings: TenantSettings,
    ) -> (Self, Vec<Staff>) {
        let mut builder = Cluster::builder()
            .edges(spec.edges)
            .workers(spec.workers)
            .nats(nats)
            .nats_servers(spec.nats_servers)
            .background_nice(spec.background_nice)
            .tenant(settings);
        for (setting, value) in SETTINGS {
            builder = builder.set(setting, value);
        }
        for (setting, value) in &spec.settings {
            builder = builder.set(setting, value);
        }
        for FaultSpec { fault, .. } in faults {
            if let Fault::Link(from, to, _) = fault {
                builder = builder.link(from, to);
            }
        }
        let cluster = builder.start().await;
        let (tenant, bus) = (cluster.tenant().clone(), cluster.bus().clone());
        let agents = agents(&tenant, staffing).await;
        let hub = Mutex::new(Hub::Separate(Box::new(cluster)));
        (Self { hub, bus, tenant: tenant.id.clone(), store: Some(tenant) }, agents)
    }

    async fn one_node(
        spec: &SystemSpec,
        staffing: &Staffing,
        nats: NatsOptions,
        settings: TenantSettings,
    ) -> (Self, Vec<Staff>) {
        let mut all: Vec<(String, String)> =
            SETTINGS.iter().map(|(setting, value)| ((*setting).to_owned(), (*value).to_owned())).collect();
        all.extend(spec.settings.clone());
        let people = async |tenant: &Tenant| (tenant.id.clone(), agents(tenant, staffing).await);
        let (hub, (tenant, agents)) = OneNode::start(nats, &all, settings, people).await;
        let bus = hub.bus().clone();
        (Self { hub: Mutex::new(Hub::OneNode(Box::new(hub))), bus, tenant, store: None }, agents)
    }

    fn hub(&self) -> MutexGuard<'_, Hub> {
        self.hub.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn urls(&self) -> Vec<String> {
        match &*self.hub() {
            Hub::Separate(cluster) => cluster.edges.iter().map(|edge| edge.url.clone()).collect(),
            Hub::OneNode(hub) => vec![hub.url.clone()],
        }
    }

    pub(super) fn tenant(&self) -> TenantId {
        self.tenant.clone()
    }

    pub(super) fn bus(&self) -> &Bus {
        &self.bus
    }

    /// The database, where it can be read while the hub runs.
    pub(super) fn store(&self) -> Option<&Tenant> {
        self.store.as_ref()
    }

    /// The database when nobody needs the hub any more.
    pub(super) async fn last_store(&self) -> Tenant {
        if let Some(store) = &self.store {
            return store.clone();
        }
        let files = match &mut *self.hub() {
            Hub::OneNode(hub) => hub.end(),
            Hub::Separate(_) => unreachable!("a cluster's database is open all the time"),
        };
        files.open().await
    }

    /// Name and process id of every server process.
    pub(super) fn processes(&self) -> Vec<(String, u32)> {
        let named = |process: &Process| Some((process.name().to_owned(), process.id()?));
        match &*self.hub() {
            Hub::Separate(cluster) => {
                let edges = cluster.edges.iter().map(|edge| &edge.process);
                let nodes = edges.chain(&cluster.workers).chain([&cluster.database.process]);
                let is_alone = cluster.nats_peers.is_empty();
                let servers = std::iter::once(&cluster.nats).chain(&cluster.nats_peers).enumerate();
                let servers = servers
                    .filter_map(|(number, server)| Some((nats_name(number, is_alone), server.process_id()?)));
                nodes.filter_map(named).chain(servers).collect()
            }
            Hub::OneNode(hub) => {
                let nats = hub.nats.process_id().map(|id| (nats_name(0, true), id));
                named(&hub.process).into_iter().chain(nats).collect()
            }
        }
    }

    /// Begins or ends a fault.
    pub(super) fn strike(&self, fault: &Fault, begins: bool) -> Result<()> {
        match fault {
            Fault::Process(name, action) => self.strike_process(name, *action, begins),
            Fault::Link(from, to, breach) => {
                let gate = match breach {
                    _ if !begins => Gate::Open,
                    Breach::Cut => Gate::Cut,
                    Breach::Hold => Gate::Held,
                    Breach::Delay(delay) => Gate::Delayed(*delay),
                };
                let Hub::Separate(cluster) = &*self.hub() else { return Err(anyhow!("there are no links")) };
                let set = cluster.links.set(from, to, gate);
                set.map_err(|_| anyhow!("there is no link from {from} to {to} that can be cut"))
            }
        }
    }

    fn strike_process(&self, name: &str, action: Action, begins: bool) -> Result<()> {
        let mut hub = self.hub();
        if let Some(nats) = nats_of(&mut hub, name) {
            match (action, begins) {
                (Action::Kill, true) => nats.kill(),
                (Action::Kill, false) => nats.restart(),
                (Action::Pause, true) => nats.freeze(),
                (Action::Pause, false) => nats.thaw(),
            }
            return Ok(());
        }
        let process = process_of(&mut hub, name);
        let process = process.with_context(|| format!("there is no process {name:?} to make a fault of"))?;
        match (action, begins) {
            (Action::Kill, true) => process.kill(),
            (Action::Kill, false) => process.restart(),
            (Action::Pause, true) => process.pause(),
            (Action::Pause, false) => process.resume(),
        }
        Ok(())
    }
}

async fn agents(tenant: &Tenant, staffing: &Staffing) -> Vec<Staff> {
    let mut agents = Vec::new();
    for number in 0..staffing.agents {
        agents.push(tenant.agent(&format!("Agent-{number}"), staffing.capacity).await);
    }
    agents
}

fn nats_name(number: usize, is_alone: bool) -> String {
    if is_alone { "nats".to_owned() } else { format!("nats-{}", number + 1) }
}

fn nats_of<'a>(hub: &'a mut Hub, name: &str) -> Option<&'a mut NatsServer> {
    let (first, peers) = match hub {
        Hub::Separate(cluster) => (&mut cluster.nats, cluster.nats_peers.as_mut_slice()),
        Hub::OneNode(hub) => (&mut hub.nats, &mut [][..]),
    };
    let is_alone = peers.is_empty();
    let mut servers = std::iter::once(first).chain(peers).enumerate();
    servers.find(|(number, _)| nats_name(*number, is_alone) == name).map(|(_, server)| server)
}

fn process_of<'a>(hub: &'a mut Hub, name: &str) -> Option<&'a mut Process> {
    match hub {
        Hub::Separate(cluster) => {
            let Cluster { edges, workers, database, .. } = &mut **cluster;
            let edges = edges.iter_mut().map(|edge| &mut edge.process);
            let mut all = edges.chain(workers).chain([&mut database.process]);
            all.find(|process| process.name() == name)
        }
        Hub::OneNode(hub) => Some(&mut hub.process).filter(|process| process.name() == name),
    }
}
