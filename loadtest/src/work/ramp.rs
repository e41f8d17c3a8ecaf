//! Rates that grow step by step until the hub can't keep up: where its knee is, up to which rate the projector keeps up,
//! and whether the hub holds what it reached for longer than a step.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::Result;
use confab_protocol::{Channel, ConversationId};
use hdrhistogram::Histogram;
use serde::Deserialize;

use super::{Bench, CATCH_UP, Stage, WARM_UP, parameters, steady};
use crate::result::{Distribution, RunResult, milliseconds};
use crate::rooms::{self, Room};
use crate::voices::{Phase, Voice};

/// The projector keeps up with a step when it has everything this soon after it.
const KEPT_UP: Duration = Duration::from_millis(500);
/// Of the rate that was reached or tried before, this much is tried to be held, and so often.
const SHARE: f64 = 0.9;
const HOLDS: usize = 2;

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
    /// For so long it then has to hold nine tenths of the fastest step it kept up with, or less; 0 for not at all.
    #[serde(default)]
    hold_seconds: u64,
}

impl Ramp {
    pub(super) async fn run(&self, bench: &Bench<'_>) -> Result<RunResult> {
        let stage = bench.prepare(&steady::staffing(self.rooms), 2 * self.rooms).await?;
        let rooms = rooms::open(&stage.system, self.rooms).await?;
        let people = Arc::new(rooms::enter(&stage.system, &stage.voices, &rooms).await?);
        stage.pace(&people, vec![Phase { rate: self.from, time: WARM_UP }]).await?;
        let conversations: Vec<ConversationId> = rooms.iter().map(Room::id).collect();
        let mut result = RunResult::default();
        let watch = stage.begin().await?;
        let (mut rate, mut knee, mut kept_up) = (self.from, 0, None);
        let mut steps = Vec::new();
        while rate <= self.to {
            let (step, p99) = step(&stage, &people, rate, self.step_seconds).await?;
            let Some(step) = step else { break };
            let behind = stage.system.caught_up(&conversations, CATCH_UP).await?;
            let behind_ms = behind.map_or(0, |behind| behind.as_millis());
            eprintln!("{rate} messages a second: p99 {p99:.1} ms, the database {behind_ms} ms behind");
            steps.push(Distribution::of(&format!("at {rate}/s"), &step));
            if kept_up.is_none_or(|before| before < rate) && behind.is_some_and(|behind| behind <= KEPT_UP) {
                kept_up = Some(rate);
            }
            if p99 > self.limit_ms || stage.measurements.counts.refused.load(Ordering::Relaxed) > 0 {
                break;
            }
            knee = rate;
            rate = faster(rate, self.factor);
        }
        if self.hold_seconds > 0 {
            result.figures.insert("held_messages_per_s".to_owned(), 0.0);
            let mut rate = knee;
            for _ in 0..HOLDS {
                rate = faster(rate, SHARE);
                let (step, p99) = step(&stage, &people, rate, self.hold_seconds).await?;
                let Some(step) = step else { break };
                eprintln!("{rate} messages a second for {} s: p99 {p99:.1} ms", self.hold_seconds);
                steps.push(Distribution::of(&format!("held {rate}/s"), &step));
                if p99 <= self.limit_ms {
                    result.figures.insert("held_messages_per_s".to_owned(), f64::from(rate));
                    break;
                }
            }
        }
        watch.end(&mut result).await?;
        result.figures.insert("knee_messages_per_s".to_owned(), f64::from(knee));
        if let Some(kept_up) = kept_up {
            result.figures.insert("kept_up_messages_per_s".to_owned(), f64::from(kept_up));
        }
        stage.conclude(&people, &conversations, &mut result).await?;
        result.latencies.extend(steps);
        parameters!(result, self, rooms, from, factor, to, step_seconds, limit_ms, hold_seconds);
        Ok(result)
    }
}

/// Writes at one rate until everything has arrived; answers the deliveries and their 99th percentile in milliseconds.
async fn step(
    stage: &Stage<'_>,
    people: &Arc<Vec<(Voice, Channel)>>,
    rate: u32,
    seconds: u64,
) -> Result<(Option<Histogram<u64>>, f64)> {
    stage.pace(people, vec![Phase { rate, time: Duration::from_secs(seconds) }]).await?;
    stage.settle(1).await;
    let step = stage.measurements.take("delivery");
    let p99 = step.as_ref().map_or(0.0, |step| milliseconds(step.value_at_quantile(0.99)));
    Ok((step, p99))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rates are positive and small")]
fn faster(rate: u32, factor: f64) -> u32 {
    let next = (f64::from(rate) * factor) as u32;
    if factor > 1.0 { next.max(rate + 1) } else { next.max(1) }
}
