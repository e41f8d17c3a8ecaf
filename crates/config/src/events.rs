//! Section `events`: what others may follow, and how it is sent to them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Invalid;
use crate::check::Checks;

/// A stream that others can follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EventStream {
    /// `chat.lifecycle`.
    Lifecycle,
    /// `chat.messages`.
    Messages,
}

/// Event streams and webhooks.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Events {
    /// Which streams others can follow: `lifecycle`, the steps in the life of conversations, and `messages`, each of which is then stored twice in NATS.
    pub streams: Vec<EventStream>,
    /// How long the two streams keep an event, in hours.
    pub retention_hours: u64,
    /// Whether webhooks are sent.
    pub webhooks: bool,
    /// Whether webhooks may go to private and local addresses, where the hub's own systems are.
    pub allow_private_addresses: bool,
    /// How long a receiver may take to answer, in milliseconds.
    pub webhook_timeout_ms: u64,
    /// Attempts at an event before it is given up.
    pub webhook_attempts: u32,
    /// Wait before the second attempt, in milliseconds; it doubles with each further one, up to an hour.
    pub webhook_first_retry_ms: u64,
    /// A webhook that has failed for this long without a success is switched off, in seconds.
    pub webhook_give_up_seconds: u64,
    /// How long deliveries are shown after they ended, in days.
    pub delivery_log_days: u64,
}

impl Default for Events {
    fn default() -> Self {
        Self {
            streams: vec![EventStream::Lifecycle],
            retention_hours: 168,
            webhooks: true,
            allow_private_addresses: false,
            webhook_timeout_ms: 10_000,
            webhook_attempts: 12,
            webhook_first_retry_ms: 5000,
            webhook_give_up_seconds: 432_000,
            delivery_log_days: 7,
        }
    }
}

impl Events {
    /// Everything that is wrong with the section.
    pub fn validate(&self) -> Vec<Invalid> {
        let mut checks = Checks::of("events");
        checks.range("retention_hours", self.retention_hours, &(1..=87_600), "hours");
        checks.range("webhook_timeout_ms", self.webhook_timeout_ms, &(100..=60_000), "milliseconds");
        checks.range("webhook_attempts", self.webhook_attempts, &(1..=100), "attempts");
        checks.range(
            "webhook_first_retry_ms",
            self.webhook_first_retry_ms,
            &(10..=3_600_000),
            "milliseconds",
        );
        checks.range("webhook_give_up_seconds", self.webhook_give_up_seconds, &(1..=31_536_000), "seconds");
        checks.range("delivery_log_days", self.delivery_log_days, &(1..=365), "days");
        checks.finish()
    }
}
