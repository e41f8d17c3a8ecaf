//! `POST /api/admin/webhooks`: a new receiver.

use axum::extract::State;
use confab_auth::webhooks::{is_secret, new_secret};
use confab_protocol::ErrorCode;
use confab_protocol::api::{NewWebhook, WebhookView};
use confab_store::{StoreError, Webhook};
use http::StatusCode;

use super::{check_description, check_url, view};
use crate::audit;
use crate::commands;
use crate::error::EdgeError;
use crate::http::admin::writer;
use crate::http::etag::{Tagged, tagged};
use crate::http::extract::{Body, Caller, RequestKey};
use crate::state::EdgeState;

/// Make a webhook. It gets events that happen from now on.
#[utoipa::path(
    post,
    path = "/api/admin/webhooks",
    tag = "administration",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes repeating the request safe.")),
    request_body = NewWebhook,
    responses(
        (status = 201, description = "The webhook with its secret, which is not shown again.", body = WebhookView),
        (status = 200, description = "It had been made before by the same key.", body = WebhookView),
    ),
)]
pub(crate) async fn create_webhook(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    RequestKey(key): RequestKey,
    Body(request): Body<NewWebhook>,
) -> Result<(StatusCode, Tagged<WebhookView>), EdgeError> {
    let store = writer(&state, &who).await?;
    check_url("url", &request.url, state.config.events.allow_private_addresses, "events")?;
    check_description(&request.description)?;
    if request.secret.as_deref().is_some_and(|secret| !is_secret(secret)) {
        let message = "secret has to be whsec_ and 24 to 64 bytes in base64; leave it out to have one made";
        return Err(EdgeError::new(ErrorCode::Invalid, message));
    }
    let id = match key {
        Some(key) => commands::id_of_key(who.user_id.as_str(), "create_webhook", "", &key),
        None => commands::new_id(&state.clock),
    };
    let webhook = Webhook {
        id: id.to_string(),
        url: request.url,
        events: request.events,
        secret: request.secret.unwrap_or_else(new_secret),
        description: request.description,
        enabled: true,
        failing_since: None,
        disabled_reason: None,
        created_at: state.clock.now(),
        version: 1,
    };
    let (status, webhook) = match store.create_webhook(&webhook).await {
        Ok(()) => {
            audit::note(&state, &who, "create_webhook", ("webhook", &webhook.id)).await;
            (StatusCode::CREATED, webhook)
        }
        Err(StoreError::Exists(_)) => {
            let before = store.webhook(&webhook.id).await?;
            (StatusCode::OK, before.ok_or_else(|| EdgeError::not_found("webhook"))?)
        }
        Err(error) => return Err(error.into()),
    };
    let secret = Some(webhook.secret.clone());
    Ok((status, tagged(webhook.version, WebhookView { secret, ..view(webhook) })))
}
