//! Section `session`: one client connection, its heartbeats, buffers and presence.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::Invalid;
use crate::check::Checks;

/// One client connection.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Session {
    /// How often the hub sends a heartbeat, in seconds.
    pub heartbeat_seconds: u64,
    /// A peer from which no frame came for this long is gone, in seconds.
    pub idle_timeout_seconds: u64,
    /// How long a new connection may take to send `hello`, in milliseconds.
    pub hello_timeout_ms: u64,
    /// How long one write to a client may take, in milliseconds.
    pub write_timeout_ms: u64,
    /// Frames that may wait for a client; one more and it is cut off as too slow.
    pub outbox_frames: usize,
    /// Bytes that may wait for a client; more and it is cut off as too slow.
    pub outbox_bytes: usize,
    /// Messages of one connection that may wait to be stored at a time.
    pub publishes_in_flight: usize,
    /// Channels that one connection may join.
    pub max_rooms: usize,
    /// A typing mark ends by itself after this, in milliseconds.
    pub typing_expires_ms: u64,
    /// How long a user whose node died still counts as connected, in seconds.
    pub presence_lease_seconds: u64,
    /// How long a user who disconnected still counts as connected, in seconds, so that a page reload is not seen.
    pub presence_grace_seconds: u64,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            heartbeat_seconds: 20,
            idle_timeout_seconds: 50,
            hello_timeout_ms: 5000,
            write_timeout_ms: 10_000,
            outbox_frames: 256,
            outbox_bytes: 1024 * 1024,
            publishes_in_flight: 32,
            max_rooms: 200,
            typing_expires_ms: 6000,
            presence_lease_seconds: 15,
            presence_grace_seconds: 4,
        }
    }
}

impl Session {
    /// Everything that is wrong with the section.
    pub fn validate(&self) -> Vec<Invalid> {
        let mut checks = Checks::of("session");
        checks.range("heartbeat_seconds", self.heartbeat_seconds, &(1..=300), "seconds");
        checks.range("idle_timeout_seconds", self.idle_timeout_seconds, &(2..=3600), "seconds");
        checks.agree(
            "idle_timeout_seconds",
            self.idle_timeout_seconds >= self.heartbeat_seconds.saturating_mul(2),
            "is less than twice session.heartbeat_seconds, so one late heartbeat would cut a client off",
            "raise it or send heartbeats more often",
        );
        checks.range("hello_timeout_ms", self.hello_timeout_ms, &(100..=60_000), "milliseconds");
        checks.range("write_timeout_ms", self.write_timeout_ms, &(100..=120_000), "milliseconds");
        checks.range("outbox_frames", self.outbox_frames, &(8..=65_536), "frames");
        checks.range("outbox_bytes", self.outbox_bytes, &(1024..=1024 * 1024 * 1024), "bytes");
        checks.range("publishes_in_flight", self.publishes_in_flight, &(1..=4096), "messages");
        checks.range("max_rooms", self.max_rooms, &(1..=10_000), "channels");
        checks.range("typing_expires_ms", self.typing_expires_ms, &(500..=60_000), "milliseconds");
        checks.range("presence_lease_seconds", self.presence_lease_seconds, &(2..=300), "seconds");
        checks.range("presence_grace_seconds", self.presence_grace_seconds, &(1..=299), "seconds");
        checks.agree(
            "presence_grace_seconds",
            self.presence_grace_seconds < self.presence_lease_seconds,
            "is not shorter than session.presence_lease_seconds",
            "shorten the grace or lengthen the lease",
        );
        checks.finish()
    }
}
