//! The kinds of work that scenarios can ask for, and what they have in common: a hub, people, a watch, a check.

mod assignment;
mod backlog;
mod burst;
mod connections;
mod fanout;
mod ramp;
mod reconnect_storm;
mod reports;
mod search;
mod steady;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::Result;
use confab_protocol::{Channel, ConversationId};
use futures::stream::{self, StreamExt as _};
use serde::Deserialize;
use tokio_util::task::TaskTracker;

use crate::faults::FaultSpec;
use crate::files;
use crate::generator::Generator;
use crate::machine;
use crate::measurements::Measurements;
use crate::result::RunResult;
use crate::scenario::Scenario;
use crate::system::{Layout, Staffing, Sync, System, Target};
use crate::voices::{Phase, Voice, Voices, pace};
use crate::watch::Watch;

/// Time in which nothing is measured.
const WARM_UP: Duration = Duration::from_secs(2);
/// How long what was sent may take to arrive, and to be in the database.
const SETTLE: Duration = Duration::from_secs(20);
const CATCH_UP: Duration = Duration::from_mins(2);
const POLL: Duration = Duration::from_millis(50);
/// People who leave at the same time.
const GOODBYES: usize = 64;
/// From this lateness on, the generator's own clock is what is measured, in milliseconds at the 99th percentile.
const LATE: f64 = 2.0;

/// The parameter that runs of several generators have in common.
pub(crate) const START_AT: &str = "start_at";

/// What is done.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum Work {
    /// Rooms of two, in which both sides write at a steady rate.
    Steady(steady::Steady),
    /// The same at rates that grow until the hub can't keep up.
    Ramp(ramp::Ramp),
    /// The same with short times of a much higher rate.
    Burst(burst::Burst),
    /// Many viewers in few rooms.
    Fanout(fanout::Fanout),
    /// Many connections that do nothing.
    Connections(connections::Connections),
    /// An edge dies under many connections.
    ReconnectStorm(reconnect_storm::ReconnectStorm),
    /// Conversations are started, given to agents, and closed.
    Assignment(assignment::Assignment),
    /// Messages that the projector finds waiting.
    Backlog(backlog::Backlog),
    /// Searches over many messages while people write.
    Search(search::Search),
    /// Reports over many rows while people write.
    Reports(reports::Reports),
}

/// Runs a scenario against a hub, and judges it.
pub(crate) async fn run(
    name: &str,
    scenario: &Scenario,
    target: &Target,
    generator: &Generator,
) -> Result<RunResult> {
    let began = machine::now();
    let bench = Bench { scenario, target, generator };
    let mut result = match &scenario.work {
        Work::Steady(work) => work.run(&bench).await?,
        Work::Ramp(work) => work.run(&bench).await?,
        Work::Burst(work) => work.run(&bench).await?,
        Work::Fanout(work) => work.run(&bench).await?,
        Work::Connections(work) => work.run(&bench).await?,
        Work::ReconnectStorm(work) => work.run(&bench).await?,
        Work::Assignment(work) => work.run(&bench).await?,
        Work::Backlog(work) => work.run(&bench).await?,
        Work::Search(work) => work.run(&bench).await?,
        Work::Reports(work) => work.run(&bench).await?,
    };
    name.clone_into(&mut result.scenario);
    result.description.clone_from(&scenario.description);
    result.began = began;
    env!("CARGO_PKG_VERSION").clone_into(&mut result.version);
    result.machine = machine::this();
    let system = &scenario.system;
    let sync = if system.sync == Sync::Always { "always" } else { "default" };
    let layout = if system.layout == Layout::OneNode { "one-node" } else { "separate" };
    for (parameter, value) in [
        ("layout", layout.to_owned()),
        ("nats_servers", system.nats_servers.to_string()),
        ("edges", system.edges.to_string()),
        ("workers", system.workers.to_string()),
        ("sync", sync.to_owned()),
        ("background_nice", system.background_nice.to_string()),
    ] {
        result.parameters.insert(parameter.to_owned(), value);
    }
    result.parameters.extend(system.settings.clone());
    if let Some(start) = generator.start_at {
        result.parameters.insert(START_AT.to_owned(), start.to_string());
    }
    let late = result.latencies.iter().find(|one| one.name == "pace").map_or(0.0, |pace| pace.p99);
    if late > LATE && result.generator_bound.is_none() {
        result.generator_bound = Some(format!("its clock was late by {late:.1} ms at the 99th percentile"));
    }
    result.objectives = scenario.objectives.iter().map(|objective| objective.judge(&result)).collect();
    Ok(result)
}

