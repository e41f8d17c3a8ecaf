//! From the sections of the configuration to the settings of the crates: the one place that knows both.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use confab_attachments::{AttachmentStore, ObjectAttachments, S3Settings};
use confab_auth::{Lifetimes, Tokens};
use confab_bus::{Bus, BusSettings, StreamChange};
use confab_config::{AssignmentPolicy, Config, LogFormat};
use confab_domain::{Policy, TenantSettings};
use confab_store::{Store, StoreError, StoreSettings};
use confab_telemetry::Format;
use rand::Rng as _;
use secrecy::ExposeSecret as _;
use uuid::Uuid;

/// How much the clocks of two nodes may differ before tokens are refused, in seconds.
const LEEWAY_SECONDS: u64 = 5;
/// How long a node that starts waits for bus and database to come up.
const PATIENCE: Duration = Duration::from_secs(30);
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// The bus of this configuration, for a node of this name.
pub(crate) fn bus_settings(config: &Config, node: &str) -> BusSettings {
    let nats = &config.nats;
    BusSettings {
        url: nats.url.clone(),
        user: nats.user.clone(),
        password: nats.password.clone(),
        credentials_file: nats.credentials_file.clone(),
        tls_ca_file: nats.tls_ca_file.clone(),
        tls_identity: nats.tls_certificate_file.clone().zip(nats.tls_key_file.clone()),
        tls_required: nats.tls_required,
        name: node.to_owned(),
        shards: nats.shards,
        replicas: nats.replicas,
        log_retention: Duration::from_secs(nats.log_retention_hours.saturating_mul(3600)),
        log_max_bytes: nats.log_max_bytes,
        event_retention: Duration::from_secs(config.events.retention_hours.saturating_mul(3600)),
        duplicate_window: Duration::from_secs(nats.duplicate_window_seconds),
        publish_timeout: Duration::from_millis(nats.publish_timeout_ms),
        ping_interval: Duration::from_millis(nats.ping_interval_ms),
        ack_wait: Duration::from_secs(config.worker.ack_wait_seconds),
        max_deliver: i64::from(config.worker.max_deliver),
    }
}

/// The database of this configuration.
pub(crate) fn store_settings(config: &Config) -> StoreSettings {
    let store = &config.store;
    StoreSettings {
        url: store.url.clone(),
        namespace: store.namespace.clone(),
        username: store.username.clone(),
        password: store.password.clone(),
        query_timeout: Duration::from_millis(store.query_timeout_ms),
        connect_timeout: Duration::from_millis(store.connect_timeout_ms),
    }
}

/// What a new tenant starts with.
pub(crate) fn tenant_settings(config: &Config) -> TenantSettings {
    let assignment = &config.assignment;
    let millis = |seconds: u64| seconds.saturating_mul(1000);
    TenantSettings {
        policy: match assignment.policy {
            AssignmentPolicy::Manual => Policy::Manual,
            AssignmentPolicy::RoundRobin => Policy::RoundRobin,
            AssignmentPolicy::LeastBusy => Policy::LeastBusy,
            AssignmentPolicy::LongestIdle => Policy::LongestIdle,
        },
        vanish_grace_ms: millis(assignment.vanish_grace_seconds),
        idle_warning_ms: millis(assignment.idle_warning_seconds),
        idle_close_ms: millis(assignment.idle_close_seconds),
        abandon_ms: millis(assignment.abandon_seconds),
        estimate_window_ms: millis(assignment.estimate_window_seconds),
        ..TenantSettings::default()
    }
}

/// Issues and verifies tokens with the configured key.
pub(crate) fn tokens(config: &Config) -> Result<Tokens> {
    let auth = &config.auth;
    let key = auth.signing_key.as_ref().context("auth.signing_key is not set")?;
    let lifetimes = Lifetimes {
        access_seconds: auth.access_token_seconds,
        refresh_seconds: auth.refresh_token_seconds,
        customer_seconds: auth.customer_token_seconds,
    };
    let tokens = Tokens::new(key.expose_secret().as_bytes(), auth.issuer.clone(), lifetimes)?;
    Ok(tokens.with_leeway(LEEWAY_SECONDS))
}

/// Where files are kept, if it is configured.
pub(crate) fn attachments(config: &Config) -> Result<Option<Arc<dyn AttachmentStore>>> {
    let attachments = &config.attachments;
    if attachments.url.is_empty() {
        return Ok(None);
    }
    let s3 = S3Settings {
        endpoint: attachments.s3_endpoint.clone(),
        region: attachments.s3_region.clone(),
        access_key_id: attachments.s3_access_key_id.clone(),
        secret_access_key: attachments.s3_secret_access_key.clone(),
    };
    let store = ObjectAttachments::open(&attachments.url, &s3)
        .context("set attachments.url to a place that can be used")?;
    Ok(Some(Arc::new(store)))
}

