//! `POST /api/conversations/{id}/typing`: tells the others that one types.

use axum::extract::State;
use confab_auth::permissions::{Action, authorize};
use confab_protocol::api::TypingRequest;
use confab_protocol::{Channel, ConversationId};
use http::StatusCode;

use crate::error::EdgeError;
use crate::http::extract::{At, Body, Caller};
use crate::state::EdgeState;

/// Say that you type, or no longer do.
///
/// It lapses by itself; say it again every few seconds while it holds.
#[utoipa::path(
    post,
    path = "/api/conversations/{id}/typing",
    tag = "conversations",
    params(("id" = ConversationId, Path, description = "The conversation.")),
    request_body = TypingRequest,
    responses((status = 204, description = "The others are told.")),
)]
pub(crate) async fn set_typing(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(id): At<ConversationId>,
    Body(request): Body<TypingRequest>,
) -> Result<StatusCode, EdgeError> {
    let relation = state.access.conversation(&who, &id).await?;
    authorize(who.role, Action::SendMessage, Some(relation))?;
    state.hub.typing(&who, &Channel::Conversation(id), request.typing).await?;
    Ok(StatusCode::NO_CONTENT)
}
