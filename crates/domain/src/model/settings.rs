//! What a tenant can set about assignment and lifecycle.

use confab_protocol::api::ServiceLevels;
use serde::{Deserialize, Serialize};

/// Who of several free agents gets the next conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// Nobody: agents accept by hand.
    Manual,
    /// The one whose last assignment is longest ago.
    RoundRobin,
    /// The one with the smallest share of their capacity in use.
    #[default]
    LeastBusy,
    /// The one who has been without a conversation for longest.
    LongestIdle,
}

/// A tenant's settings. Times are in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantSettings {
    /// Assignment policy.
    pub policy: Policy,
    /// How long a vanished agent keeps their conversations.
    pub vanish_grace_ms: u64,
    /// Silence after which an active conversation gets a warning.
    pub idle_warning_ms: u64,
    /// Silence after the warning until it is closed.
    pub idle_close_ms: u64,
    /// How long a customer who left is kept in the queue.
    pub abandon_ms: u64,
    /// How far back assignments count for the estimated wait.
    pub estimate_window_ms: u64,
    /// Business hours and targets.
    #[serde(default)]
    pub service_levels: ServiceLevels,
}

impl Default for TenantSettings {
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            vanish_grace_ms: 30_000,
            idle_warning_ms: 600_000,
            idle_close_ms: 300_000,
            abandon_ms: 1_800_000,
            estimate_window_ms: 900_000,
            service_levels: ServiceLevels::default(),
        }
    }
}
