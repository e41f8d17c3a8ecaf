//! `GET /docs`: the API to read and to try, and its OpenAPI document.

use axum::Router;
use axum::middleware::from_fn;
use utoipa_swagger_ui::SwaggerUi;

use crate::http::HttpState;
use crate::http::middleware::content_policy;
use crate::http::openapi;

/// What Swagger UI needs: its own files, styles set from its scripts, and images written into its styles.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

/// The page and the document.
pub(super) fn router() -> Router<HttpState> {
    let page = SwaggerUi::new("/docs").url("/docs/openapi.json", openapi::document());
    Router::from(page).route_layer(from_fn(|request, next| content_policy(POLICY, request, next)))
}
