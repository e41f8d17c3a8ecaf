//! `POST /api/conversations/{id}/queue`: puts a conversation back into its queue.

use axum::Json;
use axum::extract::State;
use confab_auth::permissions::Action;
use confab_domain::CommandKind;
use confab_protocol::ConversationId;
use confab_protocol::api::ConversationResponse;

use super::{change, permitted};
use crate::error::EdgeError;
use crate::http::extract::{At, Caller, RequestKey};
use crate::state::EdgeState;

/// Put a conversation back into its queue.
///
/// The agent who has it loses it and isn't given it again.
#[utoipa::path(
    post,
    path = "/api/conversations/{id}/queue",
    tag = "conversations",
    params(
        ("id" = ConversationId, Path, description = "The conversation."),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes repeating the request safe."),
    ),
    responses((status = 200, description = "The conversation, waiting or with its next agent.", body = ConversationResponse)),
)]
pub(crate) async fn requeue_conversation(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    key: RequestKey,
    At(id): At<ConversationId>,
) -> Result<Json<ConversationResponse>, EdgeError> {
    permitted(&state, &who, Action::RequeueConversation, &id).await?;
    change(&state, &who, key, CommandKind::Requeue { conversation: id }).await
}
