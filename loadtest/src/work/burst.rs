//! Steady traffic with short times of a much higher rate: how high latency rises, and how soon it is back.

use std::time::Duration;

use anyhow::Result;
use serde::Deserialize;

use super::{Bench, parameters, steady};
use crate::result::RunResult;
use crate::voices::Phase;

/// Bursts over steady traffic.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Burst {
    /// Conversations, each of a customer and an agent.
    rooms: usize,
    /// Messages per second between bursts, over all rooms.
    rate: u32,
    /// Messages per second in a burst.
    peak_rate: u32,
    /// Length of a burst.
    peak_seconds: f64,
    /// From the beginning of one burst to that of the next.
    period_seconds: f64,
    /// How many.
    bursts: usize,
}

impl Burst {
    pub(super) async fn run(&self, bench: &Bench<'_>) -> Result<RunResult> {
        let calm = (self.period_seconds - self.peak_seconds).max(0.0);
        let calm = Phase { rate: self.rate, time: Duration::from_secs_f64(calm) };
        let burst = Phase { rate: self.peak_rate, time: Duration::from_secs_f64(self.peak_seconds) };
        let phases = [burst, calm].repeat(self.bursts);
        let mut result = steady::write(bench, self.rooms, self.rate, &phases).await?;
        parameters!(result, self, rooms, rate, peak_rate, peak_seconds, period_seconds, bursts);
        Ok(result)
    }
}
