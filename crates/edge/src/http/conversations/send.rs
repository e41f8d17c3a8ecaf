//! `POST /api/conversations/{id}/messages`: writes a message, for clients without a live connection.

use axum::Json;
use axum::extract::State;
use confab_protocol::api::{SendRequest, SendResponse};
use confab_protocol::{Channel, ConversationId};
use http::StatusCode;

use crate::error::EdgeError;
use crate::http::extract::{At, Body, Caller};
use crate::messages::{Outgoing, Said};
use crate::state::EdgeState;

/// Write a message, or a private note.
///
/// Answered when the message is stored, which is when others see it.
/// Sending the same `client_id` again stores nothing and answers with the first one's sequence; on a resend long
/// after the first try name the highest sequence known then as `known`.
#[utoipa::path(
    post,
    path = "/api/conversations/{id}/messages",
    tag = "conversations",
    params(("id" = ConversationId, Path, description = "The conversation.")),
    request_body = SendRequest,
    responses(
        (status = 201, description = "Stored.", body = SendResponse),
        (status = 200, description = "It had been stored before.", body = SendResponse),
    ),
)]
pub(crate) async fn send_message(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(id): At<ConversationId>,
    Body(request): Body<SendRequest>,
) -> Result<(StatusCode, Json<SendResponse>), EdgeError> {
    let channel = if request.note { Channel::Notes(id) } else { Channel::Conversation(id) };
    let message = Outgoing {
        channel,
        client_id: request.client_id,
        said: Said::Text(request.text),
        known: request.known,
    };
    let stored = state.messages.send(&who, message).await?;
    let status = if stored.duplicate { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(stored)))
}
