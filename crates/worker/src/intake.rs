//! Takes commands off the work queue, as many at a time as configured, and says what became of each.

use std::sync::Arc;
use std::time::Duration;

use confab_bus::{BusError, WorkConsumer, WorkItem};
use confab_telemetry::metrics::{COMMAND_SECONDS, COMMANDS, DEAD_LETTERS, WORK_REDELIVERIES};
use metrics::{counter, histogram};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::task::TaskTracker;
use tracing::{Instrument as _, error, info_span, warn};

use crate::commands::{self, Verdict};
use crate::context::Context;
use crate::error::WorkerError;
use crate::retry::{jittered, until_done};

/// After this a command that failed is delivered again.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// Pulls until the worker stops. What is in flight is tracked by `in_flight`.
pub(crate) async fn run(context: Arc<Context>, in_flight: TaskTracker) {
    let slots = Arc::new(Semaphore::new(context.config.worker.concurrency));
    let open = || async { context.bus.work().consumer().await };
    let Ok(mut consumer) =
        until_done::<WorkConsumer, BusError, _>("taking commands", &context.stop, open).await
    else {
        return;
    };
    loop {
        let permit = tokio::select! {
            () = context.stop.cancelled() => break,
            permit = Arc::clone(&slots).acquire_owned() => permit.expect("the semaphore is never closed"),
        };
        let item = tokio::select! {
            () = context.stop.cancelled() => break,
            item = consumer.next() => item,
        };
        let span = info_span!(
            "worker.command",
            tenant = %item.tenant,
            command.name = %item.name,
            command.deliveries = item.delivered
        );
        in_flight.spawn(attend(Arc::clone(&context), item, permit).instrument(span));
    }
    consumer.close().await;
}

async fn attend(context: Arc<Context>, item: WorkItem, permit: OwnedSemaphorePermit) {
    let began = Instant::now();
    if item.delivered > 1 {
        counter!(WORK_REDELIVERIES).increment(1);
    }
    let verdict = keep_while(&context, &item, Box::pin(commands::process(&context, &item))).await;
    let outcome = match &verdict {
        Verdict::Done(label) => label,
        Verdict::HandBack(_) => "handed_back",
        Verdict::Bury(_) => "buried",
    };
    if let Err(error) = conclude(&context, &item, verdict).await {
        // It comes again and is found done.
        warn!(%error, "what became of a command could not be told to the work queue");
    }
    counter!(COMMANDS, "command" => item.name.clone(), "outcome" => outcome).increment(1);
    histogram!(COMMAND_SECONDS, "command" => item.name.clone()).record(began.elapsed().as_secs_f64());
    drop(permit);
}

/// Tells the work queue again and again that the command is still being worked on.
async fn keep_while(
    context: &Context,
    item: &WorkItem,
    mut work: impl Future<Output = Verdict> + Unpin,
) -> Verdict {
    let mut beat = tokio::time::interval(Duration::from_secs(context.config.worker.ack_wait_seconds) / 3);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    beat.reset();
    loop {
        tokio::select! {
            verdict = &mut work => return verdict,
            _ = beat.tick() => {
                if let Err(error) = item.progress().await {
                    warn!(%error, "a command may be delivered twice");
                }
            }
        }
    }
}

async fn conclude(context: &Context, item: &WorkItem, verdict: Verdict) -> Result<(), BusError> {
    match verdict {
        Verdict::Done(_) => item.ack().await,
        Verdict::HandBack(WorkerError::Stopped) => item.nak(Duration::ZERO).await,
        Verdict::HandBack(reason) => {
            error!(error = %reason, "a command failed; it is delivered again");
            item.nak(jittered(RETRY_DELAY)).await
        }
        Verdict::Bury(reason) => {
            error!(reason, "a command is given up");
            context.bus.dead_letters().bury(item, &reason).await?;
            counter!(DEAD_LETTERS).increment(1);
            Ok(())
        }
    }
}
