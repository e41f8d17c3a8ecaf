//! `GET /api/tickets/{id}`: one ticket.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use confab_auth::permissions::Action;
use confab_protocol::TicketId;
use confab_protocol::api::TicketView;

use super::{permitted, shown};
use crate::error::EdgeError;
use crate::http::etag::tagged;
use crate::http::extract::{At, Caller};
use crate::state::EdgeState;

/// One ticket.
#[utoipa::path(
    get,
    path = "/api/tickets/{id}",
    tag = "tickets",
    params(("id" = TicketId, Path, description = "The ticket.")),
    responses((status = 200, description = "The ticket; `ETag` is its version.", body = TicketView)),
)]
pub(crate) async fn get_ticket(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(id): At<TicketId>,
) -> Result<Response, EdgeError> {
    let ticket = permitted(&state, &who, Action::ReadTickets, &id).await?;
    let store = state.store.tenant(&who.tenant).await?;
    let mut shown = shown(&store, &who, vec![ticket.view()]).await?;
    let view = shown.pop().ok_or_else(|| EdgeError::not_found("ticket"))?;
    Ok(tagged(view.version, view).into_response())
}
