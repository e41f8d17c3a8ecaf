//! `GET /`: what this is and where to go on.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::state::EdgeState;

/// What answers at the root.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RootView {
    /// The hub's name.
    name: &'static str,
    /// Its version.
    version: &'static str,
    /// The node that answered.
    node: String,
    /// Where to go on.
    links: LinksView,
}

/// Where to go on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LinksView {
    /// The API, to read and to try.
    docs: &'static str,
    /// The same as an OpenAPI document.
    openapi: &'static str,
    /// Live connections over WebSocket.
    websocket: &'static str,
    /// Live events over HTTP.
    events: &'static str,
    /// Where agents work.
    console: &'static str,
    /// A page with the widget that customers see.
    demo: &'static str,
    /// A page that connects, sends and shows every event.
    test_page: &'static str,
    /// Whether this node takes requests.
    ready: &'static str,
    /// Figures for Prometheus.
    metrics: &'static str,
}

/// What this is and where to go on.
#[utoipa::path(
    get,
    path = "/",
    tag = "operations",
    responses((status = 200, description = "Name, version and links.", body = RootView)),
    security(()),
)]
pub(crate) async fn get_root(State(state): State<EdgeState>) -> Json<RootView> {
    Json(RootView {
        name: "confab",
        version: env!("CARGO_PKG_VERSION"),
        node: state.node.clone(),
        links: LinksView {
            docs: "/docs",
            openapi: "/docs/openapi.json",
            websocket: "/ws",
            events: "/api/events",
            console: "/console/",
            demo: "/demo",
            test_page: "/test",
            ready: "/health/ready",
            metrics: "/metrics",
        },
    })
}