/// What a kind of work is given.
pub(super) struct Bench<'a> {
    scenario: &'a Scenario,
    target: &'a Target,
    generator: &'a Generator,
}

/// A hub that is ready, and what is measured of it.
pub(super) struct Stage<'a> {
    system: Arc<System>,
    measurements: Arc<Measurements>,
    voices: Voices,
    faults: Vec<FaultSpec>,
    generator: &'a Generator,
}

impl<'a> Bench<'a> {
    /// A hub for so many connections, staffed like this.
    async fn prepare(&self, staffing: &Staffing, connections: usize) -> Result<Stage<'a>> {
        let sources = self.generator.sources()?;
        files::make_room(connections)?;
        let faults: Vec<FaultSpec> =
            self.scenario.faults.iter().chain(&self.generator.fault).cloned().collect();
        let system = System::prepare(self.target, &self.scenario.system, staffing, &faults).await?;
        let measurements = Arc::new(Measurements::new(self.generator.stamps_begin()));
        let voices = Voices {
            measurements: Arc::clone(&measurements),
            tasks: TaskTracker::new(),
            sources: sources.into(),
            turn: Arc::default(),
        };
        Ok(Stage { system: Arc::new(system), measurements, voices, faults, generator: self.generator })
    }
}

impl Stage<'_> {
    /// From now on everything counts, and the hub is watched.
    async fn begin(&self) -> Result<Watch> {
        self.generator.await_start().await?;
        self.measurements.begin();
        Ok(Watch::begin(&self.system, &self.faults, &self.voices.tasks).await)
    }

    /// Writes at these rates, on a thread of its own.
    async fn pace(&self, people: &Arc<Vec<(Voice, Channel)>>, phases: Vec<Phase>) -> Result<()> {
        let (people, measurements) = (Arc::clone(people), Arc::clone(&self.measurements));
        tokio::task::spawn_blocking(move || pace(&people, &phases, &measurements)).await?
    }

    /// Waits until everything sent is answered and has reached its `listeners`, or too long has passed: the check then
    /// says what is missing.
    async fn settle(&self, listeners: u64) {
        let counts = &self.measurements.counts;
        let load = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
        let begun = tokio::time::Instant::now();
        while begun.elapsed() < SETTLE {
            let (acknowledged, refused) = (load(&counts.acknowledged), load(&counts.refused));
            let is_answered = acknowledged + refused >= load(&counts.sent) - load(&counts.stalled);
            if is_answered && load(&counts.delivered) >= acknowledged * listeners {
                break;
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Reads back what the hub has kept of these conversations, ends everybody, and sums up.
    async fn conclude(
        self,
        people: &[(Voice, Channel)],
        conversations: &[ConversationId],
        result: &mut RunResult,
    ) -> Result<()> {
        if let Some(behind) = self.system.caught_up(conversations, CATCH_UP).await? {
            result.figures.insert("projector_behind_s".to_owned(), behind.as_secs_f64());
        }
        self.measurements.finish();
        self.system.read_back(&self.measurements.history, conversations).await;
        // Only now: without its people the hub would put the conversations back into the queue.
        let goodbyes = stream::iter(people).map(|(voice, _)| voice.client.stop());
        goodbyes.buffer_unordered(GOODBYES).collect::<()>().await;
        self.voices.tasks.close();
        self.voices.tasks.wait().await;
        self.sum_up(result)
    }

    /// Puts everything measured into the result.
    fn sum_up(&self, result: &mut RunResult) -> Result<()> {
        self.measurements.fill(result);
        if self.generator.is_one_of_several() {
            result.addable = Some(self.measurements.addable()?);
        }
        Ok(())
    }
}

/// Writes parameters down under their names.
macro_rules! parameters {
    ($result:expr, $work:expr, $($name:ident),+) => {
        $($result.parameters.insert(stringify!($name).to_owned(), $work.$name.to_string());)+
    };
}
use parameters;
