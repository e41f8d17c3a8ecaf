//! What waits to be written to one client: bounded in frames and in bytes. A client that lets it fill up is cut off and
//! resumes later; nobody else waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use confab_protocol::{Channel, UnixMillis};
use confab_telemetry::metrics::{EVICTIONS, OUTBOX_FRAMES};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// An encoded frame on its way to a client.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    /// The frame, shared by all who get it.
    pub(crate) frame: Bytes,
    /// For entries: where the client stands once it has this one.
    pub(crate) position: Option<Position>,
}

/// A place in a channel's log.
#[derive(Debug, Clone)]
pub(crate) struct Position {
    /// The channel.
    pub(crate) channel: Arc<Channel>,
    /// Sequence of the entry.
    pub(crate) seq: u64,
    /// Epoch of the log.
    pub(crate) epoch: Arc<str>,
    /// When the entry reached this node.
    pub(crate) arrived: Instant,
    /// When the hub accepted it; absent for entries that are sent again.
    pub(crate) accepted_at: Option<UnixMillis>,
}

impl From<Vec<u8>> for Outgoing {
    fn from(frame: Vec<u8>) -> Self {
        Self { frame: frame.into(), position: None }
    }
}

/// The end that rooms and the session write to.
#[derive(Debug, Clone)]
pub(crate) struct Outbox {
    frames: mpsc::Sender<Outgoing>,
    bytes: Arc<AtomicUsize>,
    max_bytes: usize,
    /// Cancelled when the outbox was full: the session ends with the close code `slow`.
    pub(crate) overflowed: CancellationToken,
}

/// The end that the socket's writer empties.
#[derive(Debug)]
pub(crate) struct OutboxReader {
    frames: mpsc::Receiver<Outgoing>,
    bytes: Arc<AtomicUsize>,
}

/// An outbox for at most `max_frames` frames and `max_bytes` bytes.
pub(crate) fn outbox(max_frames: usize, max_bytes: usize) -> (Outbox, OutboxReader) {
    let (sender, receiver) = mpsc::channel(max_frames);
    let bytes = Arc::new(AtomicUsize::new(0));
    let writer =
        Outbox { frames: sender, bytes: Arc::clone(&bytes), max_bytes, overflowed: CancellationToken::new() };
    (writer, OutboxReader { frames: receiver, bytes })
}

impl Outbox {
    /// Adds a frame. `false` when the client is, or by this becomes, too slow: it gets nothing more.
    pub(crate) fn push(&self, outgoing: Outgoing) -> bool {
        if self.overflowed.is_cancelled() {
            return false;
        }
        let size = outgoing.frame.len();
        let before = self.bytes.fetch_add(size, Ordering::Relaxed);
        let exceeded = if before > 0 && before + size > self.max_bytes {
            Some("bytes")
        } else {
            match self.frames.try_send(outgoing) {
                Ok(()) => None,
                Err(mpsc::error::TrySendError::Full(_)) => Some("frames"),
                Err(mpsc::error::TrySendError::Closed(_)) => return false,
            }
        };
        if let Some(limit) = exceeded {
            metrics::counter!(EVICTIONS, "reason" => limit).increment(1);
            self.overflowed.cancel();
        }
        exceeded.is_none()
    }

    /// Frames that may still be added before it is full.
    pub(crate) fn free_frames(&self) -> usize {
        self.frames.capacity()
    }

    /// Waits until at least `frames` may be added, or the outbox is closed or has overflowed.
    pub(crate) async fn ready_for(&self, frames: u32) {
        tokio::select! {
            () = self.overflowed.cancelled() => {}
            permit = self.frames.reserve_many(frames as usize) => drop(permit),
        }
    }
}

impl OutboxReader {
    /// The next frame; `None` once nobody can add one. Cancel-safe.
    pub(crate) async fn next(&mut self) -> Option<Outgoing> {
        let outgoing = self.frames.recv().await?;
        self.taken(&outgoing);
        Some(outgoing)
    }

    /// The next frame when one is there already.
    pub(crate) fn next_now(&mut self) -> Option<Outgoing> {
        let outgoing = self.frames.try_recv().ok()?;
        self.taken(&outgoing);
        Some(outgoing)
    }

    fn taken(&self, outgoing: &Outgoing) {
        self.bytes.fetch_sub(outgoing.frame.len(), Ordering::Relaxed);
    }

    /// Records how much waits.
    pub(crate) fn observe(&self) {
        metrics::histogram!(OUTBOX_FRAMES)
            .record(u32::try_from(self.frames.len()).map_or(f64::MAX, f64::from));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_full_overflows_once_and_for_all() {
        let (writer, mut reader) = outbox(2, 1000);
        assert!(writer.push(vec![1].into()));
        assert!(writer.push(vec![2].into()));
        assert!(!writer.push(vec![3].into()));
        assert!(writer.overflowed.is_cancelled());
        assert_eq!(reader.next().await.map(|outgoing| outgoing.frame[0]), Some(1));
        assert!(!writer.push(vec![4].into()), "a gap would go unseen");
    }

    #[tokio::test]
    async fn bytes_are_bounded_but_one_frame_always_fits() {
        let (writer, mut reader) = outbox(10, 8);
        assert!(writer.push(vec![0; 20].into()));
        assert!(reader.next_now().is_some());
        assert!(writer.push(vec![0; 5].into()));
        assert!(!writer.push(vec![0; 5].into()));
    }
}
