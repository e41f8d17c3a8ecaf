//! What lies around every handler, from the outside in: observation, security headers, cross-origin rules, the net for
//! panics, the address's rate limit, the time limit.

mod cors;
mod guard;
mod observe;
mod security;

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use tower_http::catch_panic::CatchPanicLayer;

use super::problem;
use crate::state::EdgeState;

pub(crate) use guard::no_parameters;
pub(crate) use security::content_policy;

/// What a request may take beyond the wait for a worker, before it is cut off.
const MARGIN: Duration = Duration::from_secs(5);

/// Puts what a request of the API is held to around `router`: limits of rate, time and size.
pub(crate) fn limited<S>(router: Router<S>, state: &EdgeState) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let longest = Duration::from_millis(state.config.server.request_timeout_ms) + MARGIN;
    router
        .layer(DefaultBodyLimit::max(state.config.limits.max_body_bytes))
        .layer(from_fn_with_state(longest, guard::time_limit))
        .layer(from_fn_with_state(state.clone(), guard::rate_limit))
}

/// Holds what takes its own time and checks its own size to the rate of an address only.
pub(crate) fn rate_limited<S>(router: Router<S>, state: &EdgeState) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    router.layer(from_fn_with_state(state.clone(), guard::rate_limit))
}

/// Puts what every answer gets around `router`: observation, security headers, cross-origin rules, the net for panics.
pub(crate) fn surrounded<S>(router: Router<S>, state: &EdgeState) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    router
        .layer(CatchPanicLayer::custom(problem::after_panic))
        .layer(cors::layer(&state.config.server.allowed_origins))
        .layer(from_fn_with_state(state.config.server.is_encrypted(), security::headers))
        .layer(from_fn_with_state(state.clone(), observe::observe))
}
