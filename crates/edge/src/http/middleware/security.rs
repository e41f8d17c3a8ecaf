//! Headers that tell browsers how little they may do with an answer.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderName, HeaderValue, header};

/// Content policy of answers that are no page: nothing may be loaded or run from them, and no page may frame them.
const API_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

const ALWAYS: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// What holds unless a page asks for something else.
const UNLESS_SET: [(HeaderName, &str); 2] =
    [(header::CONTENT_SECURITY_POLICY, API_POLICY), (header::CACHE_CONTROL, "no-store")];

/// Browsers that came by https once do so for a year (RFC 6797).
const STRICT_TRANSPORT_SECURITY: &str = "max-age=31536000";

/// Adds the headers; those a handler has set itself, for a page, stay.
pub(crate) async fn headers(State(is_encrypted): State<bool>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if is_encrypted {
        let value = HeaderValue::from_static(STRICT_TRANSPORT_SECURITY);
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    for (name, value) in UNLESS_SET {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Sets another content policy on all answers of the routes it is laid around.
pub(crate) async fn content_policy(policy: &'static str, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::middleware::{from_fn, from_fn_with_state};
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn a_page_keeps_its_own_policy_and_the_rest_gets_the_strictest() {
        let page = Router::new()
            .route("/page", get(|| async {}))
            .route_layer(from_fn(|request, next| content_policy("default-src 'self'", request, next)));
        let app = Router::new()
            .route("/data", get(|| async {}))
            .merge(page)
            .layer(from_fn_with_state(true, headers));
        for (path, policy) in
            [("/page", "default-src 'self'"), ("/data", API_POLICY), ("/nowhere", API_POLICY)]
        {
            let request = Request::get(path).body(Body::empty()).expect("a request");
            let response = app.clone().oneshot(request).await.expect("routers do not fail");
            assert_eq!(response.headers()[header::CONTENT_SECURITY_POLICY], policy, "{path}");
            assert_eq!(response.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
            assert!(response.headers().contains_key(header::STRICT_TRANSPORT_SECURITY), "{path}");
        }
    }
}
