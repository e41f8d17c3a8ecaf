//! What a run measured: one value, written as JSON, read back for reports, comparisons and merging. Knows nothing of how
//! it was measured or how it is shown.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::merge::Addable;

/// Quantiles that a distribution is drawn through.
const CURVE: [f64; 13] = [0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99, 0.995, 0.999, 0.9995, 1.0];

/// One run of one scenario.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct RunResult {
    /// The scenario's name, as `steady`.
    pub(crate) scenario: String,
    /// What the scenario is for, in a sentence.
    pub(crate) description: String,
    /// When it began, RFC 3339.
    pub(crate) began: String,
    /// Version of the suite.
    pub(crate) version: String,
    /// Where it ran.
    pub(crate) machine: Machine,
    /// With which parameters: `rooms`, `rate`, `sync`, ...
    pub(crate) parameters: BTreeMap<String, String>,
    /// Measured time in seconds; warming up and settling are not in it.
    pub(crate) seconds: f64,
    /// What was counted in the measured time: `sent`, `acknowledged`, `refused`, `stalled`, `disconnected`, ...
    pub(crate) counts: BTreeMap<String, u64>,
    /// Single figures, with the unit at the end of the name: `projector_behind_s`, `bytes_per_connection`.
    pub(crate) figures: BTreeMap<String, f64>,
    /// Latencies as a client sees them, from the intended time on.
    pub(crate) latencies: Vec<Distribution>,
    /// What the hub itself says of the stages of a delivery in the measured time, from its metrics.
    pub(crate) stages: Vec<Distribution>,
    /// The measured time second by second.
    pub(crate) timeline: Vec<Second>,
    /// Every server process, and the load test itself.
    pub(crate) processes: Vec<ProcessUse>,
    /// Faults that were made on purpose.
    pub(crate) faults: Vec<FaultEvent>,
    /// Promises that were broken: lost, doubled, reordered messages, and the like.
    pub(crate) violations: Vec<String>,
    /// The scenario's objectives, judged.
    pub(crate) objectives: Vec<Outcome>,
    /// Why the figures say more of the generator than of the hub, when they do.
    pub(crate) generator_bound: Option<String>,
    /// What is needed to add this result to those of other generators, of a run that is one of several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) addable: Option<Addable>,
}

/// Where a run took place.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Machine {
    /// Processors.
    pub(crate) cores: usize,
    /// Memory in bytes.
    pub(crate) memory_bytes: u64,
    /// Name and version of the kernel.
    pub(crate) kernel: String,
}

/// Latencies in milliseconds.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Distribution {
    /// What was measured: `delivery`, `ack`, `connect`, or a stage.
    pub(crate) name: String,
    /// Samples.
    pub(crate) count: u64,
    /// Mean.
    pub(crate) mean: f64,
    /// Median.
    pub(crate) p50: f64,
    /// 90th percentile.
    pub(crate) p90: f64,
    /// 99th percentile.
    pub(crate) p99: f64,
    /// 99.9th percentile.
    pub(crate) p999: f64,
    /// The longest.
    pub(crate) max: f64,
    /// Points of the curve: quantile in 0..=1, milliseconds.
    pub(crate) curve: Vec<(f64, f64)>,
    /// Bars of the histogram: up to so many milliseconds, samples that are longer than the bar before.
    pub(crate) bars: Vec<(f64, u64)>,
}

/// One second of a run.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Second {
    /// Seconds since measuring began.
    pub(crate) at: u64,
    /// Messages that were due.
    pub(crate) sent: u64,
    /// Deliveries, counted when they were due.
    pub(crate) delivered: u64,
    /// Latencies of those deliveries in milliseconds.
    pub(crate) p50: f64,
    /// 99th percentile.
    pub(crate) p99: f64,
    /// The longest.
    pub(crate) max: f64,
}

