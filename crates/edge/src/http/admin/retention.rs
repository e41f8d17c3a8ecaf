//! `GET /api/admin/retention`, `PUT /api/admin/retention`: how long what was said and attached is kept.

use axum::extract::State;
use confab_protocol::ErrorCode;
use confab_protocol::api::RetentionBody;

use super::{reader, writer};
use crate::audit;
use crate::error::EdgeError;
use crate::http::etag::{IfMatch, Tagged, edited, tagged};
use crate::http::extract::{Body, Caller};
use crate::state::EdgeState;

/// Name of the setting in a tenant's database.
const SETTING: &str = "retention";
const MAX_DAYS: u32 = 3650;

/// The tenant's retention.
#[utoipa::path(
    get,
    path = "/api/admin/retention",
    tag = "administration",
    responses((status = 200, description = "The retention; its version as `ETag`.", body = RetentionBody)),
)]
pub(crate) async fn get_retention(
    State(state): State<EdgeState>,
    Caller(who): Caller,
) -> Result<Tagged<RetentionBody>, EdgeError> {
    let (body, version) = reader(&state, &who).await?.setting::<RetentionBody>(SETTING).await?;
    Ok(tagged(version, body.unwrap_or_default()))
}

/// Replace the tenant's retention. What is older is deleted within a quarter of an hour, and can't be had back.
#[utoipa::path(
    put,
    path = "/api/admin/retention",
    tag = "administration",
    params(("If-Match" = Option<String>, Header, description = "The `ETag` that was read.")),
    request_body = RetentionBody,
    responses((status = 200, description = "The retention as it is now.", body = RetentionBody)),
)]
pub(crate) async fn put_retention(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    if_match: IfMatch,
    Body(request): Body<RetentionBody>,
) -> Result<Tagged<RetentionBody>, EdgeError> {
    let store = writer(&state, &who).await?;
    for days in [request.message_days, request.attachment_days].into_iter().flatten() {
        if !(1..=MAX_DAYS).contains(&days) {
            return Err(EdgeError::new(
                ErrorCode::Invalid,
                format!("days have to be 1 to {MAX_DAYS}, or left out"),
            ));
        }
    }
    let (_, version) = store.setting::<RetentionBody>(SETTING).await?;
    let version = if_match.check(version)?;
    store.put_setting(SETTING, &request, version).await.map_err(edited)?;
    audit::note(&state, &who, "update_retention", ("tenant", &who.tenant)).await;
    Ok(tagged(version + 1, request))
}
