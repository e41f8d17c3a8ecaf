//! Latencies and history of a run. Messages carry the moment at which they were due, so that time spent waiting for a
//! busy sender counts (open loop; G. Tene, "How NOT to Measure Latency").

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use anyhow::Result;
use confab_testhub::recorder::Recorder;
use hdrhistogram::Histogram;

/// Longest latency that is told apart from longer ones, in microseconds.
const LONGEST: u64 = 120_000_000;

/// Shared by everything that sends or receives in a run.
#[derive(Debug)]
pub(crate) struct Measurements {
    /// What was seen, for the checker.
    pub(crate) history: Recorder,
    began: Instant,
    measuring: AtomicBool,
    delivery: Mutex<Histogram<u64>>,
    ack: Mutex<Histogram<u64>>,
    pub(crate) sent: AtomicU64,
    pub(crate) stalled: AtomicU64,
    pub(crate) acknowledged: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) disconnected: AtomicU64,
}

/// What a latency is of.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stage {
    Delivery,
    Ack,
}

impl Measurements {
    pub(crate) fn new() -> Result<Self> {
        let histogram = || Ok::<_, anyhow::Error>(Mutex::new(Histogram::new_with_max(LONGEST, 3)?));
        Ok(Self {
            history: Recorder::default(),
            began: Instant::now(),
            measuring: AtomicBool::new(false),
            delivery: histogram()?,
            ack: histogram()?,
            sent: AtomicU64::new(0),
            stalled: AtomicU64::new(0),
            acknowledged: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            disconnected: AtomicU64::new(0),
        })
    }

    /// From now on latencies count; what was warmed up with does not.
    pub(crate) fn begin(&self) {
        self.measuring.store(true, Ordering::Relaxed);
    }

    /// Whether latencies count.
    pub(crate) fn is_measuring(&self) -> bool {
        self.measuring.load(Ordering::Relaxed)
    }

    /// A moment, as messages carry it: microseconds since the run began.
    pub(crate) fn stamp(&self, moment: Instant) -> u64 {
        u64::try_from(moment.duration_since(self.began).as_micros()).unwrap_or(u64::MAX)
    }

    /// Something has happened now that was due at `due`.
    pub(crate) fn record(&self, stage: Stage, due: u64) {
        let histogram = match stage {
            Stage::Delivery => &self.delivery,
            Stage::Ack => &self.ack,
        };
        let latency = self.stamp(Instant::now()).saturating_sub(due).clamp(1, LONGEST);
        histogram.lock().unwrap_or_else(PoisonError::into_inner).saturating_record(latency);
    }

    /// The latencies of a stage.
    pub(crate) fn latencies(&self, stage: Stage) -> Histogram<u64> {
        let histogram = match stage {
            Stage::Delivery => &self.delivery,
            Stage::Ack => &self.ack,
        };
        histogram.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// One more.
    pub(crate) fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}
