//! Carries out one command: loads, decides, commits, tells, draws. Whatever breaks off in between is gone through
//! again at the next delivery, and changes nothing twice.

use std::sync::Arc;
use std::time::Duration;

use confab_bus::WorkItem;
use confab_domain::{Actor, Change, Command, CommandKind, Decision, Outcome, Refusal, decide};
use confab_protocol::{ErrorCode, TenantId};
use confab_store::{AuditEntry, Commit, Committed, Recorded, StoreError, TenantStore};
use tracing::{debug, error};

use crate::context::{Context, encode};
use crate::effects::Effects;
use crate::error::WorkerError;
use crate::{access, audit, draw, presence, retry, state};

/// How often a decision is made anew because the records changed meanwhile.
const MAX_CONFLICTS: u32 = 20;
const CONFLICT_PAUSE: Duration = Duration::from_millis(5);

/// What became of a delivered command.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It is done; the label says how.
    Done(&'static str),
    /// It is left to a later delivery.
    HandBack(WorkerError),
    /// It can never be carried out.
    Bury(String),
}

/// Carries out what was delivered.
pub(crate) async fn process(context: &Arc<Context>, item: &WorkItem) -> Verdict {
    let command: Command = match rmp_serde::from_slice(&item.payload) {
        Ok(command) => command,
        Err(error) => return Verdict::Bury(format!("the command can't be read: {error}")),
    };
    if command.tenant != item.tenant {
        return Verdict::Bury(format!("a command of {} lies with {}", command.tenant, item.tenant));
    }
    match carry_out(context, item, &command).await {
        Ok(label) => Verdict::Done(label),
        Err(error) => Verdict::HandBack(error),
    }
}

async fn carry_out(
    context: &Arc<Context>,
    item: &WorkItem,
    command: &Command,
) -> Result<&'static str, WorkerError> {
    let Some(store) = context.tenant(&command.tenant).await? else {
        let refusal = Refusal::new(ErrorCode::NotFound, "no such tenant");
        reply(context, item, &Outcome::Refused(refusal)).await;
        return Ok("refused");
    };
    if item.delivered > 1 {
        draw::recover(context, &command.tenant, &store).await?;
    }
    if command.kind == CommandKind::Draw {
        draw::draw(context, &command.tenant, &store, command.at).await?;
        return Ok("done");
    }
    if item.delivered > 1 {
        let known = context.persist("looking for a command", || store.recorded(&command.id)).await?;
        if let Some(recorded) = known {
            return repeat(context, item, command, &store, &recorded).await;
        }
    }
    if presence::is_outdated(context, &command.tenant, &command.kind).await? {
        return Ok("outdated");
    }
    let lane = context.lanes.of(&command.tenant);
    let inside = lane.enter().await;
    let (at, decision) = match decide_and_commit(context, command, &store).await? {
        Step::Committed { at, decision } => (at, decision),
        Step::Idle { decision } => {
            drop(inside);
            reply(context, item, &decision.outcome).await;
            draw_if(decision.draws, context, command, &store).await?;
            return Ok(label(&decision.outcome));
        }
        Step::Known(recorded) => {
            drop(inside);
            return repeat(context, item, command, &store, &recorded).await;
        }
    };
    let effects =
        Effects::new(context, &command.tenant, &store, &command.id, at, &decision.events, &decision.timers)
            .audited(audit::entry(command, &decision.outcome, at));
    // Sent before the next command of the tenant decides: the log has events in the order of the decisions.
    let sent = effects.send().await;
    drop(inside);
    effects.settle(sent).await?;
    reply(context, item, &decision.outcome).await;
    if changes_queue(&decision) {
        context.snapshots.mark(&command.tenant);
    }
    // Nobody who waits for an agent waits for these, too.
    let rest = async {
        effects.set_timers().await?;
        effects.mark_published().await
    };
    // Both to their ends: the second may note what others have published, too.
    let (drawn, rest) = tokio::join!(draw_if(decision.draws, context, command, &store), rest);
    rest.and(drawn)?;
    Ok(label(&decision.outcome))
}

