//! Conditional requests (RFC 9110, 13): the version of a record as its `ETag`, and the version that an edit was made on.

use axum::Json;
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use confab_protocol::ErrorCode;
use http::header::{ETAG, IF_MATCH};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use serde::Serialize;

use crate::error::EdgeError;

/// The version that an edit was made on, from `If-Match`; none when any will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IfMatch(pub(crate) Option<u64>);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = EdgeError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, EdgeError> {
        if_match(&parts.headers)
    }
}

fn if_match(headers: &HeaderMap) -> Result<IfMatch, EdgeError> {
    let Some(value) = headers.get(IF_MATCH) else { return Ok(IfMatch(None)) };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(IfMatch(None));
    }
    let version =
        text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).and_then(|text| text.parse().ok());
    match version {
        Some(version) => Ok(IfMatch(Some(version))),
        None => Err(EdgeError::new(
            ErrorCode::Invalid,
            "If-Match has to be the ETag of the last answer, as it was, quotes included, or *",
        )),
    }
}

/// A body with the version it shows as its `ETag`.
pub(crate) struct Versioned<T>(pub(crate) u64, pub(crate) T);

impl<T: Serialize> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        let mut response = Json(self.1).into_response();
        // Digits and quotes are always a header's value.
        if let Ok(tag) = HeaderValue::try_from(format!("\"{}\"", self.0)) {
            response.headers_mut().insert(ETAG, tag);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(None, Some(IfMatch(None)))]
    #[case(Some("*"), Some(IfMatch(None)))]
    #[case(Some("\"7\""), Some(IfMatch(Some(7))))]
    #[case(Some("7"), None)]
    #[case(Some("W/\"7\""), None)]
    #[case(Some("\"x\""), None)]
    fn the_version_that_an_edit_was_made_on(#[case] value: Option<&str>, #[case] read: Option<IfMatch>) {
        let mut headers = HeaderMap::new();
        if let Some(value) = value {
            headers.insert(IF_MATCH, HeaderValue::try_from(value).expect("a header"));
        }
        assert_eq!(if_match(&headers).ok(), read);
    }

    #[test]
    fn a_version_is_an_etag() {
        let response = Versioned(3, "x").into_response();
        assert_eq!(response.headers()[ETAG], "\"3\"");
    }
}
