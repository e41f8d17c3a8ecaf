//! `PUT /api/admin/webhooks/{id}`: changes a receiver, switches it on and off, gives it a new secret.

use axum::extract::State;
use confab_auth::webhooks::new_secret;
use confab_protocol::api::{WebhookEdit, WebhookView};

use super::{check_description, check_url, view};
use crate::audit;
use crate::error::EdgeError;
use crate::http::admin::writer;
use crate::http::etag::{IfMatch, Tagged, edited, tagged};
use crate::http::extract::{At, Body, Caller};
use crate::state::EdgeState;

/// Change a webhook. What already waits to be sent goes by the change, too.
#[utoipa::path(
    put,
    path = "/api/admin/webhooks/{id}",
    tag = "administration",
    params(
        ("id" = String, Path, description = "The webhook."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that was read."),
    ),
    request_body = WebhookEdit,
    responses((status = 200, description = "The webhook, with its secret if that is new.", body = WebhookView)),
)]
pub(crate) async fn update_webhook(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(id): At<String>,
    if_match: IfMatch,
    Body(request): Body<WebhookEdit>,
) -> Result<Tagged<WebhookView>, EdgeError> {
    let store = writer(&state, &who).await?;
    let mut webhook = store.webhook(&id).await?.ok_or_else(|| EdgeError::not_found("webhook"))?;
    let version = if_match.check(webhook.version)?;
    if let Some(url) = request.url {
        check_url("url", &url, state.config.events.allow_private_addresses, "events")?;
        webhook.url = url;
    }
    if let Some(description) = request.description {
        check_description(&description)?;
        webhook.description = description;
    }
    webhook.events = request.events.unwrap_or(webhook.events);
    if let Some(enabled) = request.enabled {
        if enabled && !webhook.enabled {
            (webhook.failing_since, webhook.disabled_reason) = (None, None);
        }
        webhook.enabled = enabled;
    }
    if request.new_secret {
        webhook.secret = new_secret();
    }
    webhook.version = version + 1;
    store.change_webhook(&webhook, version).await.map_err(edited)?;
    audit::note(&state, &who, "update_webhook", ("webhook", &webhook.id)).await;
    let secret = request.new_secret.then(|| webhook.secret.clone());
    Ok(tagged(webhook.version, WebhookView { secret, ..view(webhook) }))
}
