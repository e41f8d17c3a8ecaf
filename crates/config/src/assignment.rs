//! Section `assignment`: how conversations find an agent, for tenants that set nothing of their own.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Invalid;
use crate::check::Checks;

/// A day in seconds.
const DAY_SECONDS: u64 = 86_400;

/// How an agent is picked among those that are online, skilled and below their capacity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum AssignmentPolicy {
    /// Whoever has the fewest conversations.
    LeastBusy,
    /// Nobody; agents accept from the queue themselves.
    Manual,
    /// Each in turn.
    RoundRobin,
    /// Whoever has waited longest since their last conversation.
    LongestIdle,
}

/// Routing of conversations.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Assignment {
    /// How an agent is picked: `least_busy`, `manual` (agents accept themselves), `round_robin` or `longest_idle`.
    pub policy: AssignmentPolicy,
    /// Conversations that one agent may hold at a time.
    pub capacity: u32,
    /// How long an agent may be gone before their conversations return to the queue, in seconds.
    pub vanish_grace_seconds: u64,
    /// A conversation in which nobody wrote for this long is warned of its end, in seconds.
    pub idle_warning_seconds: u64,
    /// How long after the warning an idle conversation is closed, in seconds.
    pub idle_close_seconds: u64,
    /// How long a customer may be gone before their place in the queue is given up, in seconds.
    pub abandon_seconds: u64,
    /// The estimated wait is drawn from what happened in the last so many seconds.
    pub estimate_window_seconds: u64,
}

impl Default for Assignment {
    fn default() -> Self {
        Self {
            policy: AssignmentPolicy::LeastBusy,
            capacity: 5,
            vanish_grace_seconds: 30,
            idle_warning_seconds: 600,
            idle_close_seconds: 300,
            abandon_seconds: 1800,
            estimate_window_seconds: 900,
        }
    }
}

impl Assignment {
    /// Everything that is wrong with the section.
    pub fn validate(&self) -> Vec<Invalid> {
        let mut checks = Checks::of("assignment");
        checks.range("capacity", self.capacity, &(1..=1000), "conversations");
        checks.range("vanish_grace_seconds", self.vanish_grace_seconds, &(1..=DAY_SECONDS), "seconds");
        checks.range("idle_warning_seconds", self.idle_warning_seconds, &(1..=30 * DAY_SECONDS), "seconds");
        checks.range("idle_close_seconds", self.idle_close_seconds, &(1..=30 * DAY_SECONDS), "seconds");
        checks.range("abandon_seconds", self.abandon_seconds, &(1..=30 * DAY_SECONDS), "seconds");
        checks.range("estimate_window_seconds", self.estimate_window_seconds, &(1..=DAY_SECONDS), "seconds");
        checks.finish()
    }
}
