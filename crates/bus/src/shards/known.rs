//! Asking for the number of shards, again and again, and answering from what was heard.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_nats::jetstream::context::RequestErrorKind;
use async_nats::jetstream::response::Response;
use async_nats::jetstream::{Context, ErrorCode};
use confab_protocol::UnixMillis;
use jiff::Timestamp;
use serde::Deserialize;
use tokio::sync::{Mutex, Notify, watch};
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::error::{BusError, optional};
use crate::log::millis;
use crate::shards::ShardPlan;
use crate::subjects::{SHARDS, shard_stream};
use crate::topology::FIRST_SHARDS;

/// How often a node asks.
const REFRESH: Duration = Duration::from_secs(5);
/// What was heard so long ago is not enough to begin conversations.
const FRESH: Duration = Duration::from_secs(10);
/// A node that doesn't know enough asks again at most so often.
const ASK_PAUSE: Duration = Duration::from_millis(500);
/// Ids are made at most so far ahead of the server's clock at the time when it was asked.
const BEGUN_AHEAD: UnixMillis = 10_000;
/// Conversations are placed that were made at most so far ahead of it: half of the lead.
const PLACED_AHEAD: UnixMillis = 15_000;

/// What a node knows. Cheap to clone; clones know the same.
#[derive(Debug, Clone)]
pub(crate) struct Shards {
    jetstream: Context,
    first: u16,
    known: Arc<RwLock<Option<Known>>>,
    count: Arc<watch::Sender<u16>>,
    asked: Arc<Mutex<Option<Instant>>>,
    again: Arc<Notify>,
}

/// What was told.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    pub(crate) plan: Arc<ShardPlan>,
    /// The server's time before it told the plan.
    pub(crate) told_at: UnixMillis,
    /// The same on this node's clock that only goes forward.
    asked: Instant,
    /// Larger numbers noted so far.
    pub(crate) notes: u64,
}

/// What is read of the answer about a stream.
#[derive(Deserialize)]
struct Told {
    ts: String,
    config: ToldConfig,
    state: ToldState,
}

#[derive(Deserialize)]
struct ToldConfig {
    #[serde(default)]
    metadata: HashMap<String, String>,
}

#[derive(Deserialize)]
struct ToldState {
    last_seq: u64,
}

impl Shards {
    /// Knows nothing yet. `first` is the number of a log that doesn't say how many it was made with.
    pub(crate) fn new(jetstream: Context, first: u16) -> Self {
        Self {
            jetstream,
            first,
            known: Arc::default(),
            count: Arc::new(watch::Sender::new(0)),
            asked: Arc::default(),
            again: Arc::default(),
        }
    }

    /// The number of shards as it is heard of; 0 before that.
    pub(crate) fn counts(&self) -> watch::Receiver<u16> {
        self.count.subscribe()
    }

    /// A plan that tells the place of every conversation made at this time or before.
    pub(crate) async fn plan_for(&self, made_at: UnixMillis) -> Result<Arc<ShardPlan>, BusError> {
        let enough = |known: &Known| made_at <= known.told_at.saturating_add(PLACED_AHEAD);
        let known = self.ask_unless(enough).await?;
        if enough(&known) {
            return Ok(known.plan);
        }
        Err(BusError::unavailable(
            "the shard of a conversation",
            "its id was made later than it can be by the clock of the NATS servers",
        ))
    }

    /// The latest time that the id of a conversation may be of which begins now, by this node's clock.
    pub(crate) async fn begin_at(&self, now: UnixMillis) -> Result<UnixMillis, BusError> {
        let fresh = |known: &Known| known.asked.elapsed() < FRESH;
        let known = Some(self.ask_unless(fresh).await?).filter(fresh).ok_or_else(unknown)?;
        Ok(now.min(known.told_at.saturating_add(BEGUN_AHEAD)))
    }

    /// The plan as it was heard last, or as it is told now.
    pub(crate) async fn plan(&self) -> Result<Arc<ShardPlan>, BusError> {
        Ok(self.ask_unless(|_| true).await?.plan)
    }

    /// What is told now; none when there is no log yet.
    pub(crate) async fn read(&self) -> Result<Option<Known>, BusError> {
        let mut asked = self.asked.lock().await;
        let heard = self.ask().await;
        *asked = Some(Instant::now());
        heard
    }

    /// The servers may be others: asks soon.
    pub(crate) fn ask_soon(&self) {
        self.again.notify_one();
    }

