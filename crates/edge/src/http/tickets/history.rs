//! `GET /api/tickets/{id}/history`: who changed what of a ticket, when.

use axum::Json;
use axum::extract::State;
use confab_auth::permissions::Action;
use confab_domain::TicketStep;
use confab_protocol::api::TicketHistoryPage;
use confab_protocol::{ErrorCode, TicketId};
use serde::Deserialize;
use utoipa::IntoParams;

use super::permitted;
use crate::error::EdgeError;
use crate::http::extract::{At, Caller, Parameters};
use crate::http::page;
use crate::state::EdgeState;

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TicketHistoryParameters {
    /// Where the next page begins, from the page before.
    cursor: Option<String>,
    /// Items on a page, 1 to 100; 50 when absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// Every change of a ticket, oldest first: who, when, which field, from what to what.
#[utoipa::path(
    get,
    path = "/api/tickets/{id}/history",
    tag = "tickets",
    params(("id" = TicketId, Path, description = "The ticket."), TicketHistoryParameters),
    responses((status = 200, description = "A page of changes.", body = TicketHistoryPage)),
)]
pub(crate) async fn get_ticket_history(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(id): At<TicketId>,
    Parameters(parameters): Parameters<TicketHistoryParameters>,
) -> Result<Json<TicketHistoryPage>, EdgeError> {
    let limit = page::limit(parameters.limit)?;
    let after = parameters.cursor.map_or(Ok(0), |cursor| cursor.parse::<u64>());
    let after = after.map_err(|_| {
        EdgeError::new(ErrorCode::Invalid, "the cursor is not one this hub gave out; begin without one")
    })?;
    permitted(&state, &who, Action::ReadTicketHistory, &id).await?;
    let store = state.store.tenant(&who.tenant).await?;
    let steps = store.ticket_steps(&id, after, limit).await?;
    let full = steps.len() >= limit as usize;
    let next_cursor = steps.last().filter(|_| full).map(|last| last.version.to_string());
    Ok(Json(TicketHistoryPage { items: steps.iter().map(TicketStep::view).collect(), next_cursor }))
}
