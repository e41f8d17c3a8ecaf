//! From an [`EdgeError`] to an answer: problem documents (RFC 9457). Nothing else in the edge writes an error over HTTP.

use std::any::Any;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use confab_protocol::ErrorCode;
use confab_protocol::api::Problem;
use confab_telemetry::metrics::ERRORS;
use http::{HeaderValue, Method, StatusCode, Uri, header};

use crate::error::EdgeError;

/// Media type of a problem document.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// The status that goes with a code.
pub(crate) fn status_of(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::Malformed
        | ErrorCode::UnknownFrame
        | ErrorCode::OutOfTurn
        | ErrorCode::UnsupportedVersion => StatusCode::BAD_REQUEST,
        ErrorCode::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Unauthenticated | ErrorCode::TokenExpired | ErrorCode::WrongCredentials => {
            StatusCode::UNAUTHORIZED
        }
        ErrorCode::Forbidden => StatusCode::FORBIDDEN,
        ErrorCode::NotFound => StatusCode::NOT_FOUND,
        ErrorCode::NotJoined
        | ErrorCode::TooManyRooms
        | ErrorCode::AlreadyAssigned
        | ErrorCode::CapacityExceeded
        | ErrorCode::InvalidTransition
        | ErrorCode::ConversationClosed
        | ErrorCode::Conflict => StatusCode::CONFLICT,
        ErrorCode::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
        ErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::Timeout => StatusCode::GATEWAY_TIMEOUT,
        // What is left is a fault of the hub, and so is a code that this table does not know.
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The code in words.
fn title(code: ErrorCode) -> String {
    let mut words = code.as_str().replace('_', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}

/// The document of an error, with another status than the code's own where HTTP asks for one.
fn document(error: EdgeError, status: StatusCode) -> Problem {
    Problem {
        kind: format!("urn:confab:error:{}", error.code.as_str()),
        title: title(error.code),
        status: status.as_u16(),
        detail: error.message,
        code: error.code,
        winner: error.winner,
        possible: error.possible,
        retry_after_ms: error.retry_after_ms,
    }
}

/// The answer for an error, with another status than the code's own where HTTP asks for one.
pub(crate) fn respond(error: EdgeError, status: StatusCode) -> Response {
    metrics::counter!(ERRORS, "code" => error.code.as_str()).increment(1);
    let challenge = match error.code {
        _ if status != StatusCode::UNAUTHORIZED => None,
        ErrorCode::TokenExpired => Some("Bearer realm=\"confab\", error=\"invalid_token\""),
        _ => Some("Bearer realm=\"confab\""),
    };
    let problem = document(error, status);
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let mut response = (status, Body::from(body)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    if let Some(challenge) = challenge {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    if let Some(milliseconds) = problem.retry_after_ms {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(milliseconds.div_ceil(1000).max(1)));
    }
    response
}

impl IntoResponse for EdgeError {
    fn into_response(self) -> Response {
        let status = status_of(self.code);
        respond(self, status)
    }
}

/// The answer for a path that leads nowhere.
pub(crate) async fn unknown_path(uri: Uri) -> Response {
    let path: String = uri.path().chars().take(200).collect();
    EdgeError::new(ErrorCode::NotFound, format!("nothing is served at {path}; see /docs")).into_response()
}

/// The answer for a path that is served, but not with this method. The router adds `Allow`.
pub(crate) async fn wrong_method(method: Method) -> Response {
    let message = format!("this path takes no {method}; see the Allow header");
    respond(EdgeError::new(ErrorCode::Invalid, message), StatusCode::METHOD_NOT_ALLOWED)
}

/// The answer when a handler panicked: the panic is logged, the client learns nothing of it.
#[expect(clippy::needless_pass_by_value, reason = "the signature that the layer asks for")]
pub(crate) fn after_panic(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no text");
    tracing::error!(panic.message = text, "a handler panicked");
    EdgeError::new(ErrorCode::Internal, "a fault of the hub; it has been logged").into_response()
}

#[cfg(test)]
pub(crate) mod tests {
    use confab_protocol::UserId;
    use confab_protocol::api::Party;
    use http_body_util::BodyExt as _;

    use super::*;

    /// Reads an answer as a problem.
    pub(crate) async fn problem_of(response: Response) -> Problem {
        assert_eq!(response.headers()[header::CONTENT_TYPE], MEDIA_TYPE);
        let body = response.into_body().collect().await.expect("a body in memory").to_bytes();
        serde_json::from_slice(&body).expect("a problem document")
    }

    #[tokio::test]
    async fn a_lost_race_names_the_winner() {
        let winner = Party { id: UserId::parse("asha").expect("an id"), name: "Asha".into() };
        let error = EdgeError {
            winner: Some(winner.clone()),
            ..EdgeError::new(ErrorCode::AlreadyAssigned, "Asha has this conversation")
        };
        let response = error.into_response();
        assert_eq!(response.status(), StatusCode::CONFLICT);
        let problem = problem_of(response).await;
        assert_eq!(problem.kind, "urn:confab:error:already_assigned");
        assert_eq!(problem.title, "Already assigned");
        assert_eq!(problem.status, 409);
        assert_eq!(problem.winner, Some(winner));
        assert_eq!(problem.retry_after_ms, None);
    }

    #[tokio::test]
    async fn what_can_be_tried_again_says_when() {
        let mut error = EdgeError::new(ErrorCode::Unavailable, "the database does not answer");
        error.retry_after_ms = Some(1200);
        let response = error.into_response();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[header::RETRY_AFTER], "2");
        assert_eq!(problem_of(response).await.retry_after_ms, Some(1200));
    }

    #[tokio::test]
    async fn who_is_not_known_is_told_how_to_say_who_they_are() {
        for code in [ErrorCode::Unauthenticated, ErrorCode::TokenExpired, ErrorCode::WrongCredentials] {
            let response = EdgeError::new(code, "no").into_response();
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
            assert!(response.headers().contains_key(header::WWW_AUTHENTICATE), "{code:?}");
        }
    }

    #[tokio::test]
    async fn a_panic_says_nothing_of_its_cause() {
        let response = after_panic(Box::new("secret"));
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!problem_of(response).await.detail.contains("secret"));
    }

    #[test]
    fn refusals_of_the_hub_are_never_faults() {
        for code in [
            ErrorCode::Malformed,
            ErrorCode::Invalid,
            ErrorCode::TooLarge,
            ErrorCode::RateLimited,
            ErrorCode::Forbidden,
            ErrorCode::NotFound,
            ErrorCode::CapacityExceeded,
            ErrorCode::InvalidTransition,
            ErrorCode::ConversationClosed,
            ErrorCode::Conflict,
        ] {
            assert!(status_of(code).is_client_error(), "{code:?}");
        }
    }
}