/// What came of deciding.
enum Step {
    /// It is in force.
    Committed { at: u64, decision: Decision },
    /// It changes nothing, and nobody will ask for it again.
    Idle { decision: Decision },
    /// An earlier delivery of the same command was committed.
    Known(Recorded),
}

async fn decide_and_commit(
    context: &Context,
    command: &Command,
    store: &TenantStore,
) -> Result<Step, WorkerError> {
    for _ in 0..MAX_CONFLICTS {
        let load = || state::load(context, &command.tenant, store, &command.kind);
        let state = context.persist("loading what a command concerns", load).await?;
        let at = context.clock.now();
        let decision = match access::check(command, &state) {
            Ok(()) => decide(command, &state, at),
            Err(refusal) => Decision::refused(refusal),
        };
        if command.actor == Actor::System && is_empty(&decision) {
            return Ok(Step::Idle { decision });
        }
        // Refusals are recorded too: who was refused must not find the same command carried out later.
        let commit = || {
            let commit =
                Commit { command_id: &command.id, name: command.kind.name(), at, decision: &decision };
            store.commit(commit)
        };
        match context.persist("committing a decision", commit).await {
            Ok(Committed::Now) => return Ok(Step::Committed { at, decision }),
            Ok(Committed::Already(recorded)) => return Ok(Step::Known(recorded)),
            Err(WorkerError::Store(StoreError::Conflict)) => {
                tokio::time::sleep(retry::jittered(CONFLICT_PAUSE)).await;
            }
            Err(error) => return Err(error),
        }
    }
    Err(WorkerError::Contended(MAX_CONFLICTS))
}

/// An earlier delivery has committed the command: what followed from it is made sure of.
async fn repeat(
    context: &Arc<Context>,
    item: &WorkItem,
    command: &Command,
    store: &TenantStore,
    recorded: &Recorded,
) -> Result<&'static str, WorkerError> {
    if !recorded.published {
        let audit = audit::entry(command, &recorded.outcome, recorded.at);
        publish_recorded(context, &command.tenant, store, recorded, audit).await?;
        context.snapshots.mark(&command.tenant);
    }
    reply(context, item, &recorded.outcome).await;
    draw_if(recorded.draws, context, command, store).await?;
    Ok("repeated")
}

async fn draw_if(
    draws: bool,
    context: &Arc<Context>,
    command: &Command,
    store: &TenantStore,
) -> Result<(), WorkerError> {
    if draws { draw::draw(context, &command.tenant, store, command.at).await } else { Ok(()) }
}

/// Carries out the effects of a command that was committed but perhaps never told.
pub(crate) async fn publish_recorded(
    context: &Arc<Context>,
    tenant: &TenantId,
    store: &TenantStore,
    recorded: &Recorded,
    audit: Option<AuditEntry>,
) -> Result<(), WorkerError> {
    let (id, at) = (&recorded.command_id, recorded.at);
    let effects = Effects::new(context, tenant, store, id, at, &recorded.events, &recorded.timers);
    let effects = effects.audited(audit);
    effects.repeat().await?;
    effects.set_timers().await?;
    effects.mark_published().await
}

/// Whoever waits has a time limit of their own and can ask again with the same id.
async fn reply(context: &Context, item: &WorkItem, outcome: &Outcome) {
    if let Some(subject) = &item.reply_to
        && let Err(error) = context.bus.reply(subject, encode(outcome)).await
    {
        debug!(%error, "an outcome could not be told");
    }
}

fn is_empty(decision: &Decision) -> bool {
    decision.changes.is_empty() && decision.events.is_empty() && decision.timers.is_empty()
}

fn changes_queue(decision: &Decision) -> bool {
    decision.changes.iter().any(|change| matches!(change, Change::Conversation(_)))
}

fn label(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Done { .. } => "done",
        Outcome::Refused(refusal) => {
            if refusal.code == ErrorCode::Internal {
                error!(message = refusal.message, "a command was refused for a fault of the hub");
            }
            "refused"
        }
    }
}
