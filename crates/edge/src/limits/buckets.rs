//! A rate limit for each of many keys, in bounded memory: buckets that are full again are forgotten, and keys for which
//! there is no room share one bucket. Knows nothing of what the keys are.

use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use confab_protocol::ErrorCode;
use dashmap::DashMap;
use governor::clock::{Clock as _, DefaultClock};
use governor::state::keyed::ShrinkableKeyedStateStore;
use governor::state::{InMemoryState, NotKeyed, StateStore};
use governor::{Quota, RateLimiter};

use crate::error::EdgeError;

/// Between two looks for buckets that can be forgotten, which take time for each bucket.
const SWEEP_EVERY: Duration = Duration::from_secs(5);

/// One bucket a key.
pub(super) struct Buckets<K: Hash + Eq + Clone> {
    limiter: RateLimiter<K, Bounded<K>, DefaultClock>,
    clock: DefaultClock,
    most: usize,
    began: Instant,
    /// Milliseconds from `began` to the last sweep.
    swept: AtomicU64,
}

/// The buckets of at most so many keys, and one for all others.
struct Bounded<K: Hash + Eq + Clone> {
    known: DashMap<K, InMemoryState>,
    most: usize,
    others: InMemoryState,
}

impl<K: Hash + Eq + Clone> StateStore for Bounded<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, key: &K, measure: F) -> Result<T, E>
    where
        F: Fn(Option<governor::nanos::Nanos>) -> Result<(T, governor::nanos::Nanos), E>,
    {
        if self.known.contains_key(key) || self.known.len() < self.most {
            self.known.measure_and_replace(key, measure)
        } else {
            self.others.measure_and_replace(&NotKeyed::NonKey, measure)
        }
    }
}

impl<K: Hash + Eq + Clone> ShrinkableKeyedStateStore<K> for Bounded<K> {
    fn retain_recent(&self, drop_below: governor::nanos::Nanos) {
        ShrinkableKeyedStateStore::retain_recent(&self.known, drop_below);
    }

    fn shrink_to_fit(&self) {
        self.known.shrink_to_fit();
    }

    fn len(&self) -> usize {
        self.known.len()
    }

    fn is_empty(&self) -> bool {
        self.known.is_empty()
    }
}

impl<K: Hash + Eq + Clone> Buckets<K> {
    /// Buckets for at most `most` keys.
    pub(super) fn new(quota: Quota, most: usize) -> Self {
        let clock = DefaultClock::default();
        let state = Bounded { known: DashMap::new(), most, others: InMemoryState::default() };
        Self {
            limiter: RateLimiter::new(quota, state, clock.clone()),
            clock,
            most,
            began: Instant::now(),
            swept: AtomicU64::new(0),
        }
    }

    /// Takes one from the key's bucket; the refusal says `message` and when there will be one again.
    pub(super) fn take(&self, key: &K, message: &str) -> Result<(), EdgeError> {
        if self.limiter.len() >= self.most {
            self.sweep();
        }
        self.limiter.check_key(key).map_err(|until| {
            let wait = until.wait_time_from(self.clock.now()).as_millis();
            let retry_after_ms = Some(u64::try_from(wait).unwrap_or(u64::MAX).max(1));
            EdgeError { retry_after_ms, ..EdgeError::new(ErrorCode::RateLimited, message) }
        })
    }

    fn sweep(&self) {
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let last = self.swept.load(Ordering::Relaxed);
        let is_due = last == 0 || Duration::from_millis(now.saturating_sub(last)) >= SWEEP_EVERY;
        let mine = self.swept.compare_exchange(last, now.max(1), Ordering::Relaxed, Ordering::Relaxed);
        if is_due && mine.is_ok() {
            self.limiter.retain_recent();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    const MOST: usize = 3;

    fn buckets() -> Buckets<u32> {
        let one = NonZeroU32::MIN;
        Buckets::new(Quota::per_minute(one), MOST)
    }

    #[test]
    fn each_key_has_its_own_and_is_told_when_to_come_again() {
        let buckets = buckets();
        assert!(buckets.take(&1, "wait").is_ok() && buckets.take(&2, "wait").is_ok());
        let refused = buckets.take(&1, "wait").expect_err("one a minute");
        assert_eq!((refused.code, refused.message.as_str()), (ErrorCode::RateLimited, "wait"));
        let wait = refused.retry_after_ms.expect("a time");
        assert!((50_000..=60_000).contains(&wait), "{wait}");
    }

    #[test]
    fn memory_is_bounded_and_the_known_keep_their_buckets() {
        let buckets = buckets();
        let taken = (0..1000).filter(|key| buckets.take(key, "wait").is_ok()).count();
        assert_eq!(taken, MOST + 1, "those beyond the bound share one bucket");
        assert_eq!(buckets.limiter.len(), MOST);
        assert!(buckets.take(&0, "wait").is_err(), "whoever is known stays so");
    }

    #[test]
    fn full_buckets_make_room() {
        let quick = NonZeroU32::new(1000).expect("more than none");
        let buckets = Buckets::new(Quota::per_second(quick), MOST);
        for key in 0..3_u32 {
            assert!(buckets.take(&key, "wait").is_ok());
        }
        std::thread::sleep(Duration::from_millis(20));
        assert!(buckets.take(&7, "wait").is_ok());
        assert_eq!(buckets.limiter.len(), 1, "the three were full again");
    }
}
