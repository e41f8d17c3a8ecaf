//! Gives waiting conversations to free agents, as long as there are both: at once after every command that freed a
//! slot or put a conversation into the queue.
//!
//! One task per tenant draws at a time within this process. Draws of other processes are met by the conditional
//! transaction: who comes second looks again.

use std::sync::Arc;
use std::time::Duration;

use confab_bus::{BusError, PendingAck};
use confab_domain::assign::{self, Assignment};
use confab_domain::decide::{self, assign_command_id};
use confab_domain::{Agent, Conversation, Decision, Policy, TenantSettings};
use confab_protocol::api::ConversationStatus;
use confab_protocol::{CommandId, TenantId, UnixMillis};
use confab_store::{Commit, Committed, ConversationFilter, StoreError, TenantStore};
use confab_telemetry::metrics::ASSIGNMENT_LATENCY;
use futures::future::try_join_all;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use metrics::histogram;
use tracing::{instrument, warn};

use crate::commands::publish_recorded;
use crate::context::Context;
use crate::effects::Effects;
use crate::error::WorkerError;
use crate::retry;

/// Waiting conversations looked at first: usually somebody fits one of them.
const FIRST_PAGE: u32 = 32;
/// Conversations looked at together after that.
const PAGE: u32 = 200;
/// Assignments made before others of the tenant get a chance to decide.
const ROUND: usize = 32;
/// Assignments whose timers are set at the same time.
const SETTLING: usize = 8;
/// Rounds in a row in which others were faster; then the sweep goes on.
const MAX_LOST: u32 = 50;
const LOST_PAUSE: Duration = Duration::from_millis(5);

/// What one round of drawing came to.
enum Round {
    /// Nothing waits that anybody free could take.
    Exhausted,
    /// These were given, and there may be more.
    Given(Vec<Given>),
    /// These were given, and they were all.
    Last(Vec<Given>),
    /// Others were faster.
    Lost,
}

/// A committed assignment whose entries are on their way.
struct Given {
    effects: Effects,
    sent: Result<Vec<PendingAck>, BusError>,
    free_since: UnixMillis,
}

/// Draws for the tenant until nothing more can be given, for something that came free at `since`. Returns when a draw
/// that began after the call is done, by whomever.
#[instrument(name = "worker.draw", skip_all, fields(tenant = %tenant))]
pub(crate) async fn draw(
    context: &Arc<Context>,
    tenant: &TenantId,
    store: &TenantStore,
    since: UnixMillis,
) -> Result<(), WorkerError> {
    let lane = context.lanes.of(tenant);
    let Some(turn) = lane.draws.turn(since).await else { return Ok(()) };
    let mut lost = 0;
    loop {
        let inside = lane.enter().await;
        let outcome = round(context, tenant, store, turn.since()).await?;
        drop(inside);
        match outcome {
            Round::Exhausted => break,
            Round::Given(given) => {
                lost = 0;
                context.snapshots.mark(tenant);
                settle(context, given).await?;
            }
            Round::Last(given) => {
                context.snapshots.mark(tenant);
                settle(context, given).await?;
                break;
            }
            Round::Lost if lost < MAX_LOST => {
                lost += 1;
                tokio::time::sleep(retry::jittered(LOST_PAUSE)).await;
            }
            Round::Lost => {
                warn!(tenant = %tenant, "others draw faster; the rest is left to the sweep");
                break;
            }
        }
    }
    turn.complete();
    Ok(())
}

async fn round(
    context: &Arc<Context>,
    tenant: &TenantId,
    store: &TenantStore,
    since: UnixMillis,
) -> Result<Round, WorkerError> {
    let (settings, agents, first) = tokio::try_join!(
        context.persist("loading settings", || store.settings()),
        context.persist("loading free agents", || store.available_agents()),
        context.persist("loading the queue", || store.waiting(None, FIRST_PAGE)),
    )?;
    if settings.policy == Policy::Manual || agents.is_empty() || first.is_empty() {
        return Ok(Round::Exhausted);
    }
    let Drawn { assignments, all } = find(context, store, &settings, &agents, first).await?;
    if assignments.is_empty() {
        return Ok(Round::Exhausted);
    }
    let giving = Giving { context, tenant, store, settings: &settings, since };
    let given = giving.all(&assignments).await?;
    Ok(match given.len() {
        0 => Round::Lost,
        made if all && made == assignments.len() => Round::Last(given),
        _ => Round::Given(given),
    })
}

/// Assignments that can be made.
struct Drawn {
    assignments: Vec<Assignment>,
    /// Whether no others could be made with the same agents and the same queue.
    all: bool,
}

/// The first assignments possible, looking through the queue in its order, of which `page` is the beginning.
async fn find(
    context: &Context,
    store: &TenantStore,
    settings: &TenantSettings,
    agents: &[Agent],
    mut page: Vec<Conversation>,
) -> Result<Drawn, WorkerError> {
    let mut limit = FIRST_PAGE;
    loop {
        let mut assignments = assign::draw(settings.policy, &page, agents, context.clock.now());
        let is_last_page = page.len() < limit as usize;
        if !assignments.is_empty() || is_last_page {
            let all = is_last_page && assignments.len() <= ROUND;
            assignments.truncate(ROUND);
            return Ok(Drawn { assignments, all });
        }
        limit = PAGE;
        let after = page.last().cloned();
        page = context.persist("loading the queue", || store.waiting(after.as_ref(), limit)).await?;
    }
}

