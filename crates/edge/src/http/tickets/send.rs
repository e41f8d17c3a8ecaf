//! `POST /api/tickets/{id}/messages`: writes on a ticket, into the conversation that goes on or one that begins.

use axum::Json;
use axum::extract::State;
use confab_auth::permissions::{Action, Relation, authorize};
use confab_domain::{CommandKind, Ticket};
use confab_protocol::api::{ConversationStatus, TicketMessageRequest, TicketMessageResponse};
use confab_protocol::{Channel, ConversationId, ErrorCode, TicketId};
use http::StatusCode;

use super::permitted;
use crate::commands;
use crate::error::EdgeError;
use crate::form;
use crate::http::conversations;
use crate::http::extract::{At, Body, Caller};
use crate::identity::Identity;
use crate::messages::{self, Outgoing, Said};
use crate::state::EdgeState;

/// Write on a ticket.
///
/// The message goes into the newest conversation; one that has ended is reopened for it, by who may do so. A private
/// note is added without that.
/// On a ticket without a conversation the customer's message begins one.
#[utoipa::path(
    post,
    path = "/api/tickets/{id}/messages",
    tag = "tickets",
    params(("id" = TicketId, Path, description = "The ticket.")),
    request_body = TicketMessageRequest,
    responses(
        (status = 201, description = "Stored.", body = TicketMessageResponse),
        (status = 200, description = "It had been stored before.", body = TicketMessageResponse),
        (
            status = 409,
            description = "`conversation_closed`: the ticket has no conversation to write into.",
            body = confab_protocol::api::Problem,
            content_type = "application/problem+json",
        ),
    ),
)]
pub(crate) async fn send_ticket_message(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(id): At<TicketId>,
    Body(request): Body<TicketMessageRequest>,
) -> Result<(StatusCode, Json<TicketMessageResponse>), EdgeError> {
    let ticket = permitted(&state, &who, Action::ReadTickets, &id).await?;
    form::text("text", &request.text, state.config.limits.max_message_chars)?;
    let answer = match ticket.conversations.last() {
        Some(last) => write(&state, &who, last, request).await?,
        None => begin(&state, &who, &ticket, request).await?,
    };
    let status = if answer.duplicate { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(answer)))
}

async fn write(
    state: &EdgeState,
    who: &Identity,
    id: &ConversationId,
    request: TicketMessageRequest,
) -> Result<TicketMessageResponse, EdgeError> {
    let channel = if request.note { Channel::Notes(id.clone()) } else { Channel::Conversation(id.clone()) };
    let relation = state.access.conversation(who, id).await?;
    authorize(who.role, messages::action(&channel), Some(relation))?;
    let conversation = conversations::permitted(state, who, Action::ReadHistory, id).await?;
    if conversation.status == ConversationStatus::Closed && !request.note {
        conversations::permitted(state, who, Action::ReopenConversation, id).await?;
        let kind = CommandKind::Reopen { conversation: id.clone() };
        commands::execute(state, who, kind, commands::new_id(&state.clock)).await?;
    }
    let said = Said::Text(request.text);
    let message = Outgoing { channel, client_id: request.client_id, said, known: None };
    let stored = state.messages.begin(who, message, None, false).await?.finish().await?;
    Ok(TicketMessageResponse {
        conversation_id: id.clone(),
        seq: Some(stored.seq),
        duplicate: stored.duplicate,
    })
}

async fn begin(
    state: &EdgeState,
    who: &Identity,
    ticket: &Ticket,
    request: TicketMessageRequest,
) -> Result<TicketMessageResponse, EdgeError> {
    if who.role.is_staff() || request.note {
        let message = "the ticket has no conversation yet; its customer begins it";
        return Err(EdgeError::new(ErrorCode::ConversationClosed, message));
    }
    authorize(who.role, Action::StartChat, Some(Relation::Own))?;
    let message = match state.messages.filtered(who, Said::Text(request.text.clone())).await? {
        Said::Text(text) => text,
        Said::Attached(..) => request.text,
    };
    let kind = CommandKind::Start {
        conversation: commands::new_conversation(state).await?,
        ticket: ticket.id.clone(),
        customer: ticket.customer.clone(),
        issue_type: ticket.category.as_str().to_owned(),
        team: None,
        priority: ticket.priority,
        client_id: request.client_id.clone(),
        message,
        continues: true,
    };
    let id = commands::id_for(state, who, "start", ticket.id.as_str(), Some(request.client_id.as_str()));
    let conversation = commands::execute(state, who, kind, id).await?.into_conversation()?;
    Ok(TicketMessageResponse { conversation_id: conversation.id, seq: None, duplicate: false })
}
