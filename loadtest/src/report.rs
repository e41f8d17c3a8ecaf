//! What a run measured, as text for people and as JSON for comparison.

use std::fmt;

use hdrhistogram::Histogram;
use serde::Serialize;

/// Violations that are put into words; the first few say what is wrong.
const SHOWN: usize = 10;

/// Latencies in milliseconds.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Latency {
    pub(crate) count: u64,
    pub(crate) p50: f64,
    pub(crate) p90: f64,
    pub(crate) p99: f64,
    pub(crate) p999: f64,
    pub(crate) max: f64,
}

impl From<&Histogram<u64>> for Latency {
    fn from(microseconds: &Histogram<u64>) -> Self {
        let at = |quantile| milliseconds(microseconds.value_at_quantile(quantile));
        Self {
            count: microseconds.len(),
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            max: milliseconds(microseconds.max()),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "latencies are far below 2^52 microseconds")]
fn milliseconds(microseconds: u64) -> f64 {
    microseconds as f64 / 1000.0
}

/// Processor time of one server process over the measured time.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Cpu {
    pub(crate) process: String,
    pub(crate) seconds: f64,
}

/// One run.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Report {
    pub(crate) scenario: &'static str,
    pub(crate) rooms: usize,
    pub(crate) rate: u32,
    pub(crate) seconds: u64,
    pub(crate) sync: String,
    pub(crate) edges: usize,
    /// Messages of the measured time that were due, written late because a connection's queue was full, acknowledged
    /// and refused.
    pub(crate) sent: u64,
    pub(crate) stalled: u64,
    pub(crate) acknowledged: u64,
    pub(crate) refused: u64,
    pub(crate) disconnected: u64,
    /// From the moment a message was due until the other side had it.
    pub(crate) delivery: Latency,
    /// From the moment a message was due until its author was told that it is stored.
    pub(crate) ack: Latency,
    pub(crate) cpu: Vec<Cpu>,
    /// Seconds after the last message until the database had everything; absent when it could not be asked.
    pub(crate) projector_behind_seconds: Option<f64>,
    pub(crate) violations: Vec<String>,
}

impl Report {
    /// Whether nothing was lost, doubled, reordered or refused.
    pub(crate) fn kept(&self) -> bool {
        self.violations.is_empty() && self.refused == 0 && self.acknowledged == self.sent
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scenario, rooms, rate, seconds, sync, edges, .. } = self;
        writeln!(
            out,
            "{scenario}: {rooms} rooms, {rate} msg/s for {seconds} s over {edges} edges, sync {sync}"
        )?;
        writeln!(
            out,
            "sent {}, acknowledged {}, refused {}, stalled {}, disconnected {}",
            self.sent, self.acknowledged, self.refused, self.stalled, self.disconnected
        )?;
        writeln!(
            out,
            "{:<10}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}",
            "ms", "count", "p50", "p90", "p99", "p99.9", "max"
        )?;
        for (name, latency) in [("delivery", self.delivery), ("ack", self.ack)] {
            let Latency { count, p50, p90, p99, p999, max } = latency;
            writeln!(out, "{name:<10}{count:>9}{p50:>9.2}{p90:>9.2}{p99:>9.2}{p999:>9.2}{max:>9.2}")?;
        }
        let cpu: Vec<String> =
            self.cpu.iter().map(|cpu| format!("{} {:.2}", cpu.process, cpu.seconds)).collect();
        writeln!(out, "CPU seconds: {}", if cpu.is_empty() { "unknown".to_owned() } else { cpu.join(", ") })?;
        if let Some(behind) = self.projector_behind_seconds {
            writeln!(out, "the database had everything {behind:.1} s after the last message")?;
        }
        if self.violations.is_empty() {
            return writeln!(out, "nothing lost, nothing doubled, nothing reordered");
        }
        writeln!(out, "{} violations, the first:", self.violations.len())?;
        self.violations.iter().take(SHOWN).try_for_each(|violation| writeln!(out, "  {violation}"))
    }
}
