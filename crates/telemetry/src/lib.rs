//! Logs and metrics: how they are set up, and the one list of every metric's name.
//!
//! Knows nothing of what is measured; whoever measures takes the name from [`metrics`].

pub mod metrics;

mod logs;
mod process;
mod recorder;

pub use logs::{Format, init};
pub use recorder::{MetricsHandle, install_recorder};

/// Telemetry could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter has a wrong form.
    #[error(
        "the log filter {filter:?} cannot be used ({reason}): write a level or a list such as info,confab_edge=debug"
    )]
    Filter {
        /// The filter that was given.
        filter: String,
        /// What the parser said.
        reason: String,
    },
    /// Somebody else set up logs in this process.
    #[error("logs were already set up in this process: {0}")]
    LogsTaken(String),
    /// Somebody else installed a metrics recorder in this process.
    #[error("metrics were already set up in this process: {0}")]
    MetricsTaken(String),
}
