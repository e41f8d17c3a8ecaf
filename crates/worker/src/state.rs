//! Loads what a command is decided on: only what its kind needs.

use confab_bus::PresenceKind;
use confab_domain::{Agent, CommandKind, Conversation, ServiceTimes, State, Ticket};
use confab_protocol::api::ConversationStatus;
use confab_protocol::codec::decode_entry;
use confab_protocol::{Role, TenantId, UnixMillis, UserId};
use confab_store::TenantStore;

use crate::context::Context;
use crate::error::WorkerError;

/// The records a command concerns, as they are now.
pub(crate) async fn load(
    context: &Context,
    tenant: &TenantId,
    store: &TenantStore,
    kind: &CommandKind,
) -> Result<State, WorkerError> {
    let (settings, conversation, agent) =
        tokio::try_join!(settings(store), conversation(store, kind), agent(store, kind.agent()))?;
    let mut state = State { settings, conversation, agent, ..State::default() };
    if let Some(conversation) = &state.conversation {
        let (ticket, holder) =
            tokio::try_join!(ticket(store, conversation), agent_of(store, kind, conversation))?;
        (state.ticket, state.holder) = (ticket, holder);
    }
    if let Some(id) = kind.ticket() {
        state.ticket = store.ticket(id).await?;
    }
    if let CommandKind::MergeTicket { into, .. } = kind {
        state.target = store.ticket(into).await?;
    }
    if let Some(ticket) = state.ticket.as_ref().filter(|ticket| concerns_all(kind, ticket)) {
        state.conversations = store.conversations_of(&ticket.conversations).await?;
    }
    match (kind, &state.conversation) {
        (CommandKind::AgentGraceOver { agent, .. } | CommandKind::ConfigureAgent { agent, .. }, _) => {
            state.held = store.held_by(agent).await?;
        }
        (CommandKind::ServiceCheck { .. }, _) => {
            state.service = service_times(context, store, state.ticket.as_ref()).await?;
        }
        (CommandKind::Escalate { .. }, _) => state.leads = leads(store).await?,
        (CommandKind::IdleCheck { .. }, Some(conversation)) => {
            state.last_message_at = last_message_at(context, store, conversation).await?;
        }
        (CommandKind::AbandonCheck { .. }, Some(conversation)) => {
            let customer = &conversation.customer.id;
            let presence = context.bus.presence();
            state.customer_present = presence.is_connected(PresenceKind::Customer, tenant, customer).await?;
        }
        _ => {}
    }
    Ok(state)
}

/// Whether all conversations of the ticket count, not only the one that the command names.
fn concerns_all(kind: &CommandKind, ticket: &Ticket) -> bool {
    let ends = matches!(
        kind,
        CommandKind::Close { .. } | CommandKind::IdleCheck { .. } | CommandKind::AbandonCheck { .. }
    );
    kind.needs_conversations() || (ends && ticket.conversations.len() > 1)
}

async fn settings(store: &TenantStore) -> Result<confab_domain::TenantSettings, WorkerError> {
    Ok(store.settings().await?)
}

async fn conversation(store: &TenantStore, kind: &CommandKind) -> Result<Option<Conversation>, WorkerError> {
    match kind.conversation() {
        Some(id) => Ok(store.conversation(id).await?),
        None => Ok(None),
    }
}

async fn agent(store: &TenantStore, id: Option<&UserId>) -> Result<Option<Agent>, WorkerError> {
    match id {
        Some(id) => Ok(store.agent(id).await?),
        None => Ok(None),
    }
}

async fn ticket(store: &TenantStore, conversation: &Conversation) -> Result<Option<Ticket>, WorkerError> {
    Ok(store.ticket(&conversation.ticket_id).await?)
}

/// When who wrote on the ticket, over all its conversations.
async fn service_times(
    context: &Context,
    store: &TenantStore,
    ticket: Option<&Ticket>,
) -> Result<ServiceTimes, WorkerError> {
    let mut times = ServiceTimes::default();
    for conversation in ticket.iter().flat_map(|ticket| &ticket.conversations) {
        let turns = store.turns(conversation).await?;
        times.first_reply_at = times.first_reply_at.or(turns.first_reply_at);
        times.pauses.extend(turns.awaited.into_iter().map(|(since, until)| since..until));
        times.pauses.extend(turns.awaiting_since.map(|since| since..context.clock.now()));
    }
    Ok(times)
}

/// Supervisors and admins.
async fn leads(store: &TenantStore) -> Result<Vec<UserId>, WorkerError> {
    let agents = store.agents().await?.into_iter();
    let leads = agents.filter(|agent| matches!(agent.role, Role::Supervisor | Role::Admin));
    Ok(leads.map(|agent| agent.id).collect())
}

/// Who has the conversation, or had it last when it is closed or put aside. Who accepts one takes it from nobody.
async fn agent_of(
    store: &TenantStore,
    kind: &CommandKind,
    conversation: &Conversation,
) -> Result<Option<Agent>, WorkerError> {
    let holder = match (kind, conversation.status) {
        (CommandKind::Accept { .. } | CommandKind::Start { .. }, _) => None,
        (_, ConversationStatus::Waiting) if conversation.snoozed_until.is_some() => {
            conversation.last_agent.as_ref()
        }
        (_, ConversationStatus::Closed) => conversation.last_agent.as_ref(),
        _ => conversation.agent.as_ref(),
    };
    agent(store, holder.map(|party| &party.id)).await
}

/// The log knows the newest entry before the database does; if that is no message, the database knows the last one.
async fn last_message_at(
    context: &Context,
    store: &TenantStore,
    conversation: &Conversation,
) -> Result<Option<UnixMillis>, WorkerError> {
    if let Some(stored) = context.bus.log().last(&conversation.channel()).await?
        && let Ok(entry) = decode_entry(&stored.payload)
        && entry.author.id.is_some()
        && entry.body.is_message()
    {
        return Ok(Some(entry.at));
    }
    Ok(store.last_message_at(&conversation.id).await?)
}
