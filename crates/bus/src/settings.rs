//! What the bus needs to know. Who reads it from a file or the environment is no concern of this crate.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

/// Where the bus is and how its streams are made.
#[derive(Debug, Clone)]
pub struct BusSettings {
    /// Servers, separated by commas, such as `nats://host:4222`.
    pub url: String,
    /// User name, together with `password`.
    pub user: Option<String>,
    /// Password of `user`.
    pub password: Option<SecretString>,
    /// File with a user's credentials (`.creds`), instead of `user` and `password`.
    pub credentials_file: Option<PathBuf>,
    /// Certificates of authorities to trust beside the system's, as PEM.
    pub tls_ca_file: Option<PathBuf>,
    /// This client's certificate and key, as PEM, for servers that ask for one.
    pub tls_identity: Option<(PathBuf, PathBuf)>,
    /// Whether a connection without TLS is refused.
    pub tls_required: bool,
    /// This node's id: `A-Z a-z 0-9 _ -`. It names the connection, its inboxes and its presence keys.
    pub name: String,
    /// Shards that the conversation log is made with, at least 1. Later the log's own number counts.
    pub shards: u16,
    /// Copies of each stream: 1 on a single server, 3 on a cluster.
    pub replicas: u8,
    /// How long entries stay in the log.
    pub log_retention: Duration,
    /// Largest size of one log shard in bytes; 0 is no limit.
    pub log_max_bytes: u64,
    /// How long the streams of events keep one.
    pub event_retention: Duration,
    /// For how long the bus itself knows a message id it has seen.
    pub duplicate_window: Duration,
    /// How long a publish, and any other request, waits for its answer.
    pub publish_timeout: Duration,
    /// How often the connection is tried. A server that answers none of three tries is left for another.
    pub ping_interval: Duration,
    /// How long a consumer may take over an item before it is given to another.
    pub ack_wait: Duration,
    /// How often a command is tried before it becomes a dead letter.
    pub max_deliver: i64,
}

impl Default for BusSettings {
    fn default() -> Self {
        Self {
            url: "nats://127.0.0.1:4222".into(),
            user: None,
            password: None,
            credentials_file: None,
            tls_ca_file: None,
            tls_identity: None,
            tls_required: false,
            name: "confab".into(),
            shards: 4,
            replicas: 1,
            log_retention: Duration::from_hours(168),
            log_max_bytes: 0,
            event_retention: Duration::from_hours(168),
            duplicate_window: Duration::from_mins(2),
            publish_timeout: Duration::from_secs(5),
            ping_interval: Duration::from_secs(2),
            ack_wait: Duration::from_secs(30),
            max_deliver: 10,
        }
    }
}
