//! `GET /api/admin/webhooks/{id}/deliveries`: what became of each event.

use axum::Json;
use axum::extract::State;
use confab_protocol::api::DeliveryPage;
use serde::Deserialize;
use utoipa::IntoParams;

use super::delivery_view;
use crate::error::EdgeError;
use crate::http::admin::reader;
use crate::http::extract::{At, Caller, Parameters};
use crate::http::page;
use crate::state::EdgeState;

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeliveryParameters {
    /// From the page before.
    cursor: Option<String>,
    /// Deliveries on a page, 1 to 100; 50 when absent.
    limit: Option<u32>,
}

/// The deliveries of a webhook, newest events first.
#[utoipa::path(
    get,
    path = "/api/admin/webhooks/{id}/deliveries",
    tag = "administration",
    params(("id" = String, Path, description = "The webhook."), DeliveryParameters),
    responses((status = 200, description = "A page of deliveries.", body = DeliveryPage)),
)]
pub(crate) async fn list_deliveries(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(id): At<String>,
    Parameters(parameters): Parameters<DeliveryParameters>,
) -> Result<Json<DeliveryPage>, EdgeError> {
    let store = reader(&state, &who).await?;
    store.webhook(&id).await?.ok_or_else(|| EdgeError::not_found("webhook"))?;
    let limit = page::limit(parameters.limit)?;
    let page = store.deliveries(&id, parameters.cursor.as_deref(), limit).await?;
    let items = page.items.into_iter().map(delivery_view).collect();
    Ok(Json(DeliveryPage { items, next_cursor: page.next_cursor }))
}
