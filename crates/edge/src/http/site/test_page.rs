//! `GET /test`: a page that logs in or starts a chat, connects, sends, and shows every event. For trying and debugging.

use axum::Router;
use axum::middleware::from_fn;
use axum::response::IntoResponse;
use axum::routing::get;
use http::header;

use crate::http::HttpState;
use crate::http::middleware::content_policy;

const PAGE: &str = include_str!("test_page.html");
const SCRIPT: &str = include_str!("test_page.js");
const STYLE: &str = include_str!("test_page.css");

/// The page runs its own script and talks to its own hub, nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws: wss:; img-src data:; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page, its script and its style.
pub(super) fn router() -> Router<HttpState> {
    Router::new()
        .route("/test", get(async || file("text/html; charset=utf-8", PAGE)))
        .route("/test.js", get(async || file("text/javascript; charset=utf-8", SCRIPT)))
        .route("/test.css", get(async || file("text/css; charset=utf-8", STYLE)))
        .route_layer(from_fn(|request, next| content_policy(POLICY, request, next)))
}

fn file(media_type: &'static str, text: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, media_type)], text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_needs_nothing_its_policy_forbids() {
        for forbidden in ["style=", "onclick=", "onsubmit=", "<style", "javascript:", "http://", "https://"] {
            assert!(!PAGE.contains(forbidden), "{forbidden}");
        }
        assert!(PAGE.contains("src=\"/test.js\"") && PAGE.contains("href=\"/test.css\""));
        assert!(!SCRIPT.contains("innerHTML"), "what others write is shown as text");
    }
}
