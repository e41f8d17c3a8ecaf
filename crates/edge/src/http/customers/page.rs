//! `PUT /api/customer/{id}/page`: a customer's browser tells where they are now.

use axum::extract::State;
use confab_auth::permissions::{Action, Relation, authorize};
use confab_protocol::UserId;
use confab_protocol::api::CustomerDetails;
use http::StatusCode;

use super::check_details;
use crate::error::EdgeError;
use crate::http::extract::{At, Body, Caller};
use crate::state::EdgeState;

/// Tell the desk the page you are on, your device, and attributes: customers about themselves.
#[utoipa::path(
    put,
    path = "/api/customer/{id}/page",
    tag = "customers",
    params(("id" = UserId, Path, description = "The customer.")),
    request_body = CustomerDetails,
    responses((status = 204, description = "It is kept.")),
)]
pub(crate) async fn put_page(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(id): At<UserId>,
    Body(details): Body<CustomerDetails>,
) -> Result<StatusCode, EdgeError> {
    let relation = Relation::of(&who.tenant, &who.tenant, id == who.user_id);
    authorize(who.role, Action::TellPage, relation)?;
    check_details(&details)?;
    let store = state.store.tenant(&who.tenant).await?;
    store.note_customer(&id, &details, state.clock.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
