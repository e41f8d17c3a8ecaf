//! Section `replies`: automatic replies. What they say is a tenant's own setting.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::Invalid;
use crate::check::Checks;

/// Automatic replies.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Replies {
    /// Whether tenants may have automatic replies.
    pub enabled: bool,
    /// Replies that one worker works out at a time.
    pub concurrency: usize,
    /// Whether endpoints may be at private and local addresses, where the hub's own systems are.
    pub allow_private_addresses: bool,
}

impl Default for Replies {
    fn default() -> Self {
        Self { enabled: true, concurrency: 16, allow_private_addresses: false }
    }
}

impl Replies {
    /// Everything that is wrong with the section.
    pub fn validate(&self) -> Vec<Invalid> {
        let mut checks = Checks::of("replies");
        checks.range("concurrency", self.concurrency, &(1..=256), "replies");
        checks.finish()
    }
}
