//! The one clock: everything else takes the time as an argument or holds a [`Clock`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::UNIX_EPOCH;

use confab_protocol::UnixMillis;

/// Tells the time in milliseconds since the Unix epoch: the system's, or one that a test moves.
#[derive(Debug, Clone, Default)]
pub struct Clock(Option<Arc<AtomicU64>>);

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stands still until it is moved.
    pub fn manual(start: UnixMillis) -> Self {
        Self(Some(Arc::new(AtomicU64::new(start))))
    }

    /// Moves a manual clock on; the system's clock goes by itself.
    pub fn advance(&self, milliseconds: u64) {
        if let Some(time) = &self.0 {
            time.fetch_add(milliseconds, Ordering::Relaxed);
        }
    }

    /// Milliseconds since the Unix epoch.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system's clock")]
    pub fn now(&self) -> UnixMillis {
        match &self.0 {
            Some(time) => time.load(Ordering::Relaxed),
            None => std::time::SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX)),
        }
    }
}
