//! `POST /api/admin/webhooks/{id}/test`: sends an event that means nothing.

use axum::Json;
use axum::extract::State;
use confab_protocol::api::DeliveryView;
use confab_protocol::{ChatEvent, ConversationId, EventData, EventKind};
use confab_store::Delivery;
use http::StatusCode;

use super::delivery_view;
use crate::audit;
use crate::commands;
use crate::error::EdgeError;
use crate::http::admin::writer;
use crate::http::extract::{At, Caller};
use crate::state::EdgeState;

/// Send a test event, whichever events the webhook asks for. What becomes of it is among its deliveries.
#[utoipa::path(
    post,
    path = "/api/admin/webhooks/{id}/test",
    tag = "administration",
    params(("id" = String, Path, description = "The webhook.")),
    responses((status = 202, description = "It will be sent.", body = DeliveryView)),
)]
pub(crate) async fn test_webhook(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(id): At<String>,
) -> Result<(StatusCode, Json<DeliveryView>), EdgeError> {
    let store = writer(&state, &who).await?;
    let webhook = store.webhook(&id).await?.ok_or_else(|| EdgeError::not_found("webhook"))?;
    let text = Some(format!("A test of the webhook {}.", webhook.id));
    let unique = commands::new_uuid(&state.clock);
    let event = ChatEvent {
        id: format!("evt_test_{}", unique.simple()),
        kind: EventKind::WebhookTest,
        at: state.clock.now(),
        tenant: who.tenant.clone(),
        conversation_id: ConversationId::from_uuid(unique),
        seq: 0,
        epoch: "0".to_owned(),
        data: EventData { message_id: None, author: None, agent: None, message: None, text },
    };
    let payload = serde_json::to_string(&event).unwrap_or_default();
    let delivery = Delivery::new(&webhook.id, &event, payload);
    store.add_deliveries(std::slice::from_ref(&delivery)).await?;
    audit::note(&state, &who, "test_webhook", ("webhook", &webhook.id)).await;
    Ok((StatusCode::ACCEPTED, Json(delivery_view(delivery))))
}
