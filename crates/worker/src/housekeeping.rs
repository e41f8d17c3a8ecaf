//! What is done now and then: queues are looked through, old records removed, the work queue measured.

use std::sync::Arc;
use std::time::Duration;

use confab_domain::CommandKind;
use confab_protocol::CommandId;
use confab_telemetry::metrics::WORK_PENDING;
use metrics::gauge;
use tokio::time::{Interval, MissedTickBehavior};
use tracing::{debug, info, warn};

use crate::context::Context;
use crate::error::WorkerError;
use crate::streams;

/// How often queues are looked through. A backstop: what frees a slot draws at once.
const SWEEP: Duration = Duration::from_millis(SWEEP_MS);
/// How often old records are removed.
const PRUNE: Duration = Duration::from_hours(1);
const SWEEP_MS: u64 = 5000;
const DAY_MS: u64 = 24 * 3600 * 1000;
/// How long a command is known: far longer than anybody repeats one.
const COMMANDS_KEPT_MS: u64 = 7 * DAY_MS;
/// How long assignments are known: longer than any window that estimates look back on.
const ASSIGNMENTS_KEPT_MS: u64 = 2 * DAY_MS;
/// How long it is known who did what.
const AUDIT_KEPT_MS: u64 = 730 * DAY_MS;

fn every(period: Duration) -> Interval {
    let mut interval = tokio::time::interval(period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

/// Keeps house until the worker stops.
pub(crate) async fn run(context: Arc<Context>) {
    let (mut sweep, mut prune) = (every(SWEEP), every(PRUNE));
    loop {
        let done = tokio::select! {
            () = context.stop.cancelled() => return,
            _ = sweep.tick() => sweep_queues(&context).await,
            _ = prune.tick() => remove_old(&context).await,
        };
        match done {
            Ok(()) => {}
            Err(WorkerError::Stopped) => return,
            Err(error) => warn!(%error, "the house is not kept for now"),
        }
    }
}

async fn sweep_queues(context: &Context) -> Result<(), WorkerError> {
    streams::report(context).await;
    match context.bus.work().pending().await {
        #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52 commands wait")]
        Ok(pending) => gauge!(WORK_PENDING).set(pending as f64),
        Err(error) => debug!(%error, "the length of the work queue isn't known"),
    }
    for tenant in context.store.tenants().await? {
        let store = context.store.tenant(&tenant.id).await?;
        let samples = store.fold_samples().await?;
        if samples > 0 {
            debug!(tenant = %tenant.id, samples, "folded what happened into figures");
        }
        if store.waiting_count().await? > 0 {
            // As a command, so that a draw broken off is taken up by another worker; one for all workers' sweeps.
            let id = format!("sweep-{}", context.clock.now() / SWEEP_MS);
            let id = CommandId::parse(id).expect("a number is short and plain");
            context.submit(&tenant.id, id, CommandKind::Draw).await?;
        }
    }
    Ok(())
}

async fn remove_old(context: &Context) -> Result<(), WorkerError> {
    let now = context.clock.now();
    for tenant in context.store.tenants().await? {
        let store = context.store.tenant(&tenant.id).await?;
        let commands = store.prune_commands(now.saturating_sub(COMMANDS_KEPT_MS)).await?;
        let assignments = store.prune_assignments(now.saturating_sub(ASSIGNMENTS_KEPT_MS)).await?;
        let kept_ms = context.config.events.delivery_log_days.saturating_mul(DAY_MS);
        let deliveries = store.prune_deliveries(now.saturating_sub(kept_ms)).await?;
        if deliveries > 0 {
            info!(tenant = %tenant.id, deliveries, "removed old deliveries of webhooks");
        }
        let audit = store.prune_audit(now.saturating_sub(AUDIT_KEPT_MS)).await?;
        if commands + assignments + audit > 0 {
            info!(tenant = %tenant.id, commands, assignments, audit, "removed old records");
        }
    }
    Ok(())
}
