//! `GET /metrics`: figures for Prometheus.

use axum::extract::State;
use axum::response::IntoResponse;
use http::header;

use crate::state::EdgeState;

/// Prometheus' text format, version 0.0.4.
const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Figures for Prometheus.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "operations",
    responses((status = 200, description = "Every metric, in Prometheus' text format.", body = String, content_type = "text/plain")),
    security(()),
)]
pub(crate) async fn get_metrics(State(state): State<EdgeState>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, MEDIA_TYPE)], state.metrics.render())
}
