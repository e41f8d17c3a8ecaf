//! Section `telemetry`: what is logged, and how it looks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Invalid;
use crate::check::Checks;

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line, for collectors.
    Json,
}

/// Logs.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Telemetry {
    /// What is logged: a level, or a filter such as `info,confab_edge=debug`.
    pub log: String,
    /// How a log line looks: `text` for people, `json` for collectors.
    pub format: LogFormat,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self { log: "info".to_owned(), format: LogFormat::Text }
    }
}

impl Telemetry {
    /// Everything that is wrong with the section. A filter's own syntax is checked when logging starts.
    pub fn validate(&self) -> Vec<Invalid> {
        let mut checks = Checks::of("telemetry");
        checks.form("log", &self.log, !self.log.trim().is_empty(), "a level such as info, or off for no log");
        checks.finish()
    }
}
