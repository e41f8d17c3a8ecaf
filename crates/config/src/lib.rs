//! The configuration of every role: one struct per section, layered, validated, described by a JSON schema.
//!
//! Layers, later ones win: defaults, a TOML file, environment variables `CONFAB_SECTION__FIELD`.
//! Knows nothing of the crates that use it.

mod assignment;
mod attachments;
mod auth;
mod check;
mod drill;
mod error;
mod events;
mod layers;
mod limits;
mod mail;
mod nats;
mod replies;
mod server;
mod session;
mod store;
mod telemetry;
mod worker;

use std::path::Path;

use schemars::JsonSchema;
use serde::Deserialize;

pub use assignment::{Assignment, AssignmentPolicy};
pub use attachments::Attachments;
pub use auth::{Auth, MIN_SIGNING_KEY_BYTES};
pub use drill::Drill;
pub use error::{ConfigError, Invalid, LayerProblem};
pub use events::{EventStream, Events};
pub use limits::Limits;
pub use mail::{Mail, StartTls};
pub use nats::Nats;
pub use replies::Replies;
pub use server::Server;
pub use session::Session;
pub use store::Store;
pub use telemetry::{LogFormat, Telemetry};
pub use worker::Worker;

/// Everything that can be set. `Debug` shows no secrets.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(title = "Confab configuration")]
pub struct Config {
    /// The HTTP and WebSocket listener of an edge.
    pub server: Server,
    /// The bus.
    pub nats: Nats,
    /// The database.
    pub store: Store,
    /// Tokens.
    pub auth: Auth,
    /// One client connection.
    pub session: Session,
    /// What a client may do at most.
    pub limits: Limits,
    /// Routing of conversations, for tenants that set nothing of their own.
    pub assignment: Assignment,
    /// Files that people attach.
    pub attachments: Attachments,
    /// Event streams and webhooks.
    pub events: Events,
    /// E-mail.
    pub mail: Mail,
    /// Automatic replies.
    pub replies: Replies,
    /// Workers: the projector and the carrying out of commands.
    pub worker: Worker,
    /// Logs.
    pub telemetry: Telemetry,
    /// Slow-downs on purpose, for drills.
    pub drill: Drill,
}

impl Config {
    /// Reads all layers and validates the result.
    ///
    /// Without `path` the file named by the environment variable `CONFAB_CONFIG` is read, and none if that is not set.
    /// Reports every problem of a layer at once.
    pub fn load(path: Option<&Path>) -> Result<Self, ConfigError> {
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            Some((name, value.to_string_lossy().into_owned()))
        });
        Self::load_with(path, variables)
    }

    /// As [`Config::load`], with the environment as an argument.
    pub fn load_with(
        path: Option<&Path>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let config = layers::read(path, variables)?;
        config.validate()?;
        Ok(config)
    }

    /// The JSON schema (2020-12) of the configuration file.
    pub fn schema() -> serde_json::Value {
        schemars::schema_for!(Self).to_value()
    }

    /// Checks ranges and what sections ask of each other. Reports everything that is wrong, not only the first.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let mut invalid = Vec::new();
        invalid.extend(self.server.validate());
        invalid.extend(self.nats.validate());
        invalid.extend(self.store.validate());
        invalid.extend(self.auth.validate());
        invalid.extend(self.session.validate());
        invalid.extend(self.limits.validate());
        invalid.extend(self.assignment.validate());
        invalid.extend(self.attachments.validate());
        invalid.extend(self.events.validate());
        invalid.extend(self.mail.validate());
        if self.mail.is_set() && self.server.public_url.is_none() {
            invalid.push(Invalid::Missing {
                field: "server.public_url".to_owned(),
                remedy: "name the URL under which the hub is reached, for the links in e-mail, or leave mail.url empty"
                    .to_owned(),
            });
        }
        invalid.extend(self.replies.validate());
        invalid.extend(self.worker.validate());
        invalid.extend(self.drill.validate());
        invalid.extend(self.telemetry.validate());
        if self.session.outbox_bytes < self.limits.max_frame_bytes {
            invalid.push(Invalid::Contradiction {
                field: "session.outbox_bytes".to_owned(),
                because: format!(
                    "is {} and cannot hold one frame of limits.max_frame_bytes = {}",
                    self.session.outbox_bytes, self.limits.max_frame_bytes
                ),
                remedy: "raise session.outbox_bytes or lower limits.max_frame_bytes".to_owned(),
            });
        }
        ConfigError::from_invalid(invalid)
    }

    /// What `edge` and `worker` need besides [`Config::validate`] when they run as processes of their own: a bus and a
    /// database that they share with other nodes, and a signing key that all nodes know.
    pub fn validate_for_separate_role(&self) -> Result<(), ConfigError> {
        let mut invalid = Vec::new();
        let mut missing = |field: &str, remedy: &str| {
            invalid.push(Invalid::Missing {
                field: field.to_owned(),
                remedy: format!("{remedy}, or run `confab all`"),
            });
        };
        if self.nats.url.is_empty() {
            missing("nats.url", "name the NATS servers that all nodes share, as nats://host:4222");
        }
        if self.store.is_embedded() {
            missing("store.url", "name the SurrealDB server that all workers share, as ws://host:8000");
        }
        if self.auth.signing_key.is_none() {
            missing(
                "auth.signing_key",
                "give every node the same key, for example one made by `openssl rand -base64 48`",
            );
        }
        ConfigError::from_invalid(invalid)
    }
}
