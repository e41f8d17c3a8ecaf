//! One span, one counter and one duration per request, and an id that ties an answer to the logs.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use confab_protocol::ids::MAX_ID_BYTES;
use confab_telemetry::metrics::{HTTP_REQUEST_SECONDS, HTTP_REQUESTS};
use http::{HeaderMap, HeaderName, HeaderValue};
use tracing::Instrument as _;
use tracing::field::Empty;

use crate::commands::new_uuid;
use crate::state::EdgeState;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Label of requests that no route matches: paths are the caller's to choose, labels are not.
const NO_ROUTE: &str = "none";

/// Observes one request. A caller's own request id is kept when it is a plain one.
pub(crate) async fn observe(State(state): State<EdgeState>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = given_id(request.headers()).unwrap_or_else(|| new_uuid(&state.clock).hyphenated().to_string());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
    let span = tracing::info_span!(
        "edge.request",
        http.method = %request.method(),
        http.route = route,
        http.status = Empty,
        request.id = %id,
        tenant.id = Empty,
        user.id = Empty,
    );
    let mut response = next.run(request).instrument(span.clone()).await;
    let (status, elapsed) = (response.status(), began.elapsed());
    span.record("http.status", status.as_u16());
    metrics::counter!(HTTP_REQUESTS, "route" => route.to_owned(), "status" => status.as_str().to_owned())
        .increment(1);
    metrics::histogram!(HTTP_REQUEST_SECONDS, "route" => route.to_owned()).record(elapsed);
    span.in_scope(|| tracing::debug!(http.duration_ms = elapsed.as_secs_f64() * 1000.0, "answered"));
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

fn given_id(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(REQUEST_ID)?.to_str().ok()?;
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    ((1..=MAX_ID_BYTES).contains(&text.len()) && plain).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_ids_of_callers_get_into_the_logs() {
        let mut headers = HeaderMap::new();
        assert_eq!(given_id(&headers), None);
        headers.insert(REQUEST_ID, HeaderValue::from_static("req-1.a_B"));
        assert_eq!(given_id(&headers).as_deref(), Some("req-1.a_B"));
        for text in ["", "a b", "a\"b", &"x".repeat(65)] {
            headers.insert(REQUEST_ID, HeaderValue::from_str(text).expect("a header value"));
            assert_eq!(given_id(&headers), None, "{text:?}");
        }
    }
}