/// Assigns what was drawn.
struct Giving<'a> {
    context: &'a Arc<Context>,
    tenant: &'a TenantId,
    store: &'a TenantStore,
    settings: &'a TenantSettings,
    since: UnixMillis,
}

/// An assignment that is not committed yet.
struct Draft<'a> {
    drawn: &'a Assignment,
    id: CommandId,
    at: UnixMillis,
    decision: Decision,
}

impl Draft<'_> {
    fn commit(&self) -> Commit<'_> {
        Commit { command_id: &self.id, name: "assign", at: self.at, decision: &self.decision }
    }
}

impl Giving<'_> {
    /// Commits the assignments and sends their entries: all in one transaction, or, when others came between, one by
    /// one as far as they still hold.
    async fn all(&self, drawn: &[Assignment]) -> Result<Vec<Given>, WorkerError> {
        let drafts = try_join_all(drawn.iter().map(|one| self.draft(one))).await?;
        let mut given = Vec::with_capacity(drafts.len());
        let commits: Vec<_> = drafts.iter().map(Draft::commit).collect();
        let commit = || self.store.commit_all(&commits);
        match self.context.persist("committing assignments", commit).await {
            Ok(()) => {
                for draft in &drafts {
                    given.push(self.tell(draft).await);
                }
                return Ok(given);
            }
            Err(WorkerError::Store(StoreError::Conflict)) => {}
            Err(error) => return Err(error),
        }
        for draft in &drafts {
            match self.one(draft).await {
                Ok(true) => given.push(self.tell(draft).await),
                // The rest was drawn on what is outdated.
                Ok(false) => break,
                Err(error) => {
                    settle(self.context, given).await?;
                    return Err(error);
                }
            }
        }
        Ok(given)
    }

    async fn draft<'a>(&self, drawn: &'a Assignment) -> Result<Draft<'a>, WorkerError> {
        let ticket_id = &drawn.conversation.ticket_id;
        let ticket = self.context.persist("loading a ticket", || self.store.ticket(ticket_id)).await?;
        let at = self.context.clock.now();
        let decision = decide::assign(self.tenant, self.settings, drawn, ticket.as_ref(), at);
        Ok(Draft { drawn, id: assign_command_id(&drawn.conversation), at, decision })
    }

    /// Commits one; false when somebody else was faster.
    async fn one(&self, draft: &Draft<'_>) -> Result<bool, WorkerError> {
        match self.context.persist("committing an assignment", || self.store.commit(draft.commit())).await {
            Ok(Committed::Now) => Ok(true),
            Ok(Committed::Already(recorded)) => {
                if !recorded.published {
                    publish_recorded(self.context, self.tenant, self.store, &recorded, None).await?;
                }
                Ok(false)
            }
            Err(WorkerError::Store(StoreError::Conflict)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn tell(&self, draft: &Draft<'_>) -> Given {
        let Draft { drawn, id, at, decision } = draft;
        let effects =
            Effects::new(self.context, self.tenant, self.store, id, *at, &decision.events, &decision.timers);
        let sent = effects.send().await;
        let queued_at = drawn.conversation.queued_at.unwrap_or(*at);
        Given { effects, sent, free_since: queued_at.max(self.since) }
    }
}

/// Makes up for draws that were broken off: assignments that were committed and perhaps never told. Called when a
/// command comes again, because then somebody may have died over its draw.
pub(crate) async fn recover(
    context: &Arc<Context>,
    tenant: &TenantId,
    store: &TenantStore,
) -> Result<(), WorkerError> {
    let lane = context.lanes.of(tenant);
    let Some(turn) = lane.recoveries.turn(context.clock.now()).await else { return Ok(()) };
    let filter =
        ConversationFilter { status: Some(ConversationStatus::Active), ..ConversationFilter::default() };
    let mut cursor: Option<String> = None;
    loop {
        let load = || store.conversations(&filter, cursor.as_deref(), PAGE);
        let page = context.persist("loading active conversations", load).await?;
        for conversation in &page.items {
            let before =
                Conversation { version: conversation.version.saturating_sub(1), ..conversation.clone() };
            let id = assign_command_id(&before);
            let recorded = context.persist("looking for an assignment", || store.recorded(&id)).await?;
            if let Some(recorded) = recorded.filter(|recorded| !recorded.published) {
                publish_recorded(context, tenant, store, &recorded, None).await?;
            }
        }
        match page.next_cursor {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    turn.complete();
    Ok(())
}

/// Waits until the entries are stored, and sets the timers.
async fn settle(context: &Arc<Context>, given: Vec<Given>) -> Result<(), WorkerError> {
    let finish = |one: Given| async move {
        one.effects.settle(one.sent).await?;
        let waited = context.clock.now().saturating_sub(one.free_since);
        histogram!(ASSIGNMENT_LATENCY).record(Duration::from_millis(waited).as_secs_f64());
        one.effects.set_timers().await?;
        one.effects.mark_published().await
    };
    stream::iter(given).map(finish).buffer_unordered(SETTLING).try_collect().await
}
