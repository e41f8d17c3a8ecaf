//! What is served beside the API: health, metrics, the document of the API, a page to try it by hand, the web clients.

pub(crate) mod docs;
pub(crate) mod health;
pub(crate) mod metrics;
pub(crate) mod root;
pub(crate) mod test_page;
mod unsubscribe;
mod web;

use axum::Router;
use axum::routing::get;

use super::HttpState;

/// The routes. None of them is held to the rate limit of an address: probes must be answered under any load.
pub(super) fn router() -> Router<HttpState> {
    Router::new()
        .route("/", get(root::get_root))
        .route("/health/live", get(health::get_live))
        .route("/health/ready", get(health::get_ready))
        .route("/metrics", get(metrics::get_metrics))
        .merge(test_page::router())
        .merge(unsubscribe::router())
        .merge(web::router())
        .merge(docs::router())
}
