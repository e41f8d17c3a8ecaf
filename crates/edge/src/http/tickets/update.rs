//! `PUT` and `PATCH /api/tickets/{id}`: changes a ticket.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use confab_auth::permissions::Action;
use confab_domain::CommandKind;
use confab_protocol::TicketId;
use confab_protocol::api::{Problem, TicketView, UpdateTicketRequest};

use super::{change, edit, permitted};
use crate::error::EdgeError;
use crate::http::etag::{IfMatch, tagged};
use crate::http::extract::{At, Body, Caller, RequestKey};
use crate::state::EdgeState;

/// Change a ticket; what is left out stays as it is.
///
/// With `If-Match` the change is made only on the version that was read.
/// A status that can't follow is refused with those that can.
#[utoipa::path(
    put,
    path = "/api/tickets/{id}",
    tag = "tickets",
    params(
        ("id" = TicketId, Path, description = "The ticket."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` of the ticket as it was read."),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes repeating the request safe."),
    ),
    request_body = UpdateTicketRequest,
    responses(
        (status = 200, description = "The ticket after it.", body = TicketView),
        (status = 409, description = "`invalid_transition`: `possible` names the steps that are.", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "`precondition_failed`: it has changed since it was read.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn update_ticket(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    RequestKey(key): RequestKey,
    IfMatch(expected): IfMatch,
    At(id): At<TicketId>,
    Body(request): Body<UpdateTicketRequest>,
) -> Result<Response, EdgeError> {
    let edit = edit::of_update(request, state.config.limits.max_message_chars, state.clock.now())?;
    permitted(&state, &who, Action::UpdateTicket, &id).await?;
    let kind = CommandKind::UpdateTicket { ticket: id, expected, edit };
    let view = change(&state, &who, key.as_deref(), kind).await?;
    Ok(tagged(view.version, view).into_response())
}
