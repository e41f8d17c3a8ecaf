//! The inside of a room, for the benchmarks alone: one entry encoded once and put into every follower's outbox.

use std::sync::Arc;

use confab_protocol::{Channel, Codec};
use tokio::time::Instant;

use super::delivery::{self, Encoded};
use crate::outbox::{Outbox, OutboxReader, Position, outbox};

/// Frames and bytes of an outbox; they are taken out as soon as all have theirs.
const FRAMES: usize = 256;
const BYTES: usize = 1024 * 1024;

/// A room with followers and nothing else.
pub struct Fanout {
    channel: Arc<Channel>,
    epoch: Arc<str>,
    seq: u64,
    followers: Vec<(Codec, Outbox, OutboxReader)>,
}

impl Fanout {
    /// A follower for each codec.
    pub fn new(channel: Channel, codecs: impl Iterator<Item = Codec>) -> Self {
        let follower = |codec| {
            let (writer, reader) = outbox(FRAMES, BYTES);
            (codec, writer, reader)
        };
        Self {
            channel: Arc::new(channel),
            epoch: "01700000000000000000".into(),
            seq: 0,
            followers: codecs.map(follower).collect(),
        }
    }

    /// Hands a stored entry to all, and takes it out again as their sessions do. Says how many got it.
    pub fn deliver(&mut self, stored: &[u8]) -> usize {
        let (prev, seq, arrived) = (self.seq, self.seq + 1, Instant::now());
        self.seq = seq;
        let mut encoded = Encoded::new(|codec: Codec| codec.delivery(&self.channel, seq, prev, stored));
        for (codec, outbox, _) in &self.followers {
            let Ok(frame) = encoded.form(*codec) else { continue };
            let (channel, epoch) = (Arc::clone(&self.channel), Arc::clone(&self.epoch));
            let position = Position { channel, seq, epoch, arrived, accepted_at: None };
            delivery::push_entry(outbox, frame, position);
        }
        self.followers.iter_mut().filter_map(|(_, _, reader)| reader.next_now()).count()
    }
}
