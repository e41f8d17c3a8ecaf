//! An edge of a cluster: a process, and where it is reached.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use confab_client::HttpClient;
use confab_testkit::network::Host;
use confab_testkit::process::{Process, free_port};
use confab_testkit::wait;

use crate::cluster::Cluster;

/// How long a node may take to come up.
const START_LIMIT: Duration = Duration::from_secs(30);

/// An edge; restarts keep its port.
#[derive(Debug)]
pub struct Edge {
    /// The process, to be ended, frozen and started again.
    pub process: Process,
    /// Its base URL.
    pub url: String,
}

impl Edge {
    pub(crate) async fn start(cluster: &mut Cluster, number: usize) -> Self {
        let host = cluster.hosts.as_ref().map(|hosts| hosts.host(&format!("edge-{number}")));
        let address = host.as_ref().map_or(Ipv4Addr::LOCALHOST, Host::address);
        let address = SocketAddr::from((address, free_port()));
        let seen_at = cluster.links.before_edge(number, address).await;
        let (address, url) = (address.to_string(), format!("http://{seen_at}"));
        Self { process: cluster.node("edge", number, &[("CONFAB_SERVER__LISTEN", address)]), url }
    }

    /// Waits until it says that it is ready.
    ///
    /// # Panics
    /// When it doesn't.
    pub async fn is_ready(&self) {
        let http = HttpClient::new(&self.url).expect("an edge's URL");
        let what = format!("{} ready; see {}", self.process.name(), self.process.log());
        wait::until(&what, START_LIMIT, || async { http.text("/health/ready").await.is_ok() }).await;
    }

    /// Starts it again after a kill, and waits until it is ready.
    ///
    /// # Panics
    /// When it doesn't come up.
    pub async fn restart(&mut self) {
        self.process.restart();
        self.is_ready().await;
    }
}
