//! `GET /api/admin/webhooks`, `GET /api/admin/webhooks/{id}`: the receivers of events.

use axum::Json;
use axum::extract::State;
use confab_protocol::api::WebhookView;

use super::view;
use crate::error::EdgeError;
use crate::http::admin::reader;
use crate::http::etag::{Tagged, tagged};
use crate::http::extract::{At, Caller};
use crate::state::EdgeState;

/// The tenant's webhooks.
#[utoipa::path(
    get,
    path = "/api/admin/webhooks",
    tag = "administration",
    responses((status = 200, description = "All webhooks.", body = Vec<WebhookView>)),
)]
pub(crate) async fn list_webhooks(
    State(state): State<EdgeState>,
    Caller(who): Caller,
) -> Result<Json<Vec<WebhookView>>, EdgeError> {
    let webhooks = reader(&state, &who).await?.webhooks().await?;
    Ok(Json(webhooks.into_iter().map(view).collect()))
}

/// One webhook; its version as `ETag`.
#[utoipa::path(
    get,
    path = "/api/admin/webhooks/{id}",
    tag = "administration",
    params(("id" = String, Path, description = "The webhook.")),
    responses((status = 200, description = "The webhook, without its secret.", body = WebhookView)),
)]
pub(crate) async fn get_webhook(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(id): At<String>,
) -> Result<Tagged<WebhookView>, EdgeError> {
    let webhook = reader(&state, &who).await?.webhook(&id).await?;
    let webhook = webhook.ok_or_else(|| EdgeError::not_found("webhook"))?;
    Ok(tagged(webhook.version, view(webhook)))
}
