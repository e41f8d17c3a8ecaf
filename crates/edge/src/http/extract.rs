//! What handlers take from a request: who calls, from where, ids, parameters and bodies. Every refusal is a problem.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{
    ConnectInfo, FromRef, FromRequest, FromRequestParts, OptionalFromRequestParts, Path, Query, Request,
};
use axum::response::{IntoResponse, Response};
use confab_protocol::ErrorCode;
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;

use super::problem;
use crate::error::EdgeError;
use crate::identity::Identity;
use crate::state::EdgeState;

/// The header that makes a repetition of a request safe.
pub(crate) const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// Longest idempotency key, in bytes.
const MAX_KEY_BYTES: usize = 200;

/// The person whose token came as `Authorization: Bearer`. `Option<Caller>` is none without such a header, and still
/// refuses a token that is not valid.
pub(crate) struct Caller(pub(crate) Identity);

fn bearer(headers: &HeaderMap) -> Result<Option<&str>, EdgeError> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let token = value.to_str().ok().and_then(|text| {
        let (scheme, token) = text.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    });
    match token {
        Some(token) if !token.is_empty() => Ok(Some(token)),
        _ => Err(EdgeError::new(
            ErrorCode::Unauthenticated,
            "send your token as `Authorization: Bearer <token>`",
        )),
    }
}

impl<S> OptionalFromRequestParts<S> for Caller
where
    EdgeState: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = EdgeError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, EdgeError> {
        let Some(token) = bearer(&parts.headers)? else { return Ok(None) };
        let state = EdgeState::from_ref(state);
        let identity = state.identify(token)?;
        state.limits.request_of(&identity)?;
        let span = tracing::Span::current();
        span.record("tenant.id", identity.tenant.as_str());
        span.record("user.id", identity.user_id.as_str());
        Ok(Some(Self(identity)))
    }
}

impl<S> FromRequestParts<S> for Caller
where
    EdgeState: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = EdgeError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, EdgeError> {
        <Self as OptionalFromRequestParts<S>>::from_request_parts(parts, state).await?.ok_or_else(|| {
            EdgeError::new(ErrorCode::Unauthenticated, "this needs a token: `Authorization: Bearer <token>`")
        })
    }
}

/// The address of the peer. Where the server did not say it, all such peers share one.
pub(crate) struct Address(pub(crate) IpAddr);

/// The address of the peer, from what the server put beside the request.
pub(crate) fn address_of(extensions: &http::Extensions) -> IpAddr {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>();
    peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(address)| address.ip())
}

impl<S: Send + Sync> FromRequestParts<S> for Address {
    type Rejection = EdgeError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, EdgeError> {
        Ok(Self(address_of(&parts.extensions)))
    }
}

/// The caller's own key of a request, from [`IDEMPOTENCY_KEY`].
pub(crate) struct RequestKey(pub(crate) Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for RequestKey {
    type Rejection = EdgeError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, EdgeError> {
        let Some(value) = parts.headers.get(IDEMPOTENCY_KEY) else { return Ok(Self(None)) };
        let key =
            value.to_str().ok().filter(|key| (1..=MAX_KEY_BYTES).contains(&key.len())).ok_or_else(|| {
                let message =
                    format!("Idempotency-Key has to be 1 to {MAX_KEY_BYTES} visible ASCII characters");
                EdgeError::new(ErrorCode::Invalid, message)
            })?;
        Ok(Self(Some(key.to_owned())))
    }
}

/// What stands in the path. What is no id there names nothing, so it is not found.
pub(crate) struct At<T>(pub(crate) T);

impl<S, T> FromRequestParts<S> for At<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Send,
{
    type Rejection = EdgeError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, EdgeError> {
        let found = <Path<T> as FromRequestParts<S>>::from_request_parts(parts, state).await;
        found
            .map(|Path(value)| Self(value))
            .map_err(|_| EdgeError::not_found("thing: the path has no valid id"))
    }
}

/// The parameters of the query.
pub(crate) struct Parameters<T>(pub(crate) T);

impl<S, T> FromRequestParts<S> for Parameters<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Send,
{
    type Rejection = EdgeError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, EdgeError> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(value)) => Ok(Self(value)),
            Err(rejection) => Err(EdgeError::new(ErrorCode::Invalid, rejection.body_text())),
        }
    }
}

/// A JSON body.
pub(crate) struct Body<T>(pub(crate) T);

/// Why a body was refused.
#[derive(Debug)]
pub(crate) enum BodyRefusal {
    /// Not sent as JSON.
    MediaType,
    /// Anything else.
    Error(EdgeError),
}

