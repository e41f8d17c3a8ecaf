//! Decides the commands of a tenant, one after the other, and commits together what came while the last ones were
//! being committed: a transaction costs about the same for one command as for ten.
//!
//! Within this process a tenant's commands are decided by one task at a time. Commands of other processes are met by
//! the conditional transaction: then each is decided anew by itself.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use confab_bus::{BusError, PendingAck};
use confab_domain::{Actor, Change, Command, Decision, State, decide};
use confab_protocol::{ConversationId, TicketId, UnixMillis};
use confab_store::{Commit, Committed, Recorded, StoreError, TenantStore};
use futures::future::try_join_all;
use tokio::sync::oneshot;

use crate::context::Context;
use crate::effects::Effects;
use crate::error::WorkerError;
use crate::{access, audit, retry, state};

/// Commands in one transaction.
const TOGETHER: usize = 32;
/// How often a decision is made anew because the records changed meanwhile.
const MAX_CONFLICTS: u32 = 20;
const CONFLICT_PAUSE: Duration = Duration::from_millis(5);

/// What came of deciding.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "one is made for each command, and none is kept")]
pub(crate) enum Step {
    /// It is in force, and its entries are on their way.
    Committed { decision: Decision, effects: Effects, sent: Result<Vec<PendingAck>, BusError> },
    /// It changes nothing, and nobody will ask for it again.
    Idle { decision: Decision },
    /// An earlier delivery of the same command was committed.
    Known(Recorded),
}

/// A command that waits to be decided.
#[derive(Debug)]
pub(crate) struct Undecided {
    command: Command,
    answer: oneshot::Sender<Result<Step, WorkerError>>,
}

impl Undecided {
    /// Whoever waits for it may have given up; the work queue delivers it again then.
    fn answer(self, step: Result<Step, WorkerError>) {
        drop(self.answer.send(step));
    }
}

/// A decision that is not committed yet.
struct Draft {
    undecided: Undecided,
    at: UnixMillis,
    decision: Decision,
}

/// Decides the command, commits it, and sends its entries.
pub(crate) async fn decide_and_commit(
    context: &Arc<Context>,
    command: &Command,
    store: &TenantStore,
) -> Result<Step, WorkerError> {
    let lane = context.lanes.of(&command.tenant);
    let (answer, mut step) = oneshot::channel();
    lane.undecided.push(Undecided { command: command.clone(), answer });
    let turn = tokio::select! {
        biased;
        // Not after the turn of whoever decided it: its entries have to be settled while others' are sent.
        step = &mut step => return step.unwrap_or(Err(WorkerError::Stopped)),
        turn = lane.decisions.turn(command.at) => turn,
    };
    if let Some(turn) = turn {
        let inside = lane.enter().await;
        let mut undecided = lane.undecided.take();
        while !undecided.is_empty() {
            let rest = undecided.split_off(undecided.len().min(TOGETHER));
            let mut deferred = together(context, store, undecided).await;
            deferred.extend(rest);
            undecided = deferred;
        }
        drop(inside);
        turn.complete();
    }
    // Nobody answers when the task that had the turn was ended.
    step.await.unwrap_or(Err(WorkerError::Stopped))
}

/// Decides on what the database holds now, commits in one transaction, and answers. Returns those that concern records
/// which others of these have changed: they are to be decided on the outcome.
async fn together(context: &Arc<Context>, store: &TenantStore, undecided: Vec<Undecided>) -> Vec<Undecided> {
    let load = || load_all(context, store, &undecided);
    let Ok(states) = context.persist("loading what commands concern", load).await else {
        one_by_one(context, store, undecided).await;
        return Vec::new();
    };
    let mut drafts = Vec::with_capacity(undecided.len());
    let mut deferred = Vec::new();
    let mut changed = HashSet::new();
    for (undecided, state) in undecided.into_iter().zip(states) {
        if concerns(&undecided.command, &state).any(|record| changed.contains(record)) {
            deferred.push(undecided);
            continue;
        }
        let at = context.clock.now();
        let decision = decided(&undecided.command, &state, at);
        if is_idle(&undecided.command, &decision) {
            undecided.answer(Ok(Step::Idle { decision }));
            continue;
        }
        changed.extend(decision.changes.iter().map(|change| id_of(change).to_owned()));
        drafts.push(Draft { undecided, at, decision });
    }
    commit_all(context, store, drafts).await;
    deferred
}

