//! `POST /api/admin/webhooks/{id}/deliveries/{event}/replay`: sends an event again.

use axum::Json;
use axum::extract::State;
use confab_protocol::api::DeliveryView;
use confab_store::DeliveryState;
use http::StatusCode;

use super::delivery_view;
use crate::audit;
use crate::error::EdgeError;
use crate::http::admin::writer;
use crate::http::extract::{At, Caller};
use crate::state::EdgeState;

/// Send an event again, whatever became of it: with the same id and the same body, signed anew.
#[utoipa::path(
    post,
    path = "/api/admin/webhooks/{id}/deliveries/{event}/replay",
    tag = "administration",
    params(
        ("id" = String, Path, description = "The webhook."),
        ("event" = String, Path, description = "The event's id."),
    ),
    responses((status = 202, description = "It will be sent.", body = DeliveryView)),
)]
pub(crate) async fn replay_delivery(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At((id, event)): At<(String, String)>,
) -> Result<(StatusCode, Json<DeliveryView>), EdgeError> {
    let store = writer(&state, &who).await?;
    let found = store.delivery(&id, &event).await?;
    let mut delivery = found.ok_or_else(|| EdgeError::not_found("delivery"))?;
    (delivery.state, delivery.attempts, delivery.due) = (DeliveryState::Pending, 0, state.clock.now());
    store.put_delivery(&delivery).await?;
    audit::note(&state, &who, "replay_delivery", ("webhook", &id)).await;
    Ok((StatusCode::ACCEPTED, Json(delivery_view(delivery))))
}
