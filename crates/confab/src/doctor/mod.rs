//! Looks for the usual mistakes. Changes nothing; every finding says what to do.

mod bus;
mod finding;
mod host;
mod monitor;
mod store;

use std::path::PathBuf;

use confab_config::Config;

pub(crate) use finding::Finding;
use finding::Level;

/// Where to look besides the configuration.
#[derive(Debug, Clone)]
pub(crate) struct Sources {
    /// Data directory of `confab all`.
    pub(crate) data: PathBuf,
    /// Whether NATS is the server that `confab all` started there.
    pub(crate) started_nats: bool,
    /// Monitoring pages of NATS.
    pub(crate) nats_monitor: Option<String>,
    /// Where a worker serves metrics.
    pub(crate) worker_metrics: Option<String>,
}

/// Looks at everything and tells each finding as it is made. Whether nothing failed.
pub(crate) async fn examine(config: &Config, sources: &Sources, mut tell: impl FnMut(&Finding)) -> bool {
    let mut healthy = true;
    let mut take = |findings: Vec<Finding>| {
        for finding in findings {
            healthy &= finding.level != Level::Fail;
            tell(&finding);
        }
    };
    take(vec![host::signing_key(config, sources), host::open_files(config), host::certificate(config)]);
    let (running, finding) = host::listener(config).await;
    take(vec![finding]);
    take(bus::greetings(config).await);
    take(bus::streams(config).await);
    take(monitor::nats(config, sources).await);
    take(store::database(config, sources, running).await);
    take(vec![monitor::projector_lag(config, sources, running).await]);
    healthy
}
