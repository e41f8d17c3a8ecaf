//! `PUT /api/chat/sessions/{id}/status`: changes a conversation by naming the status it is to have.

use axum::Json;
use axum::extract::State;
use confab_auth::permissions::Action;
use confab_domain::CommandKind;
use confab_protocol::ConversationId;
use confab_protocol::api::{ConversationResponse, ConversationStatus, Problem, SessionStatusRequest};

use crate::error::EdgeError;
use crate::http::conversations::{change, permitted};
use crate::http::extract::{At, Body, Caller, RequestKey};
use crate::state::EdgeState;

/// Put a conversation at a status: `closed` ends it, `waiting` puts it into the queue, `active` takes a waiting one or
/// goes on with a closed one.
#[utoipa::path(
    put,
    path = "/api/chat/sessions/{id}/status",
    tag = "chat",
    params(
        ("id" = ConversationId, Path, description = "The conversation."),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes repeating the request safe."),
    ),
    request_body = SessionStatusRequest,
    responses(
        (status = 200, description = "The conversation after it.", body = ConversationResponse),
        (
            status = 409,
            description = "`already_assigned`: another agent has it; `capacity_exceeded`: you have no free slot.",
            body = Problem,
            content_type = "application/problem+json",
        ),
    ),
)]
pub(crate) async fn set_session_status(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    key: RequestKey,
    At(conversation): At<ConversationId>,
    Body(request): Body<SessionStatusRequest>,
) -> Result<Json<ConversationResponse>, EdgeError> {
    let now = permitted(&state, &who, Action::ReadHistory, &conversation).await?.status;
    let (action, kind) = match (request.status, now) {
        (ConversationStatus::Closed, _) => {
            (Action::CloseConversation, CommandKind::Close { conversation: conversation.clone() })
        }
        (ConversationStatus::Waiting, _) => {
            (Action::RequeueConversation, CommandKind::Requeue { conversation: conversation.clone() })
        }
        (ConversationStatus::Active, ConversationStatus::Closed) => {
            (Action::ReopenConversation, CommandKind::Reopen { conversation: conversation.clone() })
        }
        (ConversationStatus::Active, _) => {
            let accept =
                CommandKind::Accept { conversation: conversation.clone(), agent: who.user_id.clone() };
            (Action::AcceptConversation, accept)
        }
    };
    permitted(&state, &who, action, &conversation).await?;
    change(&state, &who, key, kind).await
}
