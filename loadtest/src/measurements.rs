//! Latencies, counts and history of a run. Messages carry the moment at which they were due, so that time spent waiting
//! for a busy sender counts (open loop; G. Tene, "How NOT to Measure Latency").

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use confab_domain::invariants::Violation;
use confab_testhub::recorder::Recorder;
use hdrhistogram::Histogram;

use crate::merge::{Addable, Evidence, Packed, PackedSecond};
use crate::result::{Distribution, RunResult, Second, milliseconds, whole};

/// Longest latency that is told apart from longer ones, in microseconds.
const LONGEST: u64 = 120_000_000;

/// Shared by everything that sends or receives in a run.
#[derive(Debug)]
pub(crate) struct Measurements {
    /// What was seen, for the checker.
    pub(crate) history: Recorder,
    began: Instant,
    measuring: AtomicBool,
    /// What happens to connections is no longer the hub's doing.
    finished: AtomicBool,
    /// When measuring began, in microseconds since `began`.
    since: AtomicU64,
    latencies: Mutex<BTreeMap<&'static str, Histogram<u64>>>,
    seconds: Mutex<BTreeMap<u64, Moment>>,
    silence: Mutex<Silence>,
    pub(crate) counts: Counts,
}

/// The longest time without an acknowledgement, of whichever message.
#[derive(Debug, Default)]
struct Silence {
    /// When the last one came, and the longest time between two, in microseconds.
    last: u64,
    longest: u64,
}

/// A second of the timeline.
#[derive(Debug)]
struct Moment {
    sent: u64,
    latencies: Histogram<u64>,
}

/// What is counted in the measured time.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Messages that were due.
    pub(crate) sent: AtomicU64,
    /// Messages that found their connection's queue full and were left out.
    pub(crate) stalled: AtomicU64,
    /// Messages whose author was told that they are stored.
    pub(crate) acknowledged: AtomicU64,
    /// Messages that somebody else got, once for each who did.
    pub(crate) delivered: AtomicU64,
    /// Messages that were refused for good.
    pub(crate) refused: AtomicU64,
    /// Connections that ended.
    pub(crate) disconnected: AtomicU64,
}

