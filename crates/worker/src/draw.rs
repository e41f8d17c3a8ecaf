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
use confab_domain::{Agent, Conversation, Policy, TenantSettings};
use confab_protocol::api::ConversationStatus;
use confab_protocol::{TenantId, UnixMillis};
use confab_store::{Commit, Committed, ConversationFilter, StoreError, TenantStore};
use confab_telemetry::metrics::ASSIGNMENT_LATENCY;
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
    let mut given = Vec::with_capacity(assignments.len());
    for assignment in &assignments {
        match give(context, tenant, store, &settings, assignment, since).await {
            Ok(Some(one)) => given.push(one),
            // The rest was drawn on what is outdated.
            Ok(None) => break,
            Err(error) => {
                settle(context, given).await?;
                return Err(error);
            }
        }
    }
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

/// Commits one assignment and sends its entries; `None` when somebody else was faster.
async fn give(
    context: &Arc<Context>,
    tenant: &TenantId,
    store: &TenantStore,
    settings: &TenantSettings,
    drawn: &Assignment,
    since: UnixMillis,
) -> Result<Option<Given>, WorkerError> {
    let ticket_id = &drawn.conversation.ticket_id;
    let ticket = context.persist("loading a ticket", || store.ticket(ticket_id)).await?;
    let at = context.clock.now();
    let decision = decide::assign(tenant, settings, drawn, ticket.as_ref(), at);
    let id = assign_command_id(&drawn.conversation);
    let commit = || {
        let commit = Commit { command_id: &id, name: "assign", at, decision: &decision };
        store.commit(commit)
    };
    match context.persist("committing an assignment", commit).await {
        Ok(Committed::Now) => {}
        Ok(Committed::Already(recorded)) => {
            if !recorded.published {
                publish_recorded(context, tenant, store, &recorded, None).await?;
            }
            return Ok(None);
        }
        Err(WorkerError::Store(StoreError::Conflict)) => return Ok(None),
        Err(error) => return Err(error),
    }
    let effects = Effects::new(context, tenant, store, &id, at, &decision.events, &decision.timers);
    let sent = effects.send().await;
    let queued_at = drawn.conversation.queued_at.unwrap_or(at);
    Ok(Some(Given { effects, sent, free_since: queued_at.max(since) }))
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
