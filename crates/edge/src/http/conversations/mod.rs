//! Conversations: read them, write into them, change their state.

pub(crate) mod close;
pub(crate) mod get;
pub(crate) mod history;
pub(crate) mod list;
pub(crate) mod queue;
pub(crate) mod read;
pub(crate) mod reopen;
pub(crate) mod requeue;
pub(crate) mod send;
pub(crate) mod transcript;
pub(crate) mod typing;

use axum::Json;
use confab_auth::permissions::{Action, Relation, authorize};
use confab_domain::{CommandKind, Conversation};
use confab_protocol::ConversationId;
use confab_protocol::api::ConversationResponse;

use crate::commands;
use crate::error::EdgeError;
use crate::http::extract::RequestKey;
use crate::identity::Identity;
use crate::state::EdgeState;

/// The conversation as the database has it, for somebody who may do `action` with it. Staff own a conversation that
/// they answer, or answered last.
pub(super) async fn permitted(
    state: &EdgeState,
    who: &Identity,
    action: Action,
    id: &ConversationId,
) -> Result<Conversation, EdgeError> {
    state.access.conversation(who, id).await?;
    let conversation = state.store.tenant(&who.tenant).await?.conversation(id).await?;
    let conversation = conversation.ok_or_else(|| EdgeError::not_found("conversation"))?;
    authorize(who.role, action, Some(relation(who, &conversation)))?;
    Ok(conversation)
}

fn relation(who: &Identity, conversation: &Conversation) -> Relation {
    let answers = conversation.agent.as_ref().or(conversation.last_agent.as_ref());
    let own = if who.role.is_staff() {
        answers.is_some_and(|agent| agent.id == who.user_id)
    } else {
        conversation.customer.id == who.user_id
    };
    if own { Relation::Own } else { Relation::Tenant }
}

/// Gives a command on a conversation for somebody who was permitted it, and answers with the state after it.
pub(super) async fn change(
    state: &EdgeState,
    who: &Identity,
    key: RequestKey,
    kind: CommandKind,
) -> Result<Json<ConversationResponse>, EdgeError> {
    let id = match &key.0 {
        Some(key) => {
            let target = kind.conversation().map_or("", ConversationId::as_str);
            commands::id_of_key(who.user_id.as_str(), kind.name(), target, key)
        }
        None => commands::new_id(&state.clock),
    };
    let conversation = commands::execute(state, who, kind, id).await?.into_conversation()?;
    Ok(Json(ConversationResponse { conversation }))
}
