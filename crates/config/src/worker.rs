//! Section `worker`: the projector and the carrying out of commands.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::Invalid;
use crate::check::Checks;

/// Workers.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Worker {
    /// Commands that one worker carries out at a time.
    pub concurrency: usize,
    /// A command that was not acknowledged for this long goes to another worker, in seconds.
    pub ack_wait_seconds: u64,
    /// Attempts at a command before it becomes a dead letter.
    pub max_deliver: u32,
    /// Log entries that the projector writes to the database in one batch.
    pub projector_batch: usize,
    /// How long the projector waits for a batch to fill, in milliseconds.
    pub projector_linger_ms: u64,
    /// How often receipts are written to the database, in milliseconds.
    pub receipts_flush_ms: u64,
    /// Shortest time between two snapshots of a queue, in milliseconds.
    pub snapshot_interval_ms: u64,
}

impl Default for Worker {
    fn default() -> Self {
        Self {
            concurrency: 32,
            ack_wait_seconds: 10,
            max_deliver: 10,
            projector_batch: 1000,
            projector_linger_ms: 250,
            receipts_flush_ms: 1000,
            snapshot_interval_ms: 500,
        }
    }
}

impl Worker {
    /// Everything that is wrong with the section.
    pub fn validate(&self) -> Vec<Invalid> {
        let mut checks = Checks::of("worker");
        checks.range("concurrency", self.concurrency, &(1..=1024), "commands");
        checks.range("ack_wait_seconds", self.ack_wait_seconds, &(1..=3600), "seconds");
        checks.range("max_deliver", self.max_deliver, &(1..=1000), "attempts");
        checks.range("projector_batch", self.projector_batch, &(1..=10_000), "entries");
        checks.range("projector_linger_ms", self.projector_linger_ms, &(0..=10_000), "milliseconds");
        checks.range("receipts_flush_ms", self.receipts_flush_ms, &(10..=60_000), "milliseconds");
        checks.range("snapshot_interval_ms", self.snapshot_interval_ms, &(10..=60_000), "milliseconds");
        checks.finish()
    }
}
