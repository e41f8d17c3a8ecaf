//! Section `server`: where an edge listens and how it goes away.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

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
    /// URL under which browsers reach the hub, when a proxy stands before it or it has a certificate of its own.
    pub public_url: Option<String>,
    /// This node's certificate and those it rests on, as a PEM file, for TLS without a proxy; together with `tls_key_file` and an `https://` `public_url`. Read again when it changes.
    pub tls_certificate_file: Option<PathBuf>,
    /// Key of `tls_certificate_file`, as a PEM file.
    pub tls_key_file: Option<PathBuf>,
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
            tls_certificate_file: None,
            tls_key_file: None,
            allowed_origins: Vec::new(),
            drain_seconds: 20,
            reconnect_jitter_ms: 5000,
            request_timeout_ms: 10_000,
            node_id: None,
        }
    }
}

impl Server {
    /// Whether browsers reach the hub by https.
    pub fn is_encrypted(&self) -> bool {
        self.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }

    /// A URL by which this machine reaches a hub that listens on `address`. A certificate is for a name, so with TLS it is
    /// the public one.
    pub fn url_at(&self, address: SocketAddr) -> String {
        if let (Some(url), Some(_)) = (&self.public_url, &self.tls_certificate_file) {
            return url.trim_end_matches('/').to_owned();
        }
        let ip = match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
            ip => ip,
        };
        format!("http://{}", SocketAddr::new(ip, address.port()))
    }

    /// Everything that is wrong with the section.
    pub fn validate(&self) -> Vec<Invalid> {
        let mut checks = Checks::of("server");
        if let Some(url) = &self.public_url {
            checks.url("public_url", url, &["http", "https"], "a URL such as https://chat.example");
        }
        let has_certificate = self.tls_certificate_file.is_some();
        checks.agree(
            "tls_certificate_file",
            has_certificate == self.tls_key_file.is_some(),
            "and server.tls_key_file go together, but only one of them is set",
            "set both or neither",
        );
        checks.agree(
            "tls_certificate_file",
            !has_certificate || self.is_encrypted(),
            "is for a name that clients use, but server.public_url is none of https",
            "set server.public_url to the https:// URL with a name of the certificate",
        );
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_all_interfaces_is_reached_on_loopback() {
        let plain = Server::default();
        assert_eq!(plain.url_at(([0, 0, 0, 0], 8480).into()), "http://127.0.0.1:8480");
        assert_eq!(plain.url_at(([10, 0, 0, 1], 80).into()), "http://10.0.0.1:80");
        assert_eq!(plain.url_at("[::]:8480".parse().expect("an address")), "http://[::1]:8480");
    }

    #[test]
    fn who_has_a_certificate_is_reached_by_its_name() {
        let behind_a_proxy = Server { public_url: Some("https://chat.example/".into()), ..Server::default() };
        let address = ([10, 0, 0, 1], 443).into();
        assert_eq!(behind_a_proxy.url_at(address), "http://10.0.0.1:443");
        let own = Server { tls_certificate_file: Some("hub.pem".into()), ..behind_a_proxy };
        assert_eq!(own.url_at(address), "https://chat.example");
    }
}
