//! Conversations: read them, write into them, change their state.

pub(crate) mod close;
pub(crate) mod escalate;
pub(crate) mod get;
pub(crate) mod history;
pub(crate) mod human;
pub(crate) mod labels;
pub(crate) mod list;
pub(crate) mod queue;
pub(crate) mod read;
pub(crate) mod reopen;
pub(crate) mod requeue;
pub(crate) mod send;
pub(crate) mod snooze;
pub(crate) mod survey;
pub(crate) mod transcript;
pub(crate) mod typing;

use axum::Json;
use confab_auth::permissions::{Action, Relation, authorize};
use confab_domain::{CommandKind, Conversation};
use confab_protocol::ConversationId;
use confab_protocol::api::{ConversationResponse, ConversationView};

use crate::commands;
use crate::error::EdgeError;
use crate::http::extract::RequestKey;
use crate::identity::Identity;
use crate::state::EdgeState;

/// The conversation as the database has it, for somebody who may do `action` with it. Staff own a conversation that
/// they answer, or answered last.
pub(in crate::http) async fn permitted(
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

/// A conversation as the caller may see it: customers nothing of how the desk sorts its work.
pub(in crate::http) fn shown(who: &Identity, view: ConversationView) -> ConversationView {
    if who.role.is_staff() { view } else { ConversationView { labels: Vec::new(), ..view } }
}

/// Gives a command on a conversation for somebody who was permitted it, and answers with the state after it.
pub(super) async fn change(
    state: &EdgeState,
    who: &Identity,
    key: RequestKey,
    kind: CommandKind,
) -> Result<Json<ConversationResponse>, EdgeError> {
    let target = kind.conversation().map_or("", ConversationId::as_str);
    let id = commands::id_for(state, who, kind.name(), target, key.0.as_deref());
    let conversation = commands::execute(state, who, kind, id).await?.into_conversation()?;
    Ok(Json(ConversationResponse { conversation: shown(who, conversation) }))
}
