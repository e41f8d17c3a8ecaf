//! `POST /api/conversations/{id}/close`: ends a conversation.

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

/// End a conversation.
///
/// The agent's slot is free at once; closing what is closed changes nothing.
#[utoipa::path(
    post,
    path = "/api/conversations/{id}/close",
    tag = "conversations",
    params(
        ("id" = ConversationId, Path, description = "The conversation."),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes repeating the request safe."),
    ),
    responses((status = 200, description = "The conversation, closed.", body = ConversationResponse)),
)]
pub(crate) async fn close_conversation(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    key: RequestKey,
    At(id): At<ConversationId>,
) -> Result<Json<ConversationResponse>, EdgeError> {
    permitted(&state, &who, Action::CloseConversation, &id).await?;
    change(&state, &who, key, CommandKind::Close { conversation: id }).await
}
