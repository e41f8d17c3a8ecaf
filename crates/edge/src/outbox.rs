//! What waits to be written to one client: bounded in frames and in bytes. A client that lets it fill up is cut off and
//! resumes later; nobody else waits for it.
//!
//! A queue of our own and no channel, because a channel keeps room for 32 frames even for clients to whom nothing is
//! said, and those are most.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use confab_protocol::{Channel, UnixMillis};
use confab_telemetry::metrics::{EVICTIONS, OUTBOX_FRAMES};
use tokio::sync::Notify;
use tokio::time::Instant;

/// Frames for which an empty outbox keeps room.
const KEPT_FRAMES: usize = 4;

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
pub(crate) struct Outbox(Arc<Shared>);

/// The end that the socket's writer empties.
#[derive(Debug)]
pub(crate) struct OutboxReader(Arc<Shared>);

/// The outbox was full: the session ends with the close code `slow`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Overflowed;

#[derive(Debug)]
struct Shared {
    queue: Mutex<Queue>,
    max_frames: usize,
    max_bytes: usize,
    /// A frame was added, or it overflowed.
    added: Notify,
    /// A frame was taken, or nothing can be added any more.
    taken: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    frames: VecDeque<Outgoing>,
    bytes: usize,
    overflowed: bool,
    /// The reader is gone.
    closed: bool,
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An outbox for at most `max_frames` frames and `max_bytes` bytes.
pub(crate) fn outbox(max_frames: usize, max_bytes: usize) -> (Outbox, OutboxReader) {
    let shared = Arc::new(Shared {
        queue: Mutex::default(),
        max_frames,
        max_bytes,
        added: Notify::new(),
        taken: Notify::new(),
    });
    (Outbox(Arc::clone(&shared)), OutboxReader(shared))
}

impl Outbox {
    /// Adds a frame. `false` when the client is, or by this becomes, too slow: it gets nothing more.
    pub(crate) fn push(&self, outgoing: Outgoing) -> bool {
        let mut queue = self.0.queue();
        if queue.overflowed || queue.closed {
            return false;
        }
        let bytes = queue.bytes + outgoing.frame.len();
        let exceeded = if queue.bytes > 0 && bytes > self.0.max_bytes {
            Some("bytes")
        } else if queue.frames.len() >= self.0.max_frames {
            Some("frames")
        } else {
            None
        };
        if let Some(limit) = exceeded {
            metrics::counter!(EVICTIONS, "reason" => limit).increment(1);
            queue.overflowed = true;
            self.0.taken.notify_waiters();
        } else {
            queue.bytes = bytes;
            queue.frames.push_back(outgoing);
        }
        drop(queue);
        self.0.added.notify_one();
        exceeded.is_none()
    }

    /// Frames that may still be added before it is full.
    pub(crate) fn free_frames(&self) -> usize {
        self.0.max_frames - self.0.queue().frames.len()
    }

    /// Waits until at least `frames` may be added, or the outbox is closed or has overflowed.
    pub(crate) async fn ready_for(&self, frames: usize) {
        loop {
            let taken = self.0.taken.notified();
            {
                let queue = self.0.queue();
                let fits = queue.frames.len() + frames <= self.0.max_frames;
                if fits || queue.overflowed || queue.closed {
                    return;
                }
            }
            taken.await;
        }
    }
}

impl OutboxReader {
    /// The next frame. Cancel-safe.
    pub(crate) async fn next(&mut self) -> Result<Outgoing, Overflowed> {
        loop {
            if self.0.queue().overflowed {
                return Err(Overflowed);
            }
            if let Some(outgoing) = self.next_now() {
                return Ok(outgoing);
            }
            self.0.added.notified().await;
        }
    }

    /// The next frame when one is there already.
    pub(crate) fn next_now(&mut self) -> Option<Outgoing> {
        let mut queue = self.0.queue();
        let outgoing = queue.frames.pop_front()?;
        queue.bytes -= outgoing.frame.len();
        if queue.frames.is_empty() && queue.frames.capacity() > KEPT_FRAMES {
            queue.frames = VecDeque::new();
        }
        drop(queue);
        self.0.taken.notify_waiters();
        Some(outgoing)
    }

    /// Records how much waits.
    pub(crate) fn observe(&self) {
        let waiting = self.0.queue().frames.len();
        metrics::histogram!(OUTBOX_FRAMES).record(u32::try_from(waiting).map_or(f64::MAX, f64::from));
    }
}

impl Drop for OutboxReader {
    fn drop(&mut self) {
        let mut queue = self.0.queue();
        queue.closed = true;
        queue.frames = VecDeque::new();
        drop(queue);
        self.0.taken.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_full_overflows_once_and_for_all() {
        let (writer, mut reader) = outbox(2, 1000);
        assert!(writer.push(vec![1].into()));
        assert_eq!(reader.next().await.map(|outgoing| outgoing.frame[0]), Ok(1));
        assert!(writer.push(vec![2].into()));
        assert!(writer.push(vec![3].into()));
        assert!(!writer.push(vec![4].into()));
        assert_eq!(reader.next().await.map(drop), Err(Overflowed));
        assert!(reader.next_now().is_some());
        assert!(!writer.push(vec![5].into()), "a gap would go unseen");
    }

    #[tokio::test]
    async fn bytes_are_bounded_but_one_frame_always_fits() {
        let (writer, mut reader) = outbox(10, 8);
        assert!(writer.push(vec![0; 20].into()));
        assert!(reader.next_now().is_some());
        assert!(writer.push(vec![0; 5].into()));
        assert!(!writer.push(vec![0; 5].into()));
    }

    #[tokio::test]
    async fn who_waits_for_room_goes_on_when_there_is_some_or_never_will_be() {
        let (writer, mut reader) = outbox(2, 1000);
        assert!(writer.push(vec![1].into()) && writer.push(vec![2].into()));
        let (waiter, ()) = tokio::join!(writer.ready_for(2), async {
            tokio::task::yield_now().await;
            assert!(reader.next_now().is_some());
            tokio::task::yield_now().await;
            assert!(reader.next_now().is_some());
        });
        assert_eq!((waiter, writer.free_frames()), ((), 2));
        assert!(writer.push(vec![1].into()) && writer.push(vec![2].into()));
        tokio::join!(writer.ready_for(1), async { drop(reader) });
        assert!(!writer.push(vec![3].into()));
    }

    #[tokio::test]
    async fn a_frame_that_is_added_wakes_the_reader() {
        let (writer, mut reader) = outbox(2, 1000);
        let (taken, pushed) = tokio::join!(reader.next(), async {
            tokio::task::yield_now().await;
            writer.push(vec![7].into())
        });
        assert!(pushed);
        assert_eq!(taken.map(|outgoing| outgoing.frame[0]), Ok(7));
    }
}
