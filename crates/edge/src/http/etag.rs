//! Conditional edits: a record's version goes out as `ETag` and comes back as `If-Match` (RFC 9110, 13.1.1).

use axum::Json;
use axum::extract::FromRequestParts;
use confab_protocol::ErrorCode;
use confab_store::StoreError;
use http::request::Parts;
use http::{HeaderName, HeaderValue, header};

use crate::error::EdgeError;

/// The version that an edit was made on; none when the caller doesn't care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IfMatch(pub(crate) Option<u64>);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = EdgeError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, EdgeError> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else { return Ok(Self(None)) };
        let text = value.to_str().unwrap_or_default().trim();
        if text == "*" {
            return Ok(Self(None));
        }
        let version =
            text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).and_then(|tag| tag.parse().ok());
        // A tag that this hub never gave out matches nothing.
        version.map(|version| Self(Some(version))).ok_or_else(stale)
    }
}

impl IfMatch {
    /// The version to write on: the caller's, which has to be the current one.
    pub(crate) fn check(self, current: u64) -> Result<u64, EdgeError> {
        if self.0.is_none_or(|version| version == current) { Ok(current) } else { Err(stale()) }
    }
}

/// Somebody else was faster.
pub(crate) fn stale() -> EdgeError {
    EdgeError::new(
        ErrorCode::PreconditionFailed,
        "it has changed since you read it; read it again and repeat the edit",
    )
}

/// The error of an edit that was made on a version.
pub(crate) fn edited(cause: StoreError) -> EdgeError {
    if cause == StoreError::Conflict { stale() } else { cause.into() }
}

/// An answer that bears its version.
pub(crate) type Tagged<T> = ([(HeaderName, HeaderValue); 1], Json<T>);

/// An answer with its version.
pub(crate) fn tagged<T>(version: u64, body: T) -> Tagged<T> {
    let tag = HeaderValue::from_str(&format!("\"{version}\"")).unwrap_or(HeaderValue::from_static("\"0\""));
    ([(header::ETAG, tag)], Json(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(value: Option<&str>) -> Result<IfMatch, EdgeError> {
        let mut request = http::Request::new(());
        if let Some(value) = value {
            request.headers_mut().insert(header::IF_MATCH, HeaderValue::from_str(value).expect("a header"));
        }
        let mut parts = request.into_parts().0;
        IfMatch::from_request_parts(&mut parts, &()).await
    }

    #[tokio::test]
    async fn only_the_version_that_was_read_may_be_changed() {
        for value in [None, Some("*"), Some("\"7\"")] {
            assert_eq!(read(value).await.expect("taken").check(7).expect("it holds"), 7, "{value:?}");
        }
        assert!(read(Some("\"6\"")).await.expect("a tag").check(7).is_err());
        for value in ["7", "W/\"7\"", "\"x\""] {
            assert_eq!(read(Some(value)).await.expect_err(value).code, ErrorCode::PreconditionFailed);
        }
    }
}
