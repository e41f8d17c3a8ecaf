//! What the edges' own metrics say of the stages of a delivery: the Prometheus histogram, read before and after.

use std::collections::BTreeMap;

use crate::result::{Distribution, whole};
use crate::system::System;

/// The hub's histogram, in seconds, with a label for the stage.
const METRIC: &str = "confab_delivery_latency_seconds_bucket{";
const CURVE: [f64; 7] = [0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1.0];

/// Cumulative counts by stage and upper bound in microseconds, over all edges.
#[derive(Debug, Default)]
pub(crate) struct Stages(BTreeMap<String, BTreeMap<u64, u64>>);

impl Stages {
    /// Asks every edge; those that don't answer are left out.
    pub(crate) async fn read(system: &System) -> Self {
        let mut stages = Self::default();
        for edge in 0..system.urls.len() {
            let Ok(http) = system.http(edge) else { continue };
            if let Ok(text) = http.text("/metrics").await {
                stages.add(&text);
            }
        }
        stages
    }

    fn add(&mut self, text: &str) {
        for line in text.lines().filter_map(|line| line.strip_prefix(METRIC)) {
            let Some((labels, count)) = line.split_once('}') else { continue };
            let (Some(stage), Some(bound)) = (label(labels, "stage"), label(labels, "le")) else { continue };
            let Ok(count) = count.trim().parse::<u64>() else { continue };
            *self.0.entry(stage.to_owned()).or_default().entry(microseconds(bound)).or_default() += count;
        }
    }

    /// What happened between an earlier look and this one.
    pub(crate) fn since(&self, earlier: &Self) -> Vec<Distribution> {
        let none = BTreeMap::new();
        let stages = self.0.iter().map(|(stage, now)| {
            let before = earlier.0.get(stage).unwrap_or(&none);
            let mut below = 0;
            let bars: Vec<(u64, u64)> = now
                .iter()
                .map(|(bound, count)| {
                    let cumulative = count.saturating_sub(before.get(bound).copied().unwrap_or(0));
                    let bar = (*bound, cumulative.saturating_sub(below));
                    below = cumulative.max(below);
                    bar
                })
                .collect();
            distribution(stage, &bars)
        });
        stages.filter(|stage| stage.count > 0).collect()
    }
}

fn label<'a>(labels: &'a str, name: &str) -> Option<&'a str> {
    labels.split(',').find_map(|label| label.strip_prefix(name)?.strip_prefix("=\"")?.strip_suffix('"'))
}

/// A bound in seconds; the last one, infinity, becomes the largest number.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounds are positive and small")]
fn microseconds(seconds: &str) -> u64 {
    seconds
        .parse::<f64>()
        .ok()
        .filter(|bound| bound.is_finite())
        .map_or(u64::MAX, |bound| (bound * 1e6) as u64)
}

/// Quantiles by linear interpolation inside a bar, as Prometheus computes them; beyond the last bound they are that bound.
fn distribution(stage: &str, bars: &[(u64, u64)]) -> Distribution {
    let count: u64 = bars.iter().map(|(_, count)| count).sum();
    let last = bars.iter().map(|(bound, _)| *bound).filter(|bound| *bound < u64::MAX).max().unwrap_or(0);
    let at = |quantile: f64| {
        let rank = quantile * whole(count);
        let (mut below, mut floor) = (0.0, 0.0);
        for (bound, count) in bars {
            let (ceiling, count) = (whole((*bound).min(last)), whole(*count));
            if below + count >= rank && count > 0.0 {
                return (floor + (ceiling - floor) * (rank - below) / count) / 1000.0;
            }
            (below, floor) = (below + count, ceiling);
        }
        whole(last) / 1000.0
    };
    let mut floor = 0;
    let mean = bars.iter().map(|(bound, count)| {
        let middle = whole(floor + (*bound).min(last)) / 2.0;
        floor = (*bound).min(last);
        middle * whole(*count)
    });
    Distribution {
        name: stage.to_owned(),
        count,
        mean: mean.sum::<f64>() / whole(count.max(1)) / 1000.0,
        p50: at(0.5),
        p90: at(0.9),
        p99: at(0.99),
        p999: at(0.999),
        max: at(1.0),
        curve: CURVE.iter().map(|quantile| (*quantile, at(*quantile))).collect(),
        bars: bars
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(bound, count)| (whole((*bound).min(last)) / 1000.0, *count))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metrics(counts: [u64; 3]) -> Stages {
        let mut stages = Stages::default();
        for (bound, count) in ["0.001", "0.01", "+Inf"].into_iter().zip(counts) {
            stages.add(&format!("{METRIC}stage=\"stored\",le=\"{bound}\"}} {count}"));
        }
        stages
    }

    #[test]
    fn only_what_happened_in_between_counts() {
        let found = metrics([60, 110, 110]).since(&metrics([10, 10, 10]));
        assert_eq!((found[0].name.as_str(), found[0].count), ("stored", 100));
        assert_eq!(found[0].bars, [(1.0, 50), (10.0, 50)]);
        assert!((found[0].p50 - 1.0).abs() < 1e-9 && (found[0].p90 - 8.2).abs() < 1e-9);
    }

    #[test]
    fn nothing_is_no_stage() {
        assert!(metrics([5, 5, 5]).since(&metrics([5, 5, 5])).is_empty());
    }
}