/// Sends logs to standard error as configured.
pub(crate) fn start_logs(config: &Config) -> Result<()> {
    let format = match config.telemetry.format {
        LogFormat::Text => Format::Text,
        LogFormat::Json => Format::Json,
    };
    Ok(confab_telemetry::init(format, &log_filter(&config.telemetry.log))?)
}

/// Libraries tell more than anybody wants to know; what is configured wins over this.
fn log_filter(configured: &str) -> String {
    if configured == "off" {
        return configured.to_owned();
    }
    format!("async_nats=warn,surrealdb=warn,surrealkv=warn,{configured}")
}

/// The configured name of this node, or one made up.
pub(crate) fn node_name(config: &Config, role: &str) -> String {
    config.server.node_id.clone().unwrap_or_else(|| {
        let random = Uuid::new_v4().simple().to_string();
        format!("{role}-{}", &random[..8])
    })
}

/// Connects to the bus, waiting for it to come up.
pub(crate) async fn connect_bus(config: &Config, node: &str) -> Result<Bus> {
    let connect = || Bus::connect(bus_settings(config, node));
    let remedy = "start it, or set nats.url (CONFAB_NATS__URL) and its credentials";
    patiently("NATS", connect, |error| error.code().is_retryable())
        .await
        .with_context(|| format!("NATS can't be used: {remedy}"))
}

/// Creates the streams or brings them up to date, waiting for JetStream to have a leader.
pub(crate) async fn prepare_bus(bus: &Bus) -> Result<Vec<StreamChange>> {
    patiently("JetStream", || bus.ensure_topology(), |error| error.code().is_retryable())
        .await
        .context("the streams can't be made: JetStream has to be on, and the user needs the right to; run `confab migrate` as the admin user, or see `confab doctor`")
}

/// What [`prepare_bus`] would change, waiting for JetStream to have a leader.
pub(crate) async fn bus_changes(bus: &Bus) -> Result<Vec<StreamChange>> {
    patiently("JetStream", || bus.topology_changes(), |error| error.code().is_retryable())
        .await
        .context("the streams can't be compared: see `confab doctor`")
}

/// Opens the database, waiting for it to come up.
pub(crate) async fn open_store(config: &Config) -> Result<Store> {
    let open = || Store::open(store_settings(config));
    let remedy = if config.store.is_embedded() {
        "another process may have it open, or the disk is full"
    } else {
        "start it, or set store.url (CONFAB_STORE__URL) and its credentials"
    };
    patiently("the database", open, StoreError::is_transient)
        .await
        .with_context(|| format!("the database {} can't be used: {remedy}", config.store.url))
}

/// Tries again what fails for reasons that pass.
async fn patiently<T, E, Attempt>(
    what: &str,
    mut attempt: impl FnMut() -> Attempt,
    passes: impl Fn(&E) -> bool,
) -> Result<T, E>
where
    E: std::error::Error,
    Attempt: Future<Output = Result<T, E>>,
{
    let begun = std::time::Instant::now();
    let mut pause = FIRST_PAUSE;
    loop {
        match attempt().await {
            Err(error) if passes(&error) && begun.elapsed() + pause < PATIENCE => {
                tracing::warn!(%error, "{what} is not there yet");
                tokio::time::sleep(pause.mul_f64(rand::rng().random_range(0.5..=1.0))).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            outcome => return outcome,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_of_the_configuration_are_milliseconds_of_a_tenant() {
        let settings = tenant_settings(&Config::default());
        assert_eq!(settings, TenantSettings::default());
    }

    #[test]
    fn a_node_without_a_name_gets_one() {
        let mut config = Config::default();
        let name = node_name(&config, "edge");
        assert!(name.starts_with("edge-") && name.len() == 13, "{name}");
        config.server.node_id = Some("edge-1".into());
        assert_eq!(node_name(&config, "edge"), "edge-1");
    }

    #[test]
    fn what_is_configured_for_logs_comes_last() {
        assert_eq!(log_filter("off"), "off");
        assert!(log_filter("info,surrealdb=debug").ends_with(",info,surrealdb=debug"));
    }

    #[test]
    fn tokens_need_a_key() {
        let mut config = Config::default();
        assert!(tokens(&config).is_err());
        config.auth.signing_key = Some("0123456789abcdef0123456789abcdef".to_owned().into());
        assert!(tokens(&config).is_ok());
    }
}
