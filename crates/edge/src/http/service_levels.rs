//! `GET` and `PUT /api/admin/service-levels`: business hours, holidays and targets.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use confab_auth::permissions::{Action, Relation, authorize};
use confab_domain::TenantSettings;
use confab_domain::calendar::Calendar;
use confab_protocol::ErrorCode;
use confab_protocol::api::{Problem, ServiceLevels};

use crate::audit;
use crate::error::EdgeError;
use crate::http::etag::{IfMatch, edited, tagged};
use crate::http::extract::{Body, Caller};
use crate::state::EdgeState;

/// Read business hours, holidays and targets.
#[utoipa::path(
    get,
    path = "/api/admin/service-levels",
    tag = "administration",
    responses((status = 200, description = "The service levels.", body = ServiceLevels)),
)]
pub(crate) async fn get_service_levels(
    State(state): State<EdgeState>,
    Caller(who): Caller,
) -> Result<Response, EdgeError> {
    authorize(who.role, Action::ReadServiceLevels, Some(Relation::Tenant))?;
    let (settings, version) = state.store.tenant(&who.tenant).await?.versioned_settings().await?;
    Ok(tagged(version, settings.service_levels).into_response())
}

/// Replace business hours, holidays and targets.
///
/// They hold for tickets made, reopened or made more urgent from now on.
#[utoipa::path(
    put,
    path = "/api/admin/service-levels",
    tag = "administration",
    params(("If-Match" = Option<String>, Header, description = "The `ETag` of the settings as they were read.")),
    request_body = ServiceLevels,
    responses(
        (status = 200, description = "The service levels after it.", body = ServiceLevels),
        (status = 412, description = "`precondition_failed`: they have changed since they were read.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn put_service_levels(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    if_match: IfMatch,
    Body(levels): Body<ServiceLevels>,
) -> Result<Response, EdgeError> {
    authorize(who.role, Action::SetServiceLevels, Some(Relation::Tenant))?;
    Calendar::of(&levels).map_err(|error| EdgeError::new(ErrorCode::Invalid, error.to_string()))?;
    let store = state.store.tenant(&who.tenant).await?;
    let (settings, version) = store.versioned_settings().await?;
    let version = if_match.check(version)?;
    let settings = TenantSettings { service_levels: levels.clone(), ..settings };
    store.change_settings(&settings, version).await.map_err(edited)?;
    audit::note(&state, &who, "set_service_levels", ("tenant", &who.tenant)).await;
    Ok(tagged(version + 1, levels).into_response())
}
