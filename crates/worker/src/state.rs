//! Loads what a command is decided on: only what its kind needs.

use confab_bus::PresenceKind;
use confab_domain::{Agent, Command, CommandKind, Conversation, State, TenantSettings, Ticket};
use confab_protocol::api::ConversationStatus;
use confab_protocol::codec::decode_entry;
use confab_protocol::{UnixMillis, UserId};
use confab_store::TenantStore;

use crate::context::Context;
use crate::error::WorkerError;

/// The records a command concerns, as they are now.
pub(crate) async fn load(
    context: &Context,
    store: &TenantStore,
    settings: &TenantSettings,
    command: &Command,
) -> Result<State, WorkerError> {
    let kind = &command.kind;
    let (conversation, agent) = tokio::try_join!(conversation(store, kind), agent(store, kind.agent()))?;
    let mut state = State { settings: settings.clone(), conversation, agent, ..State::default() };
    if let Some(conversation) = &state.conversation {
        let (ticket, holder) =
            tokio::try_join!(ticket(store, conversation), agent_of(store, kind, conversation))?;
        (state.ticket, state.holder) = (ticket, holder);
    }
    match (kind, &state.conversation) {
        (CommandKind::AgentGraceOver { agent, .. } | CommandKind::ConfigureAgent { agent, .. }, _) => {
            state.held = store.held_by(agent).await?;
        }
        (CommandKind::IdleCheck { .. }, Some(conversation)) => {
            state.last_message_at = last_message_at(context, store, conversation).await?;
        }
        (CommandKind::AbandonCheck { .. }, Some(conversation)) => {
            let customer = &conversation.customer.id;
            let presence = context.bus.presence();
            state.customer_present =
                presence.is_connected(PresenceKind::Customer, &command.tenant, customer).await?;
        }
        _ => {}
    }
    Ok(state)
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

/// Who has the conversation, or had it last when it is closed. Who accepts one takes it from nobody.
async fn agent_of(
    store: &TenantStore,
    kind: &CommandKind,
    conversation: &Conversation,
) -> Result<Option<Agent>, WorkerError> {
    let holder = match (kind, conversation.status) {
        (CommandKind::Accept { .. } | CommandKind::Start { .. }, _) => None,
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