/// What a process used in the measured time.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct ProcessUse {
    /// `edge-1`, `worker-1`, `database`, `nats`, `load test`.
    pub(crate) name: String,
    /// Processor time in seconds.
    pub(crate) cpu_seconds: f64,
    /// Most memory in RAM at one time, in bytes.
    pub(crate) peak_bytes: u64,
    /// Second by second.
    pub(crate) samples: Vec<UseSample>,
}

/// One look at a process.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct UseSample {
    /// Seconds since measuring began.
    pub(crate) at: f64,
    /// Processors busy since the look before.
    pub(crate) cores: f64,
    /// Memory in RAM, in bytes.
    pub(crate) bytes: u64,
}

/// A fault that was made on purpose.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct FaultEvent {
    /// Seconds since measuring began.
    pub(crate) at: f64,
    /// What was done: `edge-1 was killed`.
    pub(crate) what: String,
}

/// An objective, judged.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Outcome {
    /// As the scenario states it: `delivery.p99 <= 25`.
    pub(crate) objective: String,
    /// The value that was found; absent when nothing was measured under the name.
    pub(crate) value: Option<f64>,
    /// Whether it is met.
    pub(crate) met: bool,
}

impl RunResult {
    /// The value under a name that objectives use: `delivery.p99` in milliseconds, `refused`, `projector_behind_s`,
    /// `violations`, `unacknowledged`.
    pub(crate) fn value(&self, name: &str) -> Option<f64> {
        if let Some((distribution, quantile)) = name.split_once('.') {
            let all = self.latencies.iter().chain(&self.stages);
            return all.into_iter().find(|one| one.name == distribution && one.count > 0)?.value(quantile);
        }
        match name {
            "violations" => Some(whole(self.violations.len() as u64)),
            "unacknowledged" => {
                Some(whole(self.counts.get("sent")?.saturating_sub(*self.counts.get("acknowledged")?)))
            }
            _ => self.figures.get(name).copied().or_else(|| self.counts.get(name).map(|count| whole(*count))),
        }
    }

    /// Whether every objective is met and no promise was broken.
    pub(crate) fn is_met(&self) -> bool {
        self.violations.is_empty() && self.objectives.iter().all(|outcome| outcome.met)
    }
}

impl Second {
    /// A second of which these are the latencies, in microseconds.
    pub(crate) fn of(at: u64, sent: u64, latencies: &Histogram<u64>) -> Self {
        let quantile = |quantile| milliseconds(latencies.value_at_quantile(quantile));
        Self {
            at,
            sent,
            delivered: latencies.len(),
            p50: quantile(0.5),
            p99: quantile(0.99),
            max: milliseconds(latencies.max()),
        }
    }
}

impl Distribution {
    /// A distribution of microseconds.
    pub(crate) fn of(name: &str, microseconds: &Histogram<u64>) -> Self {
        let at = |quantile| milliseconds(microseconds.value_at_quantile(quantile));
        let bars = microseconds
            .iter_log(100, 1.25)
            .map(|bar| (milliseconds(bar.value_iterated_to()), bar.count_since_last_iteration()))
            .filter(|(_, count)| *count > 0)
            .collect();
        Self {
            name: name.to_owned(),
            count: microseconds.len(),
            mean: microseconds.mean() / 1000.0,
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            max: milliseconds(microseconds.max()),
            curve: CURVE.iter().map(|quantile| (*quantile, at(*quantile))).collect(),
            bars,
        }
    }

    fn value(&self, quantile: &str) -> Option<f64> {
        Some(match quantile {
            "mean" => self.mean,
            "p50" => self.p50,
            "p90" => self.p90,
            "p99" => self.p99,
            "p999" => self.p999,
            "max" => self.max,
            _ => return None,
        })
    }
}

/// Microseconds as milliseconds.
pub(crate) fn milliseconds(microseconds: u64) -> f64 {
    whole(microseconds) / 1000.0
}

#[expect(clippy::cast_precision_loss, reason = "counts and latencies are far below 2^52")]
pub(crate) fn whole(number: u64) -> f64 {
    number as f64
}
