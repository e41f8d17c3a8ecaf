//! Trying again: bounded waits that grow, with jitter, until it works or the worker gives up its work.

use std::time::Duration;

use rand::Rng as _;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::error::WorkerError;

const FIRST: Duration = Duration::from_millis(25);
const LONGEST: Duration = Duration::from_secs(2);

/// Waits that double up to a bound; half of each is random.
#[derive(Debug)]
pub(crate) struct Backoff {
    next: Duration,
}

impl Backoff {
    pub(crate) fn new() -> Self {
        Self { next: FIRST }
    }

    /// How long to wait now; the next wait is longer.
    pub(crate) fn step(&mut self) -> Duration {
        let longest = self.next;
        self.next = (longest * 2).min(LONGEST);
        jittered(longest)
    }

    /// Waits. False when `cancel` came first.
    pub(crate) async fn wait(&mut self, cancel: &CancellationToken) -> bool {
        let delay = self.step();
        tokio::select! {
            () = cancel.cancelled() => false,
            () = tokio::time::sleep(delay) => true,
        }
    }
}

/// Between half of `longest` and all of it.
pub(crate) fn jittered(longest: Duration) -> Duration {
    longest.mul_f64(rand::rng().random_range(0.5..=1.0))
}

/// Repeats `operation` until it works, as long as it fails for reasons that pass. A permanent failure is returned, and
/// [`WorkerError::Stopped`] when `cancel` comes first.
pub(crate) async fn until_done<T, E, Attempt>(
    what: &'static str,
    cancel: &CancellationToken,
    mut operation: impl FnMut() -> Attempt,
) -> Result<T, WorkerError>
where
    WorkerError: From<E>,
    Attempt: Future<Output = Result<T, E>>,
{
    let mut backoff = Backoff::new();
    let mut failures = 0_u32;
    loop {
        let error = match operation().await {
            Ok(value) => {
                if failures > 0 {
                    info!(what, failures, "it works again");
                }
                return Ok(value);
            }
            Err(error) => WorkerError::from(error),
        };
        if !error.is_transient() {
            return Err(error);
        }
        if failures == 0 {
            warn!(what, %error, "trying again until it works");
        }
        failures += 1;
        if !backoff.wait(cancel).await {
            return Err(WorkerError::Stopped);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn waits_grow_to_a_bound_and_never_past_it() {
        let mut backoff = Backoff::new();
        let waits: Vec<Duration> = (0..20).map(|_| backoff.step()).collect();
        assert!(waits[0] <= FIRST && waits[0] >= FIRST / 2, "{waits:?}");
        assert!(waits.iter().all(|wait| *wait <= LONGEST), "{waits:?}");
        assert!(waits[19] >= LONGEST / 2, "{waits:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn what_passes_is_tried_again() {
        let attempts = AtomicU32::new(0);
        let cancel = CancellationToken::new();
        let outcome = until_done("a test", &cancel, || async {
            if attempts.fetch_add(1, Ordering::Relaxed) < 3 { Err(WorkerError::Contended(1)) } else { Ok(7) }
        });
        assert_eq!(outcome.await.expect("it works in the end"), 7);
        assert_eq!(attempts.into_inner(), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn a_worker_that_stops_leaves_it() {
        let cancel = CancellationToken::new();
        cancel.cancel();
        let failing = || async { Err::<(), _>(WorkerError::Contended(1)) };
        let outcome = until_done("a test", &cancel, failing).await;
        assert!(matches!(outcome, Err(WorkerError::Stopped)), "{outcome:?}");
    }
}
