//! `POST /api/agent/conversations/{id}/accept`: takes a waiting conversation. One agent wins.

use axum::Json;
use axum::extract::State;
use confab_auth::permissions::{Action, authorize};
use confab_domain::CommandKind;
use confab_protocol::ConversationId;
use confab_protocol::api::{ConversationResponse, Problem};

use crate::error::EdgeError;
use crate::http::conversations::change;
use crate::http::extract::{At, Caller, RequestKey};
use crate::state::EdgeState;

/// Take a waiting conversation.
#[utoipa::path(
    post,
    path = "/api/agent/conversations/{id}/accept",
    tag = "agents",
    params(
        ("id" = ConversationId, Path, description = "The conversation."),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes repeating the request safe."),
    ),
    responses(
        (status = 200, description = "It is yours.", body = ConversationResponse),
        (
            status = 409,
            description = "`already_assigned`: another agent has it, `winner` names them; \
                           `capacity_exceeded`: you have no free slot; `invalid_transition`: it is closed.",
            body = Problem,
            content_type = "application/problem+json",
        ),
    ),
)]
pub(crate) async fn accept_conversation(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    key: RequestKey,
    At(id): At<ConversationId>,
) -> Result<Json<ConversationResponse>, EdgeError> {
    let relation = state.access.conversation(&who, &id).await?;
    authorize(who.role, Action::AcceptConversation, Some(relation))?;
    let agent = who.user_id.clone();
    change(&state, &who, key, CommandKind::Accept { conversation: id, agent }).await
}
