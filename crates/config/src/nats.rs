//! Section `nats`: which bus to use, and how its streams are made.

use std::path::PathBuf;

use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Deserialize;

use crate::Invalid;
use crate::check::Checks;

/// The bus.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Nats {
    /// NATS servers, separated by commas, as `nats://host:4222`; empty: `confab all` starts a server of its own.
    pub url: String,
    /// User name, together with `password`.
    pub user: Option<String>,
    /// Password of `user`.
    #[schemars(with = "Option<String>")]
    pub password: Option<SecretString>,
    /// File with a NATS user's credentials (`.creds`), instead of `user` and `password`.
    pub credentials_file: Option<PathBuf>,
    /// Certificates of authorities to trust beside the system's, as a PEM file.
    pub tls_ca_file: Option<PathBuf>,
    /// This client's certificate, as a PEM file, for servers that ask for one; together with `tls_key_file`.
    pub tls_certificate_file: Option<PathBuf>,
    /// Key of `tls_certificate_file`, as a PEM file.
    pub tls_key_file: Option<PathBuf>,
    /// Refuse a connection without TLS, whatever the URL says.
    pub tls_required: bool,
    /// How long a publish waits until the log has stored it, in milliseconds.
    pub publish_timeout_ms: u64,
    /// How often the connection to NATS is tried, in milliseconds; a server that answers none of three tries is left for another.
    pub ping_interval_ms: u64,
    /// Copies of each stream: 1 on a single server, 3 on a cluster.
    pub replicas: u8,
    /// Shards that the conversation log is made with; later `confab shards raise` gives it more, and this no longer counts.
    pub shards: u16,
    /// How long entries stay in the log for clients to resume from, in hours; history in the database is not touched.
    pub log_retention_hours: u64,
    /// Largest size of one log shard, in bytes; 0 is no limit.
    pub log_max_bytes: u64,
    /// For how long the bus itself knows a message it has seen, in seconds.
    pub duplicate_window_seconds: u64,
    /// Port of the server that `confab all` starts; a free one when not set. Not used with `url`.
    pub start_port: Option<u16>,
    /// The `nats-server` that `confab all` starts; looked for when not set. Not used with `url`.
    pub server_binary: Option<PathBuf>,
}

impl Default for Nats {
    fn default() -> Self {
        Self {
            url: String::new(),
            user: None,
            password: None,
            credentials_file: None,
            tls_ca_file: None,
            tls_certificate_file: None,
            tls_key_file: None,
            tls_required: false,
            publish_timeout_ms: 5000,
            ping_interval_ms: 2000,
            replicas: 1,
            shards: 4,
            log_retention_hours: 168,
            log_max_bytes: 0,
            duplicate_window_seconds: 120,
            start_port: None,
            server_binary: None,
        }
    }
}

impl Nats {
    /// Everything that is wrong with the section.
    pub fn validate(&self) -> Vec<Invalid> {
        let mut checks = Checks::of("nats");
        for url in self.url.split(',').filter(|_| !self.url.is_empty()) {
            checks.url(
                "url",
                url.trim(),
                &["nats", "tls", "ws", "wss"],
                "URLs such as nats://host:4222, separated by commas",
            );
        }
        checks.agree(
            "user",
            self.user.is_some() == self.password.is_some(),
            "and nats.password go together, but only one of them is set",
            "set both or neither",
        );
        checks.agree(
            "credentials_file",
            self.credentials_file.is_none() || self.user.is_none(),
            "is set beside nats.user",
            "keep one of the two ways to log in",
        );
        checks.agree(
            "tls_certificate_file",
            self.tls_certificate_file.is_some() == self.tls_key_file.is_some(),
            "and nats.tls_key_file go together, but only one of them is set",
            "set both or neither",
        );
        checks.range("publish_timeout_ms", self.publish_timeout_ms, &(100..=60_000), "milliseconds");
        checks.range("ping_interval_ms", self.ping_interval_ms, &(100..=60_000), "milliseconds");
        checks.range("replicas", self.replicas, &(1..=5), "copies");
        checks.range("shards", self.shards, &(1..=64), "shards");
        checks.range("log_retention_hours", self.log_retention_hours, &(1..=87_600), "hours");
        let largest = u64::MAX / 2;
        checks.range("log_max_bytes", self.log_max_bytes, &(0..=largest), "bytes");
        checks.range("duplicate_window_seconds", self.duplicate_window_seconds, &(1..=86_400), "seconds");
        checks.agree(
            "duplicate_window_seconds",
            self.duplicate_window_seconds <= self.log_retention_hours.saturating_mul(3600),
            "is longer than nats.log_retention_hours",
            "shorten the window or keep the log longer",
        );
        if let Some(port) = self.start_port {
            checks.range("start_port", port, &(1..=u16::MAX), "(a port)");
        }
        checks.finish()
    }
}
