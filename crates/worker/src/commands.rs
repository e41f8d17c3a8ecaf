//! Carries out one command: loads, decides, commits, tells, draws. Whatever breaks off in between is gone through
//! again at the next delivery, and changes nothing twice.

use std::sync::Arc;

use confab_bus::WorkItem;
use confab_domain::{Change, Command, CommandKind, Decision, Outcome, Refusal};
use confab_protocol::{ErrorCode, TenantId};
use confab_store::{AuditEntry, Recorded, TenantStore};
use tracing::{debug, error};

use crate::batches::Step;
use crate::context::{Context, encode};
use crate::effects::Effects;
use crate::error::WorkerError;
use crate::{audit, batches, draw, mail, presence};

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
    let (decision, effects, sent) = match batches::decide_and_commit(context, command, &store).await? {
        Step::Committed { decision, effects, sent } => (decision, effects, sent),
        Step::Idle { decision } => {
            reply(context, item, &decision.outcome).await;
            draw_if(decision.draws, context, command, &store).await?;
            return Ok(label(&decision.outcome));
        }
        Step::Known(recorded) => return repeat(context, item, command, &store, &recorded).await,
    };
    effects.settle(sent).await?;
    reply(context, item, &decision.outcome).await;
    if changes_queue(&decision) {
        context.snapshots.mark(&command.tenant);
    }
    // Nobody who waits for an agent waits for these, too.
    let rest = async {
        effects.set_timers().await?;
        mail::assigned(context, command, &decision.outcome).await;
        effects.mark_published().await
    };
    // Both to their ends: the second may note what others have published, too.
    let (drawn, rest) = tokio::join!(draw_if(decision.draws, context, command, &store), rest);
    rest.and(drawn)?;
    Ok(label(&decision.outcome))
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
        mail::assigned(context, command, &recorded.outcome).await;
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
