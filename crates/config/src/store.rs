//! Section `store`: which SurrealDB to use.

use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Deserialize;

use crate::Invalid;
use crate::check::{Checks, is_token};

/// The database.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Store {
    /// `ws://host:8000` for a SurrealDB server, `surrealkv://path` for an embedded one; empty: embedded in the data directory.
    pub url: String,
    /// SurrealDB namespace; each tenant has a database of its own in it.
    pub namespace: String,
    /// User name at a SurrealDB server, together with `password`.
    pub username: Option<String>,
    /// Password of `username`.
    #[schemars(with = "Option<String>")]
    pub password: Option<SecretString>,
    /// How long one query may take, in milliseconds.
    pub query_timeout_ms: u64,
    /// How long to wait for the database at start, in milliseconds.
    pub connect_timeout_ms: u64,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            url: String::new(),
            namespace: "confab".to_owned(),
            username: None,
            password: None,
            query_timeout_ms: 5000,
            connect_timeout_ms: 10_000,
        }
    }
}

impl Store {
    /// Whether the database runs inside the process, so that no other process can use it.
    pub fn is_embedded(&self) -> bool {
        self.url.is_empty() || self.url.starts_with("surrealkv://") || self.url.starts_with("mem://")
    }

    /// Everything that is wrong with the section.
    pub fn validate(&self) -> Vec<Invalid> {
        let mut checks = Checks::of("store");
        if let Some(path) = self.url.strip_prefix("surrealkv://") {
            checks.form(
                "url",
                &self.url,
                !path.is_empty(),
                "a path, such as surrealkv:///var/lib/confab/store",
            );
        } else if !self.is_embedded() {
            checks.url(
                "url",
                &self.url,
                &["ws", "wss", "http", "https"],
                "ws://host:8000 for a server, surrealkv:///path for an embedded database, or leave it empty",
            );
        }
        checks.form("namespace", &self.namespace, is_token(&self.namespace), "1 to 64 of A-Z a-z 0-9 _ -");
        checks.agree(
            "username",
            self.username.is_some() == self.password.is_some(),
            "and store.password go together, but only one of them is set",
            "set both or neither",
        );
        checks.range("query_timeout_ms", self.query_timeout_ms, &(100..=600_000), "milliseconds");
        checks.range("connect_timeout_ms", self.connect_timeout_ms, &(100..=600_000), "milliseconds");
        checks.finish()
    }
}
