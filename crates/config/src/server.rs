//! Section `server`: where an edge listens and how it goes away.

use std::net::{Ipv4Addr, SocketAddr};

use schemars::JsonSchema;
use serde::Deserialize;

use crate::Invalid;
use crate::check::{Checks, is_token};

/// The HTTP and WebSocket listener of an edge.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Address and port to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// URL under which browsers reach the hub, when a proxy stands before it.
    pub public_url: Option<String>,
    /// Origins of web pages that may use the hub, as `https://shop.example`; `*` is any, an empty list only the hub's own.
    pub allowed_origins: Vec<String>,
    /// Longest time for a graceful stop, in seconds; then what still runs is cut off.
    pub drain_seconds: u64,
    /// Clients of a stopping node come back spread over this time, in milliseconds.
    pub reconnect_jitter_ms: u64,
    /// How long an HTTP caller waits for a worker's reply, in milliseconds.
    pub request_timeout_ms: u64,
    /// Name of this node, unique among all that run; made up at start when not set.
    pub node_id: Option<String>,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8480)),
            public_url: None,
            allowed_origins: Vec::new(),
            drain_seconds: 20,
            reconnect_jitter_ms: 5000,
            request_timeout_ms: 10_000,
            node_id: None,
        }
    }
}

impl Server {
    /// Everything that is wrong with the section.
    pub fn validate(&self) -> Vec<Invalid> {
        let mut checks = Checks::of("server");
        if let Some(url) = &self.public_url {
            checks.url("public_url", url, &["http", "https"], "a URL such as https://chat.example");
        }
        for origin in &self.allowed_origins {
            let expected = "scheme and host without a path, such as https://shop.example, or \"*\"";
            if origin == "*" {
                continue;
            }
            let has_path = origin.splitn(4, '/').count() > 3;
            if has_path {
                checks.form("allowed_origins", origin, false, expected);
            } else {
                checks.url("allowed_origins", origin, &["http", "https"], expected);
            }
        }
        checks.range("drain_seconds", self.drain_seconds, &(0..=3600), "seconds");
        checks.range("reconnect_jitter_ms", self.reconnect_jitter_ms, &(0..=600_000), "milliseconds");
        checks.range("request_timeout_ms", self.request_timeout_ms, &(100..=120_000), "milliseconds");
        if let Some(id) = &self.node_id {
            checks.form("node_id", id, is_token(id), "1 to 64 of A-Z a-z 0-9 _ -, such as edge-1");
        }
        checks.finish()
    }
}
