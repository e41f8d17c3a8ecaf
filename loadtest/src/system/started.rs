//! A hub that this program started: what can be looked into, and what can be done to its processes and links.

use std::sync::{Mutex, MutexGuard, PoisonError};

use confab_bus::Bus;
use confab_domain::TenantSettings;
use confab_protocol::TenantId;
use confab_testhub::cluster::Cluster;
use confab_testhub::hosts::Hosts;
use confab_testhub::one_node::OneNode;
use confab_testhub::people::{Staff, Tenant};
use confab_testkit::nats::{NatsOptions, NatsServer};
use confab_testkit::process::Process;

use super::struck::{actual, nats_name};
use super::{Layout, Staffing, Sync, SystemSpec};
use crate::faults::{Fault, FaultSpec};

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
    pub(super) hub: Mutex<Hub>,
    bus: Bus,
    tenant: TenantId,
    /// Of a hub of one node nobody else can open the database while it runs.
    store: Option<Tenant>,
}

#[derive(Debug)]
pub(super) enum Hub {
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
        let mut hosts = Hosts::default();
        for FaultSpec { fault, .. } in faults {
            match fault {
                Fault::Link(from, to, _) => builder = builder.link(from, to),
                Fault::Disk(name) => hosts = hosts.small_disk(actual(name)),
                Fault::Clock(name, _) => hosts = hosts.clock(actual(name)),
                Fault::Process(..) | Fault::Host(..) => {}
            }
        }
        if spec.hosts {
            builder = builder.hosts(hosts);
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

    pub(super) fn hub(&self) -> MutexGuard<'_, Hub> {
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

    /// Name and process id of every server process; none while one of them is being started.
    pub(super) fn processes(&self) -> Vec<(String, u32)> {
        let named = |process: &Process| Some((process.name().to_owned(), process.id()?));
        let Ok(hub) = self.hub.try_lock() else { return Vec::new() };
        match &*hub {
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
}

async fn agents(tenant: &Tenant, staffing: &Staffing) -> Vec<Staff> {
    let mut agents = Vec::new();
    for number in 0..staffing.agents {
        agents.push(tenant.agent(&format!("Agent-{number}"), staffing.capacity).await);
    }
    agents
}