    /// Asks now and then.
    pub(crate) async fn refresh_until(self, stop: CancellationToken) {
        let mut due = interval(REFRESH);
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = due.tick() => {}
                () = self.again.notified() => {}
            }
            match stop.run_until_cancelled(self.read()).await {
                None => return,
                Some(Ok(_)) => {}
                Some(Err(error)) => tracing::debug!(%error, "the number of shards cannot be asked for now"),
            }
        }
    }

    fn known(&self) -> Option<Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What is known, asked for once more unless it is enough, which it may not be afterwards either. Many who need it at
    /// once cause one question and share its failure.
    async fn ask_unless(&self, enough: impl Fn(&Known) -> bool) -> Result<Known, BusError> {
        if let Some(known) = self.known().filter(&enough) {
            return Ok(known);
        }
        let mut asked = self.asked.lock().await;
        let known = self.known();
        if asked.is_none_or(|at| at.elapsed() >= ASK_PAUSE) && !known.as_ref().is_some_and(&enough) {
            let heard = self.ask().await;
            *asked = Some(Instant::now());
            return heard?.ok_or_else(unknown);
        }
        known.ok_or_else(unknown)
    }

    /// The time is asked for first, so that the plan is at least as young as it says.
    async fn ask(&self) -> Result<Option<Known>, BusError> {
        let asked = Instant::now();
        let Some(log) = self.stream(&shard_stream(0)).await? else { return Ok(None) };
        let told_at = time(&log.ts)?;
        let first = log.config.metadata.get(FIRST_SHARDS).and_then(|count| count.parse().ok());
        let mut plan = ShardPlan::new(first.unwrap_or(self.first));
        let notes = self.stream(SHARDS).await?.map_or(0, |stream| stream.state.last_seq);
        for seq in 1..=notes {
            if let Some((noted_at, count)) = self.note(seq).await? {
                plan.note(noted_at, count);
            }
        }
        Ok(Some(self.take(Known { plan: Arc::new(plan), told_at, asked, notes })))
    }

    /// Keeps what was heard, and says so when it is something else than before.
    fn take(&self, heard: Known) -> Known {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let before = known.as_ref().map(|known| Arc::clone(&known.plan));
        if before.as_ref() != Some(&heard.plan) {
            let last = heard.plan.generations().last();
            tracing::info!(
                shards.count = heard.plan.count(),
                shards.since = last.map_or(0, |generation| generation.since),
                "the number of log shards is known"
            );
        }
        *known = Some(heard.clone());
        drop(known);
        let count = heard.plan.count();
        self.count.send_if_modified(|told| std::mem::replace(told, count) != count);
        heard
    }

    async fn stream(&self, name: &str) -> Result<Option<Told>, BusError> {
        let answer = self.jetstream.request(format!("STREAM.INFO.{name}"), &()).await;
        match answer {
            Ok(Response::Ok(told)) => Ok(Some(told)),
            Ok(Response::Err { error }) if error.error_code() == ErrorCode::STREAM_NOT_FOUND => Ok(None),
            Ok(Response::Err { error }) => Err(BusError::unavailable("the number of shards", error)),
            Err(error) if error.kind() == RequestErrorKind::TimedOut => {
                Err(BusError::Timeout("the number of shards"))
            }
            Err(error) => Err(BusError::unavailable("the number of shards", error)),
        }
    }

    /// A larger number and when it was noted, as the stream's leader has it.
    async fn note(&self, seq: u64) -> Result<Option<(UnixMillis, u16)>, BusError> {
        let stream = self.jetstream.get_stream_no_info(SHARDS).await;
        let stream = stream.map_err(|error| BusError::unavailable("the number of shards", error))?;
        let read = stream.raw_message_builder().sequence(seq).send().await;
        let Some(message) = optional(read.map_err(BusError::raw_message))? else { return Ok(None) };
        let count = std::str::from_utf8(&message.payload).ok().and_then(|count| count.parse().ok());
        let count = count.ok_or(BusError::Malformed("a number of shards"))?;
        Ok(Some((millis(&message)?, count)))
    }
}

fn unknown() -> BusError {
    BusError::unavailable("the number of shards", "it could not be asked for, or there is no log yet")
}

fn time(told: &str) -> Result<UnixMillis, BusError> {
    let time: Option<Timestamp> = told.parse().ok();
    time.and_then(|time| u64::try_from(time.as_millisecond()).ok())
        .ok_or(BusError::Malformed("the time of a server"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shards::plan::LEAD;

    #[test]
    fn what_is_placed_was_made_long_before_an_unheard_change() {
        let lead = u64::try_from(LEAD.as_millis()).expect("a short time");
        assert!(BEGUN_AHEAD < PLACED_AHEAD && PLACED_AHEAD * 2 <= lead);
        assert!(REFRESH < FRESH && FRESH.as_millis() <= u128::from(BEGUN_AHEAD));
    }

    #[test]
    fn the_servers_time_is_read_to_the_millisecond() {
        assert_eq!(time("2026-03-04T05:06:07.123456789Z").expect("a time"), 1_772_600_767_123);
        assert!(time("yesterday").is_err());
    }
}
