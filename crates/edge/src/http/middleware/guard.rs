//! Limits of one request: how often, how long, and no parameters where none are read.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use confab_protocol::ErrorCode;

use crate::error::EdgeError;
use crate::http::extract::address_of;
use crate::state::EdgeState;

/// Refuses what exceeds the rate of one address.
pub(crate) async fn rate_limit(
    State(state): State<EdgeState>,
    request: Request,
    next: Next,
) -> Result<Response, EdgeError> {
    state.limits.request(address_of(request.extensions()))?;
    Ok(next.run(request).await)
}

/// Cuts off what takes too long, a body that arrives too slowly included.
pub(crate) async fn time_limit(
    State(longest): State<Duration>,
    request: Request,
    next: Next,
) -> Result<Response, EdgeError> {
    let answer = tokio::time::timeout(longest, next.run(request)).await;
    answer.map_err(|_| {
        let message = "the request took too long; the same request with the same Idempotency-Key is safe";
        EdgeError::new(ErrorCode::Timeout, message)
    })
}

/// Refuses parameters in the query, for paths that read none.
pub(crate) async fn no_parameters(request: Request, next: Next) -> Result<Response, EdgeError> {
    if request.uri().query().is_some_and(|query| !query.is_empty()) {
        return Err(EdgeError::new(ErrorCode::Invalid, "this path takes no query parameters"));
    }
    Ok(next.run(request).await)
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::middleware::{from_fn, from_fn_with_state};
    use axum::routing::get;
    use http::StatusCode;
    use tower::ServiceExt as _;

    use super::*;
    use crate::http::problem::tests::problem_of;

    async fn answer(app: Router, path: &str) -> Response {
        let request = Request::builder().uri(path).body(axum::body::Body::empty()).expect("a request");
        app.oneshot(request).await.expect("routers do not fail")
    }

    #[tokio::test]
    async fn parameters_nobody_reads_are_refused() {
        let app = || Router::new().route("/", get(|| async {})).layer(from_fn(no_parameters));
        assert_eq!(answer(app(), "/").await.status(), StatusCode::OK);
        assert_eq!(answer(app(), "/?").await.status(), StatusCode::OK);
        let refused = answer(app(), "/?x=1").await;
        assert_eq!(problem_of(refused).await.code, ErrorCode::Invalid);
    }

    #[tokio::test(start_paused = true)]
    async fn what_takes_too_long_is_cut_off() {
        let app = Router::new()
            .route("/", get(std::future::pending::<()>))
            .layer(from_fn_with_state(Duration::from_secs(5), time_limit));
        let response = answer(app, "/").await;
        assert_eq!(response.status(), StatusCode::GATEWAY_TIMEOUT);
        assert_eq!(problem_of(response).await.code, ErrorCode::Timeout);
    }
}
