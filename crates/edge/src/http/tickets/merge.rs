//! `POST /api/tickets/{id}/merge`: a duplicate goes into the ticket that stays.

use axum::Json;
use axum::extract::State;
use confab_auth::permissions::Action;
use confab_domain::CommandKind;
use confab_protocol::TicketId;
use confab_protocol::api::{MergeTicketRequest, Problem, TicketView};

use super::{change, permitted};
use crate::error::EdgeError;
use crate::http::extract::{At, Body, Caller, RequestKey};
use crate::state::EdgeState;

/// Merge a duplicate into the ticket that stays.
///
/// Its conversations and labels go over, and it is closed; both have to be of one customer.
#[utoipa::path(
    post,
    path = "/api/tickets/{id}/merge",
    tag = "tickets",
    params(
        ("id" = TicketId, Path, description = "The duplicate."),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes repeating the request safe."),
    ),
    request_body = MergeTicketRequest,
    responses(
        (status = 200, description = "The ticket that stays.", body = TicketView),
        (status = 409, description = "`invalid_transition`: one of them was merged before.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn merge_ticket(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    RequestKey(key): RequestKey,
    At(id): At<TicketId>,
    Body(request): Body<MergeTicketRequest>,
) -> Result<Json<TicketView>, EdgeError> {
    permitted(&state, &who, Action::MergeTickets, &id).await?;
    permitted(&state, &who, Action::MergeTickets, &request.into).await?;
    let kind = CommandKind::MergeTicket { ticket: id, into: request.into };
    change(&state, &who, key.as_deref(), kind).await.map(Json)
}
