//! Conversations are started at a fixed rate, given to agents by the tenant's policy, and closed after a while; agents
//! come and go. Then a queue is worked off: how soon a freed slot has its next conversation.

mod desk;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use confab_client::{ClientError, HttpClient};
use confab_domain::Policy;
use confab_protocol::api::{AgentView, Availability};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::desk::Desk;
use super::{Bench, Stage, parameters};
use crate::measurements::{Measurements, count};
use crate::result::{RunResult, whole};
use crate::rooms::start_request;
use crate::system::{Person, Staffing};

/// Connections and requests at a time while everybody gets ready.
const PARALLEL: usize = 16;
/// How long an agent who went away stays away.
const ABSENCE: Duration = Duration::from_secs(2);
/// How long everything begun may take to come to its end.
const SETTLE: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(20);

/// Starts, assignments, ends.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Assignment {
    /// Agents who are online.
    agents: usize,
    /// Conversations that each can have.
    capacity: u32,
    /// Customers, connected beforehand; each starts again and again.
    customers: usize,
    /// Conversations started per second.
    starts_per_second: u32,
    /// Measured time of the first part.
    seconds: u64,
    /// How long an agent takes for a conversation.
    hold_seconds: f64,
    /// Every so many seconds an agent goes away for a moment; never, when 0.
    absence_every_seconds: f64,
    /// Conversations closed in the second part, while others wait.
    refills: usize,
    /// How many of them per second.
    refills_per_second: u32,
}

impl Assignment {
    pub(super) async fn run(&self, bench: &Bench<'_>) -> Result<RunResult> {
        let staffing = Staffing { policy: Policy::LeastBusy, agents: self.agents, capacity: self.capacity };
        let stage = bench.prepare(&staffing, self.agents + self.customers).await?;
        let desk = Desk::new(Arc::clone(&stage.measurements));
        let customers = self.gather(&stage, &desk).await?;
        eprintln!("{} agents are online, {} customers connected", self.agents, customers.len());

        let mut result = RunResult::default();
        let watch = stage.begin().await?;
        let over = CancellationToken::new();
        let absences = stage.voices.tasks.spawn(absences(
            self.clone(),
            https(&stage, &stage.system.agents)?,
            Arc::clone(&stage.measurements),
            over.clone(),
        ));
        desk.hold(Some(Duration::from_secs_f64(self.hold_seconds)));
        let starts = usize::try_from(u64::from(self.starts_per_second) * self.seconds)?;
        self.start(&stage, &desk, &customers, starts, self.starts_per_second).await?;
        desk.settle(SETTLE, POLL, |desk| desk.is_all_assigned() && desk.is_all_closed()).await;
        over.cancel();
        absences.await?;
        watch.end(&mut result).await?;

        self.refill(&stage, &desk, &customers).await?;
        let conversations = desk.conversations();
        stage.measurements.finish();
        stage.system.read_state(&stage.measurements.history, &conversations).await;
        desk.stop().await;
        stage.voices.tasks.close();
        stage.voices.tasks.wait().await;
        stage.sum_up(&mut result)?;
        result.violations.extend(desk.violations());
        result.figures.insert("starts_per_s".to_owned(), whole(starts as u64) / result.seconds);
        result.figures.insert("unassigned".to_owned(), whole(desk.unassigned()));
        parameters!(
            result,
            self,
            agents,
            capacity,
            customers,
            starts_per_second,
            seconds,
            hold_seconds,
            absence_every_seconds,
            refills,
            refills_per_second
        );
        Ok(result)
    }

    /// Everybody connects and follows their feed; agents say that they are online.
    async fn gather(&self, stage: &Stage<'_>, desk: &Desk) -> Result<Vec<HttpClient>> {
        let agents = stage.system.agents.iter().enumerate();
        let online = stream::iter(agents.zip(https(stage, &stage.system.agents)?)).map(
            |((number, person), http)| async move {
                desk.seat(&stage.system, person, number, Some(http.clone())).await?;
                http.set_availability(Availability::Online).await.context("an agent can't come online")
            },
        );
        online.buffer_unordered(PARALLEL).try_collect::<Vec<_>>().await?;
        let customers: Vec<Person> =
            (0..self.customers).map(|number| stage.system.stranger(number)).collect::<Result<_>>()?;
        let seated = stream::iter(customers.iter().enumerate())
            .map(|(number, person)| desk.seat(&stage.system, person, number, None));
        seated.buffer_unordered(PARALLEL).try_collect::<Vec<_>>().await?;
        https(stage, &customers)
    }

