//! Three `nats-server`s that form a cluster, from the configuration that is shipped, with its accounts.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::nats::{greets, passwords, server_binary};
use crate::process::{Process, Spec, free_port};

/// How long a server may take until it answers.
const START_LIMIT: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(20);
const SIZE: usize = 3;

/// A running cluster; each node to be ended, frozen and started again.
#[derive(Debug)]
pub struct NatsCluster {
    /// The nodes.
    pub nodes: Vec<Process>,
    ports: Vec<u16>,
    _home: TempDir,
}

impl NatsCluster {
    /// Starts three nodes from this configuration file, and waits until each greets its clients.
    ///
    /// # Panics
    /// When one doesn't come up.
    pub fn start(configuration: &Path) -> Self {
        let home = TempDir::with_prefix("confab-nats-cluster-").expect("a directory for the servers' files");
        let ports: Vec<u16> = (0..SIZE).map(|_| free_port()).collect();
        let routes: Vec<String> = (0..SIZE).map(|_| format!("127.0.0.1:{}", free_port())).collect();
        let node = |number: usize| {
            let name = format!("nats-{}", number + 1);
            let mut variables: Vec<(String, String)> = passwords().collect();
            for (other, route) in routes.iter().enumerate() {
                variables.push((format!("CONFAB_NATS_ROUTE_{}", other + 1), format!("nats://{route}")));
            }
            variables.push(("CONFAB_NATS_HOST".to_owned(), "127.0.0.1".to_owned()));
            variables.push(("CONFAB_NATS_CLUSTER_LISTEN".to_owned(), routes[number].clone()));
            let store = home.path().join(&name).display().to_string();
            variables.push(("CONFAB_NATS_STORE".to_owned(), store));
            let port = ports[number].to_string();
            let file = configuration.display().to_string();
            let arguments = ["--config", &file, "--name", &name, "--port", &port].map(str::to_owned).to_vec();
            let log = home.path().join(format!("{name}.log"));
            let binary = server_binary();
            Process::start(Spec { name, binary, arguments, variables, log, ..Spec::default() })
        };
        let nodes = (0..SIZE).map(node).collect();
        let cluster = Self { nodes, ports, _home: home };
        for number in 0..SIZE {
            cluster.wait_for(number);
        }
        cluster
    }

    /// Where clients connect: all nodes.
    pub fn url(&self) -> String {
        let urls: Vec<String> = self.ports.iter().map(|port| format!("nats://127.0.0.1:{port}")).collect();
        urls.join(",")
    }

    /// Starts a node again after a kill, and waits until it greets its clients.
    ///
    /// # Panics
    /// When it doesn't come up.
    pub fn restart(&mut self, number: usize) {
        self.nodes[number].restart();
        self.wait_for(number);
    }

    fn wait_for(&self, number: usize) {
        let begun = Instant::now();
        while !greets(SocketAddr::from((Ipv4Addr::LOCALHOST, self.ports[number]))) {
            assert!(begun.elapsed() < START_LIMIT, "a node doesn't answer:\n{}", self.nodes[number].log());
            thread::sleep(POLL);
        }
    }
}
