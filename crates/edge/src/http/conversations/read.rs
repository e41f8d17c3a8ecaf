//! `POST /api/conversations/{id}/read`: says how far one has got.

use axum::extract::State;
use confab_auth::permissions::{Action, authorize};
use confab_protocol::api::ReadRequest;
use confab_protocol::{ConversationId, ErrorCode};
use http::StatusCode;

use crate::error::EdgeError;
use crate::http::extract::{At, Body, Caller};
use crate::state::EdgeState;

/// Say how far you have got: the highest sequence received, and the highest seen on screen.
///
/// Both only grow; a smaller number than before changes nothing.
#[utoipa::path(
    post,
    path = "/api/conversations/{id}/read",
    tag = "conversations",
    params(("id" = ConversationId, Path, description = "The conversation.")),
    request_body = ReadRequest,
    responses((status = 204, description = "The others are told.")),
)]
pub(crate) async fn mark_read(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(id): At<ConversationId>,
    Body(request): Body<ReadRequest>,
) -> Result<StatusCode, EdgeError> {
    if request.delivered.is_none() && request.read.is_none() {
        return Err(EdgeError::new(ErrorCode::Invalid, "name delivered, read or both"));
    }
    let relation = state.access.conversation(&who, &id).await?;
    authorize(who.role, Action::ReadHistory, Some(relation))?;
    state.hub.receipt(&who, &id, request.delivered, request.read).await?;
    Ok(StatusCode::NO_CONTENT)
}
