//! `POST /api/tickets/bulk`: the same change for many tickets, with an outcome for each.

use axum::Json;
use axum::extract::State;
use confab_auth::permissions::{Action, Relation, authorize};
use confab_domain::{CommandKind, TicketEdit};
use confab_protocol::api::{BulkTicketOutcome, BulkTicketRequest, BulkTicketResponse, TicketView};
use confab_protocol::{ErrorCode, TicketId};
use futures::StreamExt as _;
use http::StatusCode;

use super::{change, edit, permitted};
use crate::error::EdgeError;
use crate::http::extract::{Body, Caller, RequestKey};
use crate::http::problem::status_of;
use crate::identity::Identity;
use crate::state::EdgeState;

/// Most tickets of one request.
const MAX_TICKETS: usize = 100;
/// Tickets that are changed at the same time.
const AT_ONCE: usize = 8;

/// Make the same change to many tickets; each succeeds or fails by itself.
#[utoipa::path(
    post,
    path = "/api/tickets/bulk",
    tag = "tickets",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes repeating the request safe.")),
    request_body = BulkTicketRequest,
    responses((status = 200, description = "What became of each.", body = BulkTicketResponse)),
)]
pub(crate) async fn change_tickets(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    RequestKey(key): RequestKey,
    Body(mut request): Body<BulkTicketRequest>,
) -> Result<Json<BulkTicketResponse>, EdgeError> {
    authorize(who.role, Action::UpdateTicket, Some(Relation::Tenant))?;
    let ids = std::mem::take(&mut request.ids);
    if ids.is_empty() || ids.len() > MAX_TICKETS {
        let message = format!("ids has {} tickets; it has to be 1 to {MAX_TICKETS}", ids.len());
        return Err(EdgeError::new(ErrorCode::Invalid, message));
    }
    let edit = edit::of_bulk(request)?;
    let (state, who, key, edit) = (&state, &who, key.as_deref(), &edit);
    let changes = ids.into_iter().map(|id| async move {
        let changed = change_one(state, who, key, &id, edit).await;
        outcome(id, changed)
    });
    let outcomes = futures::stream::iter(changes).buffered(AT_ONCE).collect().await;
    Ok(Json(BulkTicketResponse { outcomes }))
}

async fn change_one(
    state: &EdgeState,
    who: &Identity,
    key: Option<&str>,
    id: &TicketId,
    edit: &TicketEdit,
) -> Result<TicketView, EdgeError> {
    permitted(state, who, Action::UpdateTicket, id).await?;
    let kind = CommandKind::UpdateTicket { ticket: id.clone(), expected: None, edit: edit.clone() };
    change(state, who, key, kind).await
}

fn outcome(id: TicketId, changed: Result<TicketView, EdgeError>) -> BulkTicketOutcome {
    match changed {
        Ok(ticket) => BulkTicketOutcome {
            id,
            status: StatusCode::OK.as_u16(),
            ticket: Some(ticket),
            code: None,
            detail: None,
        },
        Err(error) => BulkTicketOutcome {
            id,
            status: status_of(error.code).as_u16(),
            ticket: None,
            code: Some(error.code),
            detail: Some(error.message),
        },
    }
}
