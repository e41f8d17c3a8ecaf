//! `POST /api/agent/conversations/{id}/take-over`: a lead takes a conversation from its agent.

use axum::Json;
use axum::extract::State;
use confab_auth::permissions::Action;
use confab_domain::{CommandKind, TransferTarget};
use confab_protocol::ConversationId;
use confab_protocol::api::{ConversationResponse, Problem};

use crate::error::EdgeError;
use crate::http::conversations::{change, permitted};
use crate::http::extract::{At, Caller, RequestKey};
use crate::state::EdgeState;

/// Take a conversation from whoever has it; for supervisors and admins.
///
/// To listen, join its channel; to whisper to its agent, write a private note.
#[utoipa::path(
    post,
    path = "/api/agent/conversations/{id}/take-over",
    tag = "agents",
    params(
        ("id" = ConversationId, Path, description = "The conversation."),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes repeating the request safe."),
    ),
    responses(
        (status = 200, description = "It is yours.", body = ConversationResponse),
        (
            status = 409,
            description = "`capacity_exceeded`: you have no free slot; `invalid_transition`: it is closed.",
            body = Problem,
            content_type = "application/problem+json",
        ),
    ),
)]
pub(crate) async fn take_over_conversation(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    key: RequestKey,
    At(id): At<ConversationId>,
) -> Result<Json<ConversationResponse>, EdgeError> {
    permitted(&state, &who, Action::TakeOverConversation, &id).await?;
    let to = TransferTarget::Agent(who.user_id.clone());
    change(&state, &who, key, CommandKind::Transfer { conversation: id, to, note: None }).await
}
