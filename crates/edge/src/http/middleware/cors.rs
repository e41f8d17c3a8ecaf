//! Which pages of other origins may use the hub (the Fetch standard's CORS protocol).

use std::time::Duration;

use http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// How long a browser may remember what is allowed.
const MAX_AGE: Duration = Duration::from_hours(1);

/// The rules for these origins; `*` stands for any. Credentials of the browser are never asked for: tokens go in a header.
pub(super) fn layer(origins: &[String]) -> CorsLayer {
    let layer = CorsLayer::new()
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_MATCH,
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static("last-event-id"),
            HeaderName::from_static("x-request-id"),
        ])
        .expose_headers([
            header::ETAG,
            header::LOCATION,
            header::RETRY_AFTER,
            HeaderName::from_static("x-request-id"),
        ])
        .max_age(MAX_AGE);
    if origins.iter().any(|origin| origin == "*") {
        return layer.allow_origin(AllowOrigin::any());
    }
    let allowed =
        origins.iter().filter_map(|origin| HeaderValue::from_str(origin.trim_end_matches('/')).ok());
    layer.allow_origin(AllowOrigin::list(allowed))
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::routing::get;
    use http::Request;
    use tower::ServiceExt as _;

    use super::*;

    async fn allowed_for(origins: &[&str], origin: &'static str) -> Option<HeaderValue> {
        let origins: Vec<String> = origins.iter().map(ToString::to_string).collect();
        let app = Router::new().route("/", get(|| async {})).layer(layer(&origins));
        let request =
            Request::get("/").header(header::ORIGIN, origin).body(Body::empty()).expect("a request");
        let response = app.oneshot(request).await.expect("routers do not fail");
        response.headers().get(header::ACCESS_CONTROL_ALLOW_ORIGIN).cloned()
    }

    #[tokio::test]
    async fn only_the_named_origins_are_let_in() {
        let shop = "https://shop.example";
        assert_eq!(allowed_for(&[shop], shop).await, Some(HeaderValue::from_static(shop)));
        assert_eq!(allowed_for(&[shop], "https://evil.example").await, None);
        assert_eq!(allowed_for(&[], shop).await, None);
        assert_eq!(allowed_for(&["*"], shop).await, Some(HeaderValue::from_static("*")));
    }
}
