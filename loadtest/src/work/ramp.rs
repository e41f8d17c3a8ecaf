//! Rates that grow step by step until the hub can't keep up: where its knee is.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::Result;
use confab_protocol::ConversationId;
use serde::Deserialize;

use super::{Bench, WARM_UP, parameters, steady};
use crate::result::{Distribution, RunResult, milliseconds};
use crate::rooms::{self, Room};
use crate::voices::Phase;

/// A ramp.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ramp {
    /// Conversations, each of a customer and an agent.
    rooms: usize,
    /// Messages per second of the first step, over all rooms.
    from: u32,
    /// By how much each step is faster than the one before.
    factor: f64,
    /// No step is faster than this.
    to: u32,
    /// Length of a step.
    step_seconds: u64,
    /// The ramp ends at the first step whose deliveries take longer than this at the 99th percentile.
    limit_ms: f64,
}

impl Ramp {
    pub(super) async fn run(&self, bench: &Bench<'_>) -> Result<RunResult> {
        let stage = bench.prepare(&steady::staffing(self.rooms), 2 * self.rooms).await?;
        let rooms = rooms::open(&stage.system, self.rooms).await?;
        let people = Arc::new(rooms::enter(&stage.system, &stage.voices, &rooms).await?);
        stage.pace(&people, vec![Phase { rate: self.from, time: WARM_UP }]).await?;
        let mut result = RunResult::default();
        let watch = stage.begin().await?;
        let (mut rate, mut knee) = (self.from, 0);
        let mut steps = Vec::new();
        while rate <= self.to {
            let time = Duration::from_secs(self.step_seconds);
            stage.pace(&people, vec![Phase { rate, time }]).await?;
            stage.settle(1).await;
            let Some(step) = stage.measurements.take("delivery") else { break };
            let p99 = milliseconds(step.value_at_quantile(0.99));
            eprintln!("{rate} messages a second: p99 {p99:.1} ms");
            steps.push(Distribution::of(&format!("at {rate}/s"), &step));
            if p99 > self.limit_ms || stage.measurements.counts.refused.load(Ordering::Relaxed) > 0 {
                break;
            }
            knee = rate;
            rate = faster(rate, self.factor);
        }
        watch.end(&mut result).await?;
        result.figures.insert("knee_messages_per_s".to_owned(), f64::from(knee));
        let conversations: Vec<ConversationId> = rooms.iter().map(Room::id).collect();
        stage.conclude(&people, &conversations, &mut result).await?;
        result.latencies.extend(steps);
        parameters!(result, self, rooms, from, factor, to, step_seconds, limit_ms);
        Ok(result)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rates are positive and small")]
fn faster(rate: u32, factor: f64) -> u32 {
    ((f64::from(rate) * factor) as u32).max(rate + 1)
}
