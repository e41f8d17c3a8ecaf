//! `DELETE /api/admin/webhooks/{id}`: a receiver less.

use axum::extract::State;
use http::StatusCode;

use crate::audit;
use crate::error::EdgeError;
use crate::http::admin::writer;
use crate::http::etag::IfMatch;
use crate::http::extract::{At, Caller};
use crate::state::EdgeState;

/// Delete a webhook, with all that is known of its deliveries. What waits to be sent is not sent.
#[utoipa::path(
    delete,
    path = "/api/admin/webhooks/{id}",
    tag = "administration",
    params(
        ("id" = String, Path, description = "The webhook."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that was read."),
    ),
    responses((status = 204, description = "It is gone.")),
)]
pub(crate) async fn delete_webhook(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(id): At<String>,
    if_match: IfMatch,
) -> Result<StatusCode, EdgeError> {
    let store = writer(&state, &who).await?;
    let webhook = store.webhook(&id).await?.ok_or_else(|| EdgeError::not_found("webhook"))?;
    if_match.check(webhook.version)?;
    store.delete_webhook(&id).await?;
    audit::note(&state, &who, "delete_webhook", ("webhook", &id)).await;
    Ok(StatusCode::NO_CONTENT)
}
