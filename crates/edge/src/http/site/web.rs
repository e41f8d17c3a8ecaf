//! The web clients: the widget's loader and its parts, the demo page, the console. Built by `web/`, embedded in the binary.
//! Knows nothing of what is in them.

mod files;

use axum::Router;
use axum::extract::Path;
use axum::middleware::from_fn;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::http::HttpState;
use crate::http::middleware::content_policy;
use files::{Keep, serve};

/// Pages run their own scripts and styles and talk to their own hub, nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; \
                      img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self' ws: wss:; \
                      manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The routes.
pub(super) fn router() -> Router<HttpState> {
    let pages = Router::new()
        .route("/demo", get(get_demo))
        .route("/console", get(async || Redirect::permanent("/console/")))
        .route("/console/", get(get_console))
        .route("/console/{*path}", get(get_console_file))
        .route_layer(from_fn(|request, next| content_policy(POLICY, request, next)));
    Router::new().route("/widget.js", get(get_loader)).route("/assets/{*path}", get(get_asset)).merge(pages)
}

/// The one script that a page names to have the widget.
async fn get_loader(headers: HeaderMap) -> Response {
    for_every_origin(serve("widget/widget.js", Keep::Briefly, &headers))
}

/// What the loader loads, and what the demo page consists of.
async fn get_asset(Path(path): Path<String>, headers: HeaderMap) -> Response {
    for_every_origin(serve(&format!("widget/assets/{path}"), Keep::Forever, &headers))
}

/// A page with the widget, to try it and to configure it.
async fn get_demo(headers: HeaderMap) -> Response {
    serve("widget/index.html", Keep::WhileSame, &headers)
}

async fn get_console(headers: HeaderMap) -> Response {
    serve("console/index.html", Keep::WhileSame, &headers)
}

/// A file of the console, or the page itself for the addresses of its views.
async fn get_console_file(Path(path): Path<String>, headers: HeaderMap) -> Response {
    let is_view = !path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    match path.as_str() {
        _ if is_view => get_console(headers).await,
        path if path.starts_with("assets/") => serve(&format!("console/{path}"), Keep::Forever, &headers),
        path => serve(&format!("console/{path}"), Keep::WhileSame, &headers),
    }
}

/// The widget runs in pages of any origin; what it may do with the hub is another question, asked at the API.
fn for_every_origin(mut response: Response) -> Response {
    let any = HeaderValue::from_static("*");
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, any);
    let policy = HeaderName::from_static("cross-origin-resource-policy");
    response.headers_mut().insert(policy, HeaderValue::from_static("cross-origin"));
    response.into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_may_load_nothing_from_elsewhere_and_run_nothing_written_into_them() {
        for word in ["unsafe", "http:", "https:", "*"] {
            assert!(!POLICY.contains(word), "{word}");
        }
    }
}
