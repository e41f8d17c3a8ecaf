//! How to reach the database.

use std::time::Duration;

use secrecy::SecretString;

/// Where the database is and how long it may take.
#[derive(Debug, Clone)]
pub struct StoreSettings {
    /// `surrealkv://path` or `mem://` inside this process; `ws://host:port` for a server.
    pub url: String,
    /// SurrealDB namespace; each tenant has a database of its own in it.
    pub namespace: String,
    /// Name of a root user at a server; an embedded database asks for none.
    pub username: Option<String>,
    /// Password of `username`.
    pub password: Option<SecretString>,
    /// Longest time any call takes, retries included; migrations excepted.
    pub query_timeout: Duration,
    /// Longest time building a connection takes.
    pub connect_timeout: Duration,
}

impl StoreSettings {
    /// The database at `url`, without credentials, in the namespace `confab`, with the usual time limits.
    pub fn at(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            namespace: "confab".to_owned(),
            username: None,
            password: None,
            query_timeout: Duration::from_secs(5),
            connect_timeout: Duration::from_secs(10),
        }
    }

    /// A database in the memory of this process, gone with it.
    pub fn memory() -> Self {
        Self::at("mem://")
    }

    /// Whether the database is another process, which can go away and come back.
    pub(crate) fn is_remote(&self) -> bool {
        !(self.url.starts_with("mem://") || self.url.starts_with("surrealkv://"))
    }
}
