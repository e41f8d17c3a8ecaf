//! Section `limits`: what a client, an address or a request may take at most.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::Invalid;
use crate::check::Checks;

/// NATS refuses payloads of more than 1 MiB by default; the rest is left for headers and the hub's own fields.
const LARGEST_FRAME_BYTES: usize = 960 * 1024;

/// What a client may do at most.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Largest frame, whole and put together from its fragments, in bytes.
    pub max_frame_bytes: usize,
    /// Longest text of a message, in characters.
    pub max_message_chars: usize,
    /// Largest body of an HTTP request, in bytes.
    pub max_body_bytes: usize,
    /// Connections that one edge holds.
    pub max_connections: usize,
    /// Connections of one address at one edge; 0 is no limit.
    pub max_connections_per_address: usize,
    /// Messages per second that one connection may send, over time.
    pub sends_per_second: u32,
    /// Messages that one connection may send at once.
    pub sends_burst: u32,
    /// Messages per second that one person may send at one edge through all their connections, over time.
    pub messages_per_second_per_user: u32,
    /// Messages that one person may send at once through all their connections.
    pub messages_burst: u32,
    /// Messages per second of one tenant at one edge, over time; twice as many at once; 0 is no limit.
    pub messages_per_second_per_tenant: u32,
    /// Chats that begin per minute from one address.
    pub starts_per_minute_per_address: u32,
    /// Chats that begin per minute in one tenant at one edge; 0 is no limit.
    pub starts_per_minute_per_tenant: u32,
    /// HTTP requests per second of one address, over time.
    pub requests_per_second_per_address: u32,
    /// HTTP requests per second of one person, whatever their address, over time.
    pub requests_per_second_per_user: u32,
    /// HTTP requests per second of one tenant at one edge, over time; twice as many at once; 0 is no limit.
    pub requests_per_second_per_tenant: u32,
    /// HTTP requests that one address or person may make at once.
    pub requests_burst: u32,
    /// Attempts to log in per minute of one address.
    pub logins_per_minute_per_address: u32,
    /// Entries that are fetched from the log at a time when a client resumes.
    pub replay_batch: usize,
    /// Entries that a resuming client receives at most; one that missed more is told to read history instead.
    pub replay_max_entries: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_frame_bytes: 64 * 1024,
            max_message_chars: 8000,
            max_body_bytes: 256 * 1024,
            max_connections: 50_000,
            max_connections_per_address: 200,
            sends_per_second: 20,
            sends_burst: 60,
            messages_per_second_per_user: 40,
            messages_burst: 120,
            messages_per_second_per_tenant: 0,
            starts_per_minute_per_address: 120,
            starts_per_minute_per_tenant: 0,
            requests_per_second_per_address: 100,
            requests_per_second_per_user: 100,
            requests_per_second_per_tenant: 0,
            requests_burst: 400,
            logins_per_minute_per_address: 30,
            replay_batch: 256,
            replay_max_entries: 10_000,
        }
    }
}

impl Limits {
    /// Everything that is wrong with the section.
    pub fn validate(&self) -> Vec<Invalid> {
        const RATES: std::ops::RangeInclusive<u32> = 1..=1_000_000;
        let mut checks = Checks::of("limits");
        checks.range("max_frame_bytes", self.max_frame_bytes, &(1024..=LARGEST_FRAME_BYTES), "bytes");
        checks.range("max_message_chars", self.max_message_chars, &(1..=500_000), "characters");
        checks.agree(
            "max_message_chars",
            self.max_message_chars < self.max_frame_bytes,
            "does not fit into limits.max_frame_bytes",
            "allow larger frames or shorter messages",
        );
        checks.range("max_body_bytes", self.max_body_bytes, &(1024..=64 * 1024 * 1024), "bytes");
        checks.range("max_connections", self.max_connections, &(1..=10_000_000), "connections");
        checks.range(
            "max_connections_per_address",
            self.max_connections_per_address,
            &(0..=10_000_000),
            "connections",
        );
        checks.range("sends_per_second", self.sends_per_second, &RATES, "messages per second");
        checks.range("sends_burst", self.sends_burst, &RATES, "messages");
        checks.range(
            "requests_per_second_per_address",
            self.requests_per_second_per_address,
            &RATES,
            "requests per second",
        );
        checks.range("messages_per_second_per_user", self.messages_per_second_per_user, &RATES, "per second");
        checks.range("messages_burst", self.messages_burst, &RATES, "messages");
        checks.range("requests_per_second_per_user", self.requests_per_second_per_user, &RATES, "per second");
        checks.range(
            "starts_per_minute_per_address",
            self.starts_per_minute_per_address,
            &RATES,
            "per minute",
        );
        for (field, rate, unit) in [
            ("messages_per_second_per_tenant", self.messages_per_second_per_tenant, "per second, or 0"),
            ("requests_per_second_per_tenant", self.requests_per_second_per_tenant, "per second, or 0"),
            ("starts_per_minute_per_tenant", self.starts_per_minute_per_tenant, "per minute, or 0"),
        ] {
            checks.range(field, rate, &(0..=1_000_000), unit);
        }
        checks.range("requests_burst", self.requests_burst, &RATES, "requests");
        checks.range(
            "logins_per_minute_per_address",
            self.logins_per_minute_per_address,
            &RATES,
            "per minute",
        );
        checks.range("replay_batch", self.replay_batch, &(1..=1000), "entries");
        checks.range("replay_max_entries", self.replay_max_entries, &(1..=1_000_000), "entries");
        checks.agree(
            "replay_max_entries",
            self.replay_max_entries >= self.replay_batch,
            "is less than limits.replay_batch",
            "raise it or fetch smaller batches",
        );
        checks.finish()
    }
}
