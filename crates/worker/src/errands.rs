//! Runs errands: replies and e-mail, each sort with a bounded number at a time, tried again until they are done.

use std::sync::Arc;
use std::time::Duration;

use confab_bus::{BusError, Errand, ErrandConsumer, ErrandKind};
use confab_protocol::TenantId;
use confab_telemetry::metrics::ERRANDS_REFUSED;
use metrics::counter;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;
use tracing::{Instrument as _, debug, error, info_span, warn};

use crate::context::{Context, encode};
use crate::error::WorkerError;
use crate::retry::Backoff;
use crate::{mail, replies};

/// How often giving an errand is tried. Nothing else may stand still because of one.
const ATTEMPTS: u32 = 3;
/// When what failed for reasons of the hub is tried again.
const LATER: Duration = Duration::from_secs(2);

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Task {
    /// Answer a customer.
    Reply(replies::Asked),
    /// Send e-mail, if it is still called for.
    Tell(mail::Told),
}

/// What became of an errand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is done with.
    Done,
    /// It is to be run again after a pause.
    Again(Duration),
}

/// Gives an errand. Failing that, it is counted and logged: errands are a service, not a promise.
pub(crate) async fn give(context: &Context, kind: ErrandKind, tenant: &TenantId, id: &str, task: &Task) {
    let mut backoff = Backoff::new();
    for attempt in 1..=ATTEMPTS {
        match context.bus.errands().give(kind, tenant, id, encode(task)).await {
            Ok(()) => return,
            Err(error) if attempt == ATTEMPTS => {
                counter!(ERRANDS_REFUSED).increment(1);
                warn!(%error, id, "an errand is left out");
            }
            Err(_) => {
                backoff.wait(&context.abandon).await;
            }
        }
    }
}

/// Runs errands of a sort, so many at a time, until the worker stops.
pub(crate) async fn run(context: Arc<Context>, tasks: TaskTracker, kind: ErrandKind, abreast: usize) {
    let mut backoff = Backoff::new();
    let room = Arc::new(Semaphore::new(abreast));
    while !context.stop.is_cancelled() {
        match context.bus.errands().consumer(kind).await {
            Ok(consumer) => return follow(&context, &tasks, &room, consumer).await,
            Err(error) => warn!(%error, "errands are not run for now"),
        }
        backoff.wait(&context.stop).await;
    }
}

async fn follow(
    context: &Arc<Context>,
    tasks: &TaskTracker,
    room: &Arc<Semaphore>,
    mut consumer: ErrandConsumer,
) {
    while let Some(Ok(permit)) = context.stop.run_until_cancelled(Arc::clone(room).acquire_owned()).await {
        let Some(errand) = context.stop.run_until_cancelled(consumer.next()).await else { break };
        let context = Arc::clone(context);
        let span = info_span!("worker.errand", tenant.id = %errand.tenant);
        let running = async move {
            if let Err(error) = carry_out(&context, &errand).await {
                debug!(%error, "an errand comes again");
            }
            drop(permit);
        };
        tasks.spawn(running.instrument(span));
    }
    consumer.close().await;
}

async fn carry_out(context: &Context, errand: &Errand) -> Result<(), BusError> {
    let task: Task = match rmp_serde::from_slice(&errand.payload) {
        Ok(task) => task,
        Err(error) => {
            error!(%error, "an errand can't be read and is dropped");
            return errand.term("no errand of the hub").await;
        }
    };
    match while_beating(context, errand, perform(context, errand, &task)).await {
        Ok(Verdict::Done) => errand.ack().await,
        Ok(Verdict::Again(pause)) => errand.nak(pause).await,
        Err(WorkerError::Stopped) => errand.nak(Duration::ZERO).await,
        Err(error) => {
            warn!(%error, "an errand is tried again");
            errand.nak(LATER).await
        }
    }
}

async fn perform(context: &Context, errand: &Errand, task: &Task) -> Result<Verdict, WorkerError> {
    match task {
        Task::Reply(asked) => replies::run(context, &errand.tenant, asked).await,
        Task::Tell(told) => mail::perform(context, &errand.tenant, told, errand.delivered).await,
    }
}

/// Tells the server again and again that the errand is still being run.
async fn while_beating(
    context: &Context,
    errand: &Errand,
    running: impl Future<Output = Result<Verdict, WorkerError>>,
) -> Result<Verdict, WorkerError> {
    tokio::pin!(running);
    let mut beat = tokio::time::interval(Duration::from_secs(context.config.worker.ack_wait_seconds) / 3);
    beat.reset();
    loop {
        tokio::select! {
            done = &mut running => return done,
            () = context.abandon.cancelled() => return Err(WorkerError::Stopped),
            _ = beat.tick() => {
                if let Err(error) = errand.progress().await {
                    debug!(%error, "an errand may be run twice");
                }
            }
        }
    }
}