impl IntoResponse for BodyRefusal {
    fn into_response(self) -> Response {
        match self {
            Self::MediaType => problem::respond(
                EdgeError::new(ErrorCode::Malformed, "send JSON, as `Content-Type: application/json`"),
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ),
            Self::Error(error) => error.into_response(),
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// The error of a body that was not read.
pub(crate) fn unread(rejection: &BytesRejection) -> EdgeError {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        EdgeError::new(ErrorCode::TooLarge, "the body is larger than this hub takes")
    } else {
        EdgeError::new(ErrorCode::Malformed, "the body did not arrive whole")
    }
}

fn undecodable(error: &serde_json::Error) -> EdgeError {
    let code = if error.is_data() { ErrorCode::Invalid } else { ErrorCode::Malformed };
    EdgeError::new(code, format!("the body can't be taken: {error}"))
}

impl<S, T> FromRequest<S> for Body<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = BodyRefusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, BodyRefusal> {
        if !is_json(request.headers()) {
            return Err(BodyRefusal::MediaType);
        }
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| BodyRefusal::Error(unread(&rejection)))?;
        // A struct could be read from an array of its fields, too, which no document tells.
        let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        if first == Some(&b'[') {
            let error = EdgeError::new(ErrorCode::Invalid, "the body has to be a JSON object");
            return Err(BodyRefusal::Error(error));
        }
        serde_json::from_slice(&bytes).map(Self).map_err(|error| BodyRefusal::Error(undecodable(&error)))
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::extract::DefaultBodyLimit;
    use axum::routing::{get, post};
    use confab_protocol::ConversationId;
    use confab_protocol::api::TypingRequest;
    use rstest::rstest;
    use serde::Deserialize;
    use tower::ServiceExt as _;

    use super::super::problem::tests::problem_of;
    use super::*;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Paging {
        #[expect(dead_code, reason = "only its reading is tested")]
        limit: Option<u32>,
    }

    fn app() -> Router {
        let typing = |Body(request): Body<TypingRequest>| async move { request.typing.to_string() };
        let by_id = |At(id): At<ConversationId>| async move { id.to_string() };
        let paged = |Parameters(_): Parameters<Paging>| async {};
        let keyed = |RequestKey(key): RequestKey| async move { key.unwrap_or_default() };
        Router::new()
            .route("/typing", post(typing))
            .route("/by-id/{id}", get(by_id))
            .route("/paged", get(paged))
            .route("/keyed", get(keyed))
            .layer(DefaultBodyLimit::max(64))
            .method_not_allowed_fallback(problem::wrong_method)
            .fallback(problem::unknown_path)
    }

    async fn answer(method: &str, path: &str, media_type: &str, body: &str) -> Response {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, media_type)
            .body(axum::body::Body::from(body.to_owned()))
            .expect("a request");
        app().oneshot(request).await.expect("routers do not fail")
    }

    #[rstest]
    #[case::not_json("{\"typing\":", "application/json", 400, ErrorCode::Malformed)]
    #[case::empty("", "application/json", 400, ErrorCode::Malformed)]
    #[case::wrong_type("{\"typing\":1}", "application/json", 422, ErrorCode::Invalid)]
    #[case::unknown_field("{\"typing\":true,\"loud\":1}", "application/json", 422, ErrorCode::Invalid)]
    #[case::an_array("[true]", "application/json", 422, ErrorCode::Invalid)]
    #[case::missing_field("{}", "application/json; charset=utf-8", 422, ErrorCode::Invalid)]
    #[case::form("typing=true", "application/x-www-form-urlencoded", 415, ErrorCode::Malformed)]
    #[case::too_large(&"x".repeat(65), "application/json", 413, ErrorCode::TooLarge)]
    #[tokio::test]
    async fn a_body_that_is_not_taken(
        #[case] body: &str,
        #[case] media_type: &str,
        #[case] status: u16,
        #[case] code: ErrorCode,
    ) {
        let response = answer("POST", "/typing", media_type, body).await;
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(problem_of(response).await.code, code);
    }

    #[rstest]
    #[case::no_id("GET", "/by-id/a.b", 404, ErrorCode::NotFound)]
    #[case::unknown_parameter("GET", "/paged?limits=1", 422, ErrorCode::Invalid)]
    #[case::no_number("GET", "/paged?limit=many", 422, ErrorCode::Invalid)]
    #[case::unknown_path("GET", "/nowhere", 404, ErrorCode::NotFound)]
    #[case::wrong_method("DELETE", "/typing", 405, ErrorCode::Invalid)]
    #[tokio::test]
    async fn a_request_that_is_not_taken(
        #[case] method: &str,
        #[case] path: &str,
        #[case] status: u16,
        #[case] code: ErrorCode,
    ) {
        let response = answer(method, path, "application/json", "").await;
        assert_eq!(response.status().as_u16(), status);
        if status == 405 {
            assert_eq!(response.headers()[header::ALLOW], "POST");
        }
        assert_eq!(problem_of(response).await.code, code);
    }

    #[tokio::test]
    async fn what_is_right_is_taken() {
        let response = answer("POST", "/typing", "application/json", "{\"typing\":true}").await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(answer("GET", "/by-id/c-1", "", "").await.status(), StatusCode::OK);
        assert_eq!(answer("GET", "/paged?limit=7", "", "").await.status(), StatusCode::OK);
    }

    #[test]
    fn the_token_is_found_whatever_the_case_of_its_scheme() {
        let mut headers = HeaderMap::new();
        assert!(matches!(bearer(&headers), Ok(None)));
        headers.insert(header::AUTHORIZATION, http::HeaderValue::from_static("bearer abc"));
        assert!(matches!(bearer(&headers), Ok(Some("abc"))));
        for wrong in ["Basic abc", "Bearer", "Bearer "] {
            headers.insert(header::AUTHORIZATION, http::HeaderValue::from_static(wrong));
            let refused = bearer(&headers).expect_err(wrong);
            assert_eq!(refused.code, ErrorCode::Unauthenticated, "{wrong}");
        }
    }
}
