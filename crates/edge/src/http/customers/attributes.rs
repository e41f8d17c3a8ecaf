//! `PUT /api/customer/{id}/attributes`: what the desk, or the host's system with a token of the staff, knows of a customer.

use axum::extract::State;
use confab_auth::permissions::{Action, Relation, authorize};
use confab_protocol::api::{AttributesRequest, CustomerProfile};
use confab_protocol::{ErrorCode, UserId};
use confab_store::StoreError;

use super::check_attributes;
use crate::audit;
use crate::error::EdgeError;
use crate::http::conditional::{IfMatch, Versioned};
use crate::http::extract::{At, Body, Caller};
use crate::state::EdgeState;

/// Replace the attributes of a customer. What their browser claimed stays apart.
#[utoipa::path(
    put,
    path = "/api/customer/{id}/attributes",
    tag = "customers",
    params(
        ("id" = UserId, Path, description = "The customer."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that was read; refused with 412 when it has changed."),
    ),
    request_body = AttributesRequest,
    responses((status = 200, description = "What is known of the customer after it.", body = CustomerProfile)),
)]
pub(crate) async fn put_attributes(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(id): At<UserId>,
    IfMatch(version): IfMatch,
    Body(request): Body<AttributesRequest>,
) -> Result<Versioned<CustomerProfile>, EdgeError> {
    authorize(who.role, Action::EditCustomers, Some(Relation::Tenant))?;
    check_attributes(&request.attributes)?;
    let store = state.store.tenant(&who.tenant).await?;
    let before = store.customer(&id).await?.ok_or_else(|| EdgeError::not_found("customer"))?;
    let version = version.unwrap_or(before.version);
    let after =
        store.put_attributes(&id, &request.attributes, version).await.map_err(|error| match error {
            StoreError::Conflict => EdgeError::new(
                ErrorCode::PreconditionFailed,
                "the customer's attributes were changed meanwhile; read them again",
            ),
            other => other.into(),
        })?;
    audit::note(&state, &who, "update_attributes", ("customer", &id)).await;
    Ok(Versioned(after.version, after))
}