    /// Starts conversations at a rate, whatever becomes of those before.
    async fn start(
        &self,
        stage: &Stage<'_>,
        desk: &Desk,
        customers: &[HttpClient],
        starts: usize,
        rate: u32,
    ) -> Result<()> {
        let began = Instant::now();
        let step = Duration::from_secs(1) / rate.max(1);
        let tasks = TaskTracker::new();
        for number in 0..starts {
            let due = began + step * u32::try_from(number)?;
            tokio::time::sleep_until(due.into()).await;
            stage.measurements.sent(stage.measurements.stamp(due));
            let request = start_request(&stage.system.tenant, format!("Customer {number}"));
            let (http, desk) = (customers[number % customers.len()].clone(), desk.clone());
            let measurements = Arc::clone(&stage.measurements);
            tasks.spawn(async move {
                match http.start(&request).await {
                    Ok(started) => {
                        count(&measurements.counts.acknowledged);
                        measurements.record("start answered", measurements.stamp(due));
                        desk.started(&started.conversation_id, due);
                    }
                    Err(error) => {
                        count(&measurements.counts.refused);
                        eprintln!("a conversation can't be started: {error}");
                    }
                }
            });
        }
        tasks.close();
        tasks.wait().await;
        Ok(())
    }

    /// Fills every slot and the queue behind them, then closes conversations at a rate: each time until the agent has the
    /// next one is a `refill`.
    async fn refill(&self, stage: &Stage<'_>, desk: &Desk, customers: &[HttpClient]) -> Result<()> {
        desk.hold(None);
        let slots = self.agents * usize::try_from(self.capacity)?;
        self.start(stage, desk, customers, slots + self.refills, self.starts_per_second).await?;
        desk.settle(SETTLE, POLL, |desk| desk.active() >= slots).await;
        let began = Instant::now();
        let step = Duration::from_secs(1) / self.refills_per_second.max(1);
        for number in 0..self.refills {
            let due = began + step * u32::try_from(number)?;
            tokio::time::sleep_until(due.into()).await;
            desk.close_one(due);
        }
        desk.settle(SETTLE, POLL, |desk| desk.unassigned() == 0).await;
        Ok(())
    }
}

/// A client of the API for each, with connections of its own, at the edges in turn.
fn https(stage: &Stage<'_>, people: &[Person]) -> Result<Vec<HttpClient>> {
    let edges: Vec<HttpClient> =
        (0..stage.system.urls.len()).map(|edge| stage.system.http(edge)).collect::<Result<_>>()?;
    let of = |(number, person): (usize, &Person)| edges[number % edges.len()].with_token(&person.token);
    Ok(people.iter().enumerate().map(of).collect())
}

/// One agent after the other goes away for a moment.
async fn absences(
    work: Assignment,
    agents: Vec<HttpClient>,
    measurements: Arc<Measurements>,
    over: CancellationToken,
) {
    if work.absence_every_seconds <= 0.0 {
        return;
    }
    // A hub that has more to do than it can answers too late, and what it accepted is done all the same.
    let note = |what: &str, asked: Result<_, ClientError>| {
        if let Err::<AgentView, _>(error) = asked {
            count(&measurements.counts.refused);
            eprintln!("an agent can't {what}: {error}");
        }
    };
    let pause = Duration::from_secs_f64(work.absence_every_seconds);
    for agent in agents.iter().cycle() {
        if over.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
            break;
        }
        note("go away", agent.set_availability(Availability::Away).await);
        over.run_until_cancelled(tokio::time::sleep(ABSENCE)).await;
        note("come back", agent.set_availability(Availability::Online).await);
    }
}
