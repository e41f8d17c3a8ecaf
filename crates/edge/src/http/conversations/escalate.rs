//! `POST /api/conversations/{id}/escalate`: makes a conversation more urgent and calls for those who lead.

use axum::Json;
use axum::extract::State;
use confab_auth::permissions::Action;
use confab_domain::CommandKind;
use confab_protocol::ConversationId;
use confab_protocol::api::{ConversationResponse, EscalateRequest};

use super::{change, permitted};
use crate::error::EdgeError;
use crate::form;
use crate::http::extract::{At, Body, Caller, RequestKey};
use crate::state::EdgeState;

/// Escalate a conversation: more urgent, perhaps to another team; supervisors and admins are told.
///
/// The customer sees nothing of it, least of all the note.
#[utoipa::path(
    post,
    path = "/api/conversations/{id}/escalate",
    tag = "conversations",
    params(
        ("id" = ConversationId, Path, description = "The conversation."),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes repeating the request safe."),
    ),
    request_body = EscalateRequest,
    responses((status = 200, description = "The conversation after it.", body = ConversationResponse)),
)]
pub(crate) async fn escalate_conversation(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    key: RequestKey,
    At(id): At<ConversationId>,
    Body(request): Body<EscalateRequest>,
) -> Result<Json<ConversationResponse>, EdgeError> {
    if let Some(note) = &request.note {
        form::text("note", note, state.config.limits.max_message_chars)?;
    }
    if let Some(team) = &request.team {
        form::word("team", team)?;
    }
    permitted(&state, &who, Action::EscalateConversation, &id).await?;
    let EscalateRequest { priority, team, note } = request;
    change(&state, &who, key, CommandKind::Escalate { conversation: id, priority, team, note }).await
}
