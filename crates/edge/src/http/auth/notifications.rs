//! `GET /api/me/notifications`, `PUT /api/me/notifications`: which e-mail one wants.

use axum::extract::State;
use confab_protocol::api::NotificationsBody;

use crate::error::EdgeError;
use crate::http::etag::{IfMatch, Tagged, edited, tagged};
use crate::http::extract::{Body, Caller};
use crate::state::EdgeState;

/// Which e-mail you want. Everything, until you say otherwise.
#[utoipa::path(
    get,
    path = "/api/me/notifications",
    tag = "auth",
    responses((status = 200, description = "What you want; its version as `ETag`.", body = NotificationsBody)),
)]
pub(crate) async fn get_notifications(
    State(state): State<EdgeState>,
    Caller(who): Caller,
) -> Result<Tagged<NotificationsBody>, EdgeError> {
    let store = state.store.tenant(&who.tenant).await?;
    let (wants, version) = store.notifications(&who.user_id).await?;
    Ok(tagged(version, wants))
}

/// Say which e-mail you want.
#[utoipa::path(
    put,
    path = "/api/me/notifications",
    tag = "auth",
    params(("If-Match" = Option<String>, Header, description = "The `ETag` that was read.")),
    request_body = NotificationsBody,
    responses((status = 200, description = "What you want now.", body = NotificationsBody)),
)]
pub(crate) async fn put_notifications(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    if_match: IfMatch,
    Body(request): Body<NotificationsBody>,
) -> Result<Tagged<NotificationsBody>, EdgeError> {
    let store = state.store.tenant(&who.tenant).await?;
    let (_, version) = store.notifications(&who.user_id).await?;
    let version = if_match.check(version)?;
    store.put_notifications(&who.user_id, &request, version).await.map_err(edited)?;
    Ok(tagged(version + 1, request))
}
