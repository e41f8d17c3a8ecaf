//! `POST` and `DELETE /api/conversations/{id}/snooze`: puts a conversation aside, and takes it up again.

use axum::Json;
use axum::extract::State;
use confab_auth::permissions::Action;
use confab_domain::CommandKind;
use confab_protocol::ConversationId;
use confab_protocol::api::{ConversationResponse, SnoozeRequest};

use super::{change, permitted};
use crate::error::EdgeError;
use crate::http::extract::{At, Body, Caller, RequestKey};
use crate::http::tickets::edit;
use crate::state::EdgeState;

/// Put a conversation aside until a time.
///
/// Its agent's slot is free at once; when the time comes it goes back to them, or to the queue if they are not free.
#[utoipa::path(
    post,
    path = "/api/conversations/{id}/snooze",
    tag = "conversations",
    params(("id" = ConversationId, Path, description = "The conversation.")),
    request_body = SnoozeRequest,
    responses((status = 200, description = "The conversation, put aside.", body = ConversationResponse)),
)]
pub(crate) async fn snooze_conversation(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    key: RequestKey,
    At(id): At<ConversationId>,
    Body(request): Body<SnoozeRequest>,
) -> Result<Json<ConversationResponse>, EdgeError> {
    let until = edit::snooze("until", request.until, state.clock.now())?;
    permitted(&state, &who, Action::SnoozeConversation, &id).await?;
    change(&state, &who, key, CommandKind::Snooze { conversation: id, until }).await
}

/// Take up a conversation before its time.
#[utoipa::path(
    delete,
    path = "/api/conversations/{id}/snooze",
    tag = "conversations",
    params(("id" = ConversationId, Path, description = "The conversation.")),
    responses((status = 200, description = "The conversation after it.", body = ConversationResponse)),
)]
pub(crate) async fn wake_conversation(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    key: RequestKey,
    At(id): At<ConversationId>,
) -> Result<Json<ConversationResponse>, EdgeError> {
    permitted(&state, &who, Action::SnoozeConversation, &id).await?;
    change(&state, &who, key, CommandKind::Wake { conversation: id, until: None }).await
}
