//! Where log lines go and how they look: standard error, as text or as JSON.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::TelemetryError;

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people, in colour on a terminal.
    Text,
    /// One JSON object per line, the event's fields at its top level.
    Json,
}

/// Sends logs that pass `filter` to standard error. Once per process.
///
/// A filter is a level or a list of targets with levels, as `info,confab_edge=debug`.
pub fn init(format: Format, filter: &str) -> Result<(), TelemetryError> {
    let filter = parse(filter)?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let outcome = match format {
        Format::Text => builder.with_ansi(io::stderr().is_terminal()).finish().try_init(),
        Format::Json => builder.json().flatten_event(true).with_current_span(true).finish().try_init(),
    };
    outcome.map_err(|error| TelemetryError::LogsTaken(error.to_string()))
}

/// A filter in which every part is right; nothing is left out silently.
fn parse(filter: &str) -> Result<EnvFilter, TelemetryError> {
    EnvFilter::builder()
        .parse(filter)
        .map_err(|error| TelemetryError::Filter { filter: filter.to_owned(), reason: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_a_level_or_a_list() {
        for filter in ["info", "off", "warn,confab_edge=debug", "info,async_nats=warn"] {
            assert!(parse(filter).is_ok(), "{filter}");
        }
    }

    #[test]
    fn a_bad_filter_is_named() {
        let error = parse("info,confab_edge=loud").expect_err("no such level");
        assert!(error.to_string().contains("confab_edge=loud"), "{error}");
    }
}
