//! Agents who come and go: their presence keys become commands.
//!
//! What the keys say is compared with what the database says now and then: a change that nobody was there to see is
//! made good.

use std::sync::Arc;
use std::time::Duration;

use confab_bus::{BusError, PresenceChange, PresenceKind};
use confab_domain::{Agent, CommandKind};
use confab_protocol::{CommandId, TenantId, UserId};
use futures::{StreamExt as _, stream};
use tokio::time::MissedTickBehavior;
use tracing::{info, warn};
use uuid::Uuid;

use crate::context::Context;
use crate::error::WorkerError;
use crate::retry::{self, Backoff};

/// How often keys and database are compared.
const RECONCILE: Duration = Duration::from_secs(15);
/// Look-ups under way at one time while comparing.
const LOOKUPS: usize = 16;
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// Follows the agents' keys until the worker stops.
pub(crate) async fn watch(context: Arc<Context>) {
    let open = || async { context.bus.presence().watch_agents().await };
    let Ok(mut changes) = retry::until_done::<_, BusError, _>("watching presence", &context.stop, open).await
    else {
        return;
    };
    loop {
        let item = tokio::select! {
            () = context.stop.cancelled() => break,
            item = changes.next() => item,
        };
        let outcome = match heed(&context, &item.change).await {
            Ok(()) => item.ack().await,
            Err(error) => {
                warn!(%error, "a change of presence comes again");
                item.nak(RETRY_DELAY).await
            }
        };
        if let Err(error) = outcome {
            warn!(%error, "a change of presence may come again");
        }
    }
    changes.close().await;
}

async fn heed(context: &Context, change: &PresenceChange) -> Result<(), BusError> {
    match change {
        PresenceChange::Seen { tenant, user, fresh: true, .. } => came(context, tenant, user).await,
        PresenceChange::Seen { .. } => Ok(()),
        PresenceChange::Gone { tenant, user, .. } => {
            // They may be connected elsewhere.
            if context.bus.presence().is_connected(PresenceKind::Agent, tenant, user).await? {
                return Ok(());
            }
            went(context, tenant, user).await
        }
    }
}

/// Giving it twice changes nothing, so each gets an id of its own.
async fn came(context: &Context, tenant: &TenantId, user: &UserId) -> Result<(), BusError> {
    let kind = CommandKind::AgentConnected { agent: user.clone() };
    context.submit(tenant, CommandId::from_uuid(Uuid::new_v4()), kind).await
}

async fn went(context: &Context, tenant: &TenantId, user: &UserId) -> Result<(), BusError> {
    let kind = CommandKind::AgentDisconnected { agent: user.clone() };
    context.submit(tenant, CommandId::from_uuid(Uuid::new_v4()), kind).await
}

/// Whether the command says something of an agent's connection that is no longer so: commands of several workers may
/// overtake each other.
pub(crate) async fn is_outdated(
    context: &Context,
    tenant: &TenantId,
    kind: &CommandKind,
) -> Result<bool, WorkerError> {
    let (agent, claimed) = match kind {
        CommandKind::AgentConnected { agent } => (agent, true),
        CommandKind::AgentDisconnected { agent } => (agent, false),
        _ => return Ok(false),
    };
    let presence = context.bus.presence();
    let look = || presence.is_connected(PresenceKind::Agent, tenant, agent);
    let connected = context.persist::<_, BusError, _>("looking for a connection", look).await?;
    Ok(connected != claimed)
}

/// Compares keys and database at once and then now and then, until the worker stops.
pub(crate) async fn reconcile(context: Arc<Context>) {
    let mut due = tokio::time::interval(RECONCILE);
    due.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut backoff = Backoff::new();
    loop {
        tokio::select! {
            () = context.stop.cancelled() => return,
            _ = due.tick() => {}
        }
        match reconcile_all(&context).await {
            Ok(()) => backoff = Backoff::new(),
            Err(error) => {
                warn!(%error, "presence is not compared for now");
                backoff.wait(&context.stop).await;
            }
        }
    }
}

async fn reconcile_all(context: &Context) -> Result<(), WorkerError> {
    for tenant in context.store.tenants().await? {
        let store = context.store.tenant(&tenant.id).await?;
        let agents = store.agents().await?;
        let looks: Vec<_> = agents.iter().map(|agent| reconcile_one(context, &tenant.id, agent)).collect();
        let mut looks = stream::iter(looks).buffer_unordered(LOOKUPS);
        while let Some(outcome) = looks.next().await {
            outcome?;
        }
    }
    Ok(())
}

async fn reconcile_one(context: &Context, tenant: &TenantId, agent: &Agent) -> Result<(), BusError> {
    let connected = context.bus.presence().is_connected(PresenceKind::Agent, tenant, &agent.id).await?;
    match (agent.connected, connected) {
        (false, true) => {
            info!(tenant = %tenant, agent = %agent.id, "an agent is connected whom the database holds for gone");
            came(context, tenant, &agent.id).await
        }
        (true, false) => {
            info!(tenant = %tenant, agent = %agent.id, "an agent is gone whom the database holds for connected");
            went(context, tenant, &agent.id).await
        }
        _ => Ok(()),
    }
}
