//! `POST /api/conversations/{id}/reopen`: goes on with a conversation that has ended.

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

/// Go on with a conversation that has ended.
///
/// It returns to the agent it had if they are there and have a slot, else to the queue.
#[utoipa::path(
    post,
    path = "/api/conversations/{id}/reopen",
    tag = "conversations",
    params(
        ("id" = ConversationId, Path, description = "The conversation."),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes repeating the request safe."),
    ),
    responses((status = 200, description = "The conversation, active or waiting.", body = ConversationResponse)),
)]
pub(crate) async fn reopen_conversation(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    key: RequestKey,
    At(id): At<ConversationId>,
) -> Result<Json<ConversationResponse>, EdgeError> {
    permitted(&state, &who, Action::ReopenConversation, &id).await?;
    change(&state, &who, key, CommandKind::Reopen { conversation: id }).await
}
