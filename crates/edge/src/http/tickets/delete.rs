//! `DELETE /api/tickets/{id}`: takes a ticket away.

use axum::extract::State;
use confab_auth::permissions::Action;
use confab_domain::CommandKind;
use confab_protocol::TicketId;
use confab_protocol::api::Problem;
use http::StatusCode;

use super::permitted;
use crate::commands;
use crate::error::EdgeError;
use crate::http::etag::IfMatch;
use crate::http::extract::{At, Caller};
use crate::state::EdgeState;

/// Take a ticket away; only one on which no conversation goes on.
///
/// Nobody finds it afterwards; what was done with it stays in the audit log.
#[utoipa::path(
    delete,
    path = "/api/tickets/{id}",
    tag = "tickets",
    params(
        ("id" = TicketId, Path, description = "The ticket."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the ticket as it was read."),
    ),
    responses(
        (status = 204, description = "It is gone."),
        (status = 409, description = "`invalid_transition`: a conversation on it goes on.", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "`precondition_failed`: it has changed since it was read.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn delete_ticket(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    IfMatch(expected): IfMatch,
    At(id): At<TicketId>,
) -> Result<StatusCode, EdgeError> {
    permitted(&state, &who, Action::DeleteTicket, &id).await?;
    let kind = CommandKind::DeleteTicket { ticket: id, expected };
    commands::execute(&state, &who, kind, commands::new_id(&state.clock)).await?;
    Ok(StatusCode::NO_CONTENT)
}
