//! Links of a cluster that can be cut: between a node and NATS or the database, and between clients and an edge.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use confab_testkit::link::{Gate, Link};

/// What clients are called.
const CLIENT: &str = "client";

/// The links of a cluster, by both ends. One to NATS stands for as many as there are servers.
#[derive(Debug)]
pub struct Links {
    made: BTreeMap<(String, String), Vec<Link>>,
    nats: Vec<String>,
    database: String,
}

/// There is no link between these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoLink;

impl Links {
    /// Links to servers that run; those to edges are made with [`Links::before_edge`].
    pub(crate) async fn start(wanted: &[(String, String)], nats: &[String], database: &str) -> Self {
        let mut all = BTreeMap::new();
        for (from, to) in wanted {
            let mut made = Vec::new();
            let ends = match to.as_str() {
                "nats" => nats,
                "database" => &[database.to_owned()][..],
                _ => &[],
            };
            for end in ends {
                made.push(Link::to(address_of(end)).await);
            }
            all.insert((from.clone(), to.clone()), made);
        }
        Self { made: all, nats: nats.to_vec(), database: database.to_owned() }
    }

    /// Where clients reach an edge: at its own address, or through a link if one was asked for.
    pub(crate) async fn before_edge(&mut self, number: usize, address: SocketAddr) -> SocketAddr {
        let key = (CLIENT.to_owned(), format!("edge-{number}"));
        let Some(links) = self.made.get_mut(&key) else { return address };
        let link = Link::to(address).await;
        let seen_at = link.address();
        *links = vec![link];
        seen_at
    }

    /// What a node has to be told so that it goes through its links.
    pub(crate) fn variables(&self, node: &str) -> Vec<(String, String)> {
        let to = |end: &str| self.made.get(&(node.to_owned(), end.to_owned()));
        let nats = to("nats").map(|links| {
            let urls: Vec<String> = links.iter().map(|link| format!("nats://{}", link.address())).collect();
            debug_assert_eq!(urls.len(), self.nats.len());
            ("CONFAB_NATS__URL".to_owned(), urls.join(","))
        });
        let database = to("database").and_then(|links| {
            let scheme = self.database.split("://").next()?;
            Some(("CONFAB_STORE__URL".to_owned(), format!("{scheme}://{}", links.first()?.address())))
        });
        nats.into_iter().chain(database).collect()
    }

    /// From now on the link is like this.
    ///
    /// # Errors
    /// When it was not asked for.
    pub fn set(&self, from: &str, to: &str, gate: Gate) -> Result<(), NoLink> {
        let found = self.made.get(&(from.to_owned(), to.to_owned())).filter(|links| !links.is_empty());
        for link in found.ok_or(NoLink)? {
            link.set(gate);
        }
        Ok(())
    }
}

/// The address in a URL such as `nats://127.0.0.1:4222`.
fn address_of(url: &str) -> SocketAddr {
    let host = url.split_once("://").map_or(url, |(_, host)| host);
    host.parse().expect("servers of a test listen on an address with a port")
}