impl Counts {
    fn all(&self) -> [(&'static str, &AtomicU64); 6] {
        [
            ("sent", &self.sent),
            ("stalled", &self.stalled),
            ("acknowledged", &self.acknowledged),
            ("delivered", &self.delivered),
            ("refused", &self.refused),
            ("disconnected", &self.disconnected),
        ]
    }
}

/// One more.
pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Measurements {
    /// Stamps count from `began`, which generators of one run have in common.
    pub(crate) fn new(began: Instant) -> Self {
        Self {
            history: Recorder::default(),
            began,
            measuring: AtomicBool::new(false),
            finished: AtomicBool::new(false),
            since: AtomicU64::new(0),
            latencies: Mutex::default(),
            seconds: Mutex::default(),
            silence: Mutex::default(),
            counts: Counts::default(),
        }
    }

    /// From now on latencies count; what was warmed up with does not.
    pub(crate) fn begin(&self) {
        let now = self.stamp(Instant::now());
        self.since.store(now, Ordering::Relaxed);
        locked(&self.silence).last = now;
        self.measuring.store(true, Ordering::Relaxed);
    }

    /// From now on connections that end do not count: it is this program that ends them.
    pub(crate) fn finish(&self) {
        self.finished.store(true, Ordering::Relaxed);
    }

    /// A connection ended.
    pub(crate) fn disconnected(&self) {
        if !self.finished.load(Ordering::Relaxed) {
            count(&self.counts.disconnected);
        }
    }

    /// Whether latencies count.
    pub(crate) fn is_measuring(&self) -> bool {
        self.measuring.load(Ordering::Relaxed)
    }

    /// A moment, as messages carry it: microseconds since the run began.
    pub(crate) fn stamp(&self, moment: Instant) -> u64 {
        u64::try_from(moment.saturating_duration_since(self.began).as_micros()).unwrap_or(u64::MAX)
    }

    /// Something has happened now that was due at `due`.
    pub(crate) fn record(&self, name: &'static str, due: u64) {
        let latency = self.stamp(Instant::now()).saturating_sub(due).clamp(1, LONGEST);
        let mut latencies = locked(&self.latencies);
        let histogram = latencies.entry(name).or_insert_with(histogram);
        record(histogram, latency);
    }

    /// A message was due.
    pub(crate) fn sent(&self, due: u64) {
        count(&self.counts.sent);
        self.at(due, |moment| moment.sent += 1);
    }

    /// The author of a message that was due at `due` knows now that it is stored.
    pub(crate) fn acknowledged(&self, due: u64) {
        count(&self.counts.acknowledged);
        self.record("ack", due);
        let now = self.stamp(Instant::now());
        let mut silence = locked(&self.silence);
        silence.longest = silence.longest.max(now.saturating_sub(silence.last));
        silence.last = now;
    }

    /// A message reached somebody now that was due at `due`.
    pub(crate) fn delivered(&self, name: &'static str, due: u64) {
        count(&self.counts.delivered);
        self.record(name, due);
        let latency = self.stamp(Instant::now()).saturating_sub(due).clamp(1, LONGEST);
        self.at(due, |moment| record(&mut moment.latencies, latency));
    }

    fn at(&self, due: u64, change: impl FnOnce(&mut Moment)) {
        let second = due.saturating_sub(self.since.load(Ordering::Relaxed)) / 1_000_000;
        let mut seconds = locked(&self.seconds);
        change(seconds.entry(second).or_insert_with(|| Moment { sent: 0, latencies: histogram() }));
    }

    /// Samples under a name so far.
    pub(crate) fn samples(&self, name: &str) -> u64 {
        locked(&self.latencies).get(name).map_or(0, Histogram::len)
    }

    /// How long deliveries took in those seconds of the measured time.
    pub(crate) fn delivered_in(&self, counts: impl Fn(u64) -> bool) -> Histogram<u64> {
        let mut sum = histogram();
        for (_, moment) in locked(&self.seconds).iter().filter(|(second, _)| counts(**second)) {
            sum.add(&moment.latencies).expect("the histogram grows with its values");
        }
        sum
    }

    /// A copy of the latencies under a name, which are then begun anew.
    pub(crate) fn take(&self, name: &str) -> Option<Histogram<u64>> {
        locked(&self.latencies).remove(name)
    }

    /// Everything measured and seen, so that it can be added to what other generators measured and saw.
    pub(crate) fn addable(&self) -> Result<Addable> {
        let mut addable = Addable { evidence: Evidence::of(&self.history.history()), ..Addable::default() };
        for (name, histogram) in locked(&self.latencies).iter() {
            addable.latencies.insert((*name).to_owned(), Packed::of(histogram)?);
        }
        for (at, moment) in locked(&self.seconds).iter() {
            let packed = PackedSecond { sent: moment.sent, latencies: Packed::of(&moment.latencies)? };
            addable.seconds.insert(*at, packed);
        }
        Ok(addable)
    }

    /// Puts everything measured into a result.
    pub(crate) fn fill(&self, result: &mut RunResult) {
        for (name, histogram) in locked(&self.latencies).iter() {
            result.latencies.push(Distribution::of(name, histogram));
        }
        for (name, counter) in self.counts.all() {
            result.counts.insert(name.to_owned(), counter.load(Ordering::Relaxed));
        }
        result.timeline = locked(&self.seconds)
            .iter()
            .map(|(at, moment)| Second::of(*at, moment.sent, &moment.latencies))
            .collect();
        let longest = Duration::from_micros(locked(&self.silence).longest);
        result.figures.insert("longest_without_ack_s".to_owned(), longest.as_secs_f64());
        self.fill_faults(result);
        let violations = self.history.violations();
        for violation in &violations {
            let kind = match violation {
                Violation::LostToParticipant { .. } => "lost",
                Violation::Doubled { .. } | Violation::DeliveredTwice { .. } => "doubled",
                Violation::Reordered { .. } | Violation::Disagreement { .. } => "out_of_others_order",
                Violation::AckedNotInLog { .. } | Violation::MissingInStore { .. } => "missing",
                _ => "other_violations",
            };
            *result.counts.entry(kind.to_owned()).or_default() += 1;
        }
        result.violations.extend(violations.iter().map(ToString::to_string));
    }
}

impl Measurements {
    /// What deliveries took that were due before the first fault, until the last one was mended, and afterwards.
    fn fill_faults(&self, result: &mut RunResult) {
        let times = result.faults.iter().map(|fault| fault.at);
        let (Some(begin), Some(end)) = (times.clone().reduce(f64::min), times.reduce(f64::max)) else {
            return;
        };
        let mut parts = [("before", histogram()), ("during", histogram()), ("after", histogram())];
        for (at, moment) in locked(&self.seconds).iter() {
            let at = whole(*at);
            let part = usize::from(at + 1.0 > begin) + usize::from(at > end);
            parts[part].1.add(&moment.latencies).expect("the histogram grows with its values");
        }
        for (part, latencies) in parts.iter().filter(|(_, latencies)| !latencies.is_empty()) {
            let p99 = milliseconds(latencies.value_at_quantile(0.99));
            result.figures.insert(format!("{part}_faults_p99_ms"), p99);
        }
    }
}

fn record(histogram: &mut Histogram<u64>, latency: u64) {
    histogram.record(latency).expect("the histogram grows with its values");
}

/// One that starts small, because a long run has one for every second.
fn histogram() -> Histogram<u64> {
    let mut histogram = Histogram::new_with_bounds(1, 1000, 3).expect("the bounds are in order");
    histogram.auto(true);
    histogram
}