async fn load_all(
    context: &Context,
    store: &TenantStore,
    undecided: &[Undecided],
) -> Result<Vec<State>, WorkerError> {
    let settings = store.settings().await?;
    let loads = undecided.iter().map(|one| state::load(context, store, &settings, &one.command));
    try_join_all(loads).await
}

/// Commits all in one transaction, or, when that is refused, each anew by itself.
async fn commit_all(context: &Arc<Context>, store: &TenantStore, drafts: Vec<Draft>) {
    if drafts.is_empty() {
        return;
    }
    let commits: Vec<_> =
        drafts.iter().map(|draft| commit_of(&draft.undecided.command, draft.at, &draft.decision)).collect();
    let commit = || store.commit_all(&commits);
    if context.persist("committing decisions", commit).await.is_err() {
        one_by_one(context, store, drafts.into_iter().map(|draft| draft.undecided).collect()).await;
        return;
    }
    for Draft { undecided, at, decision } in drafts {
        let step = committed(context, store, &undecided.command, at, decision).await;
        undecided.answer(Ok(step));
    }
}

async fn one_by_one(context: &Arc<Context>, store: &TenantStore, undecided: Vec<Undecided>) {
    for one in undecided {
        let step = alone(context, store, &one.command).await;
        one.answer(step);
    }
}

/// Decides and commits one command, again and again while others change what it concerns.
async fn alone(context: &Arc<Context>, store: &TenantStore, command: &Command) -> Result<Step, WorkerError> {
    for _ in 0..MAX_CONFLICTS {
        let load = || async {
            let settings = store.settings().await?;
            state::load(context, store, &settings, command).await
        };
        let state = context.persist("loading what a command concerns", load).await?;
        let at = context.clock.now();
        let decision = decided(command, &state, at);
        if is_idle(command, &decision) {
            return Ok(Step::Idle { decision });
        }
        let commit = || store.commit(commit_of(command, at, &decision));
        match context.persist("committing a decision", commit).await {
            Ok(Committed::Now) => return Ok(committed(context, store, command, at, decision).await),
            Ok(Committed::Already(recorded)) => return Ok(Step::Known(recorded)),
            Err(WorkerError::Store(StoreError::Conflict)) => {
                tokio::time::sleep(retry::jittered(CONFLICT_PAUSE)).await;
            }
            Err(error) => return Err(error),
        }
    }
    Err(WorkerError::Contended(MAX_CONFLICTS))
}

fn decided(command: &Command, state: &State, at: UnixMillis) -> Decision {
    match access::check(command, state) {
        Ok(()) => decide(command, state, at),
        // Refusals are recorded too: who was refused must not find the same command carried out later.
        Err(refusal) => Decision::refused(refusal),
    }
}

fn is_idle(command: &Command, decision: &Decision) -> bool {
    command.actor == Actor::System
        && decision.changes.is_empty()
        && decision.events.is_empty()
        && decision.timers.is_empty()
}

fn commit_of<'a>(command: &'a Command, at: UnixMillis, decision: &'a Decision) -> Commit<'a> {
    Commit { command_id: &command.id, name: command.kind.name(), at, decision }
}

/// Entries are sent before the next command of the tenant is decided: the log has them in the order of the decisions.
async fn committed(
    context: &Arc<Context>,
    store: &TenantStore,
    command: &Command,
    at: UnixMillis,
    decision: Decision,
) -> Step {
    let effects =
        Effects::new(context, &command.tenant, store, &command.id, at, &decision.events, &decision.timers)
            .audited(audit::entry(command, &decision.outcome, at));
    let sent = effects.send().await;
    Step::Committed { decision, effects, sent }
}

/// The records a command is decided on.
fn concerns<'a>(command: &'a Command, state: &'a State) -> impl Iterator<Item = &'a str> {
    let named = command.kind.conversation().map(ConversationId::as_str).into_iter();
    let conversations = state.conversation.iter().chain(&state.held).chain(&state.conversations);
    let tickets = state.ticket.iter().chain(&state.target).map(|ticket| ticket.id.as_str());
    let agents = state.agent.iter().chain(&state.holder).map(|agent| agent.id.as_str());
    let named = named.chain(command.kind.ticket().map(TicketId::as_str));
    named.chain(conversations.map(|conversation| conversation.id.as_str())).chain(tickets).chain(agents)
}

fn id_of(change: &Change) -> &str {
    match change {
        Change::Conversation(conversation) => conversation.after.id.as_str(),
        Change::Agent(agent) => agent.id.as_str(),
        Change::Ticket(ticket) => ticket.after.id.as_str(),
        Change::TicketStep(step) => step.ticket.as_str(),
    }
}
