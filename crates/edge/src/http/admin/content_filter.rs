//! `GET /api/admin/content-filter`, `PUT /api/admin/content-filter`: what the tenant doesn't want written.

use axum::extract::State;
use confab_protocol::api::ContentFilterBody;

use super::{reader, writer};
use crate::audit;
use crate::error::EdgeError;
use crate::filter::{Filter, SETTING};
use crate::http::etag::{IfMatch, Tagged, edited, tagged};
use crate::http::extract::{Body, Caller};
use crate::state::EdgeState;

/// The tenant's content filter.
#[utoipa::path(
    get,
    path = "/api/admin/content-filter",
    tag = "administration",
    responses((status = 200, description = "The filter; its version as `ETag`.", body = ContentFilterBody)),
)]
pub(crate) async fn get_content_filter(
    State(state): State<EdgeState>,
    Caller(who): Caller,
) -> Result<Tagged<ContentFilterBody>, EdgeError> {
    let (body, version) = reader(&state, &who).await?.setting::<ContentFilterBody>(SETTING).await?;
    Ok(tagged(version, body.unwrap_or_default()))
}

/// Replace the tenant's content filter. Every edge applies it within seconds, to messages sent from then on.
#[utoipa::path(
    put,
    path = "/api/admin/content-filter",
    tag = "administration",
    params(("If-Match" = Option<String>, Header, description = "The `ETag` that was read.")),
    request_body = ContentFilterBody,
    responses((status = 200, description = "The filter as it is now.", body = ContentFilterBody)),
)]
pub(crate) async fn put_content_filter(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    if_match: IfMatch,
    Body(request): Body<ContentFilterBody>,
) -> Result<Tagged<ContentFilterBody>, EdgeError> {
    let store = writer(&state, &who).await?;
    Filter::new(&request)?;
    let (_, version) = store.setting::<ContentFilterBody>(SETTING).await?;
    let version = if_match.check(version)?;
    store.put_setting(SETTING, &request, version).await.map_err(edited)?;
    audit::note(&state, &who, "update_content_filter", ("tenant", &who.tenant)).await;
    Ok(tagged(version + 1, request))
}
