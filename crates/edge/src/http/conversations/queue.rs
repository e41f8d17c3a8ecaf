//! `GET /api/conversations/{id}/queue`: the place of a waiting conversation.

use axum::Json;
use axum::extract::State;
use confab_auth::permissions::Action;
use confab_domain::queue::estimated_wait_seconds;
use confab_protocol::api::{ConversationStatus, QueueEntryView};
use confab_protocol::{ConversationId, ErrorCode};

use super::permitted;
use crate::error::EdgeError;
use crate::http::agents::queue::throughput;
use crate::http::extract::{At, Caller};
use crate::state::EdgeState;

/// The place of a waiting conversation, and how long it will probably wait.
#[utoipa::path(
    get,
    path = "/api/conversations/{id}/queue",
    tag = "conversations",
    params(("id" = ConversationId, Path, description = "The conversation.")),
    responses(
        (status = 200, description = "Its place; the estimate is absent when there is nothing to base one on.", body = QueueEntryView),
        (
            status = 409,
            description = "`invalid_transition`: it doesn't wait.",
            body = confab_protocol::api::Problem,
            content_type = "application/problem+json",
        ),
    ),
)]
pub(crate) async fn get_place(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(id): At<ConversationId>,
) -> Result<Json<QueueEntryView>, EdgeError> {
    let conversation = permitted(&state, &who, Action::ViewQueue, &id).await?;
    let store = state.store.tenant(&who.tenant).await?;
    let position = match conversation.status {
        ConversationStatus::Waiting => store.queue_position(&id).await?,
        ConversationStatus::Active | ConversationStatus::Closed => None,
    };
    let Some(position) = position else {
        let message = format!("the conversation is {}; it doesn't wait", conversation.status.as_str());
        return Err(EdgeError::new(ErrorCode::InvalidTransition, message));
    };
    let throughput = throughput(&state, &store).await?;
    Ok(Json(QueueEntryView {
        conversation_id: id,
        queued_at: conversation.queued_at.unwrap_or(conversation.started_at),
        customer: conversation.customer,
        issue_type: conversation.issue_type,
        team: conversation.team,
        priority: conversation.priority,
        position,
        estimated_wait_seconds: estimated_wait_seconds(position, throughput),
    }))
}
