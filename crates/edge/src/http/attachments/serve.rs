//! `GET /api/files/{tenant}/{id}/{variant}`: the bytes of a file, for whoever has a link, so that they cannot run.

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use confab_attachments::{Variant, is_picture};
use confab_auth::Purpose;
use confab_protocol::{AttachmentId, ErrorCode, TenantId, UnixMillis};
use http::{HeaderName, HeaderValue, header};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{key, sealed_text, store};
use crate::error::EdgeError;
use crate::http::extract::{At, Parameters};
use crate::state::EdgeState;

/// Nothing may be loaded or run from a file, wherever it is opened.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'";

/// What makes the link good.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SealParameters {
    /// When it stops working.
    expires: UnixMillis,
    /// The hub's seal on it.
    seal: String,
}

/// The bytes of a file. The address comes from `GET /api/attachments/{id}`; it needs no token and expires.
#[utoipa::path(
    get,
    path = "/api/files/{tenant}/{id}/{variant}",
    tag = "conversations",
    params(
        ("tenant" = TenantId, Path, description = "The tenant."),
        ("id" = AttachmentId, Path, description = "The file."),
        ("variant" = String, Path, description = "`original` or `preview`."),
        SealParameters,
    ),
    responses((status = 200, description = "The bytes.", body = Vec<u8>, content_type = "application/octet-stream")),
    security(()),
)]
pub(crate) async fn get_file(
    State(state): State<EdgeState>,
    At((tenant, id, variant)): At<(TenantId, AttachmentId, String)>,
    Parameters(parameters): Parameters<SealParameters>,
) -> Result<Response, EdgeError> {
    let files = store(&state)?;
    let not_found = || EdgeError::not_found("file");
    let variant = Variant::parse(&variant).ok_or_else(not_found)?;
    let sealed = sealed_text(&tenant, &id, variant, parameters.expires);
    if !state.tokens.is_sealed(Purpose::Attachment, &sealed, &parameters.seal) {
        return Err(not_found());
    }
    let now = state.clock.now();
    if now >= parameters.expires {
        let message = "the link has expired; get another one from /api/attachments/{id}";
        return Err(EdgeError::new(ErrorCode::TokenExpired, message));
    }
    let record = state.store.tenant(&tenant).await?.attachment(&id).await?.ok_or_else(not_found)?;
    let download = files.read(&key(&tenant, &record.conversation, &id, variant)).await?;
    let media_type = match variant {
        Variant::Original => record.file.media_type.as_str(),
        Variant::Preview => "image/jpeg",
    };
    let shown = if is_picture(media_type) { "inline" } else { "attachment" };
    let seconds = (parameters.expires - now) / 1000;
    let mut response = Body::from_stream(download.bytes).into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, content_type(media_type)),
        (header::CONTENT_LENGTH, download.size.to_string()),
        (header::CONTENT_DISPOSITION, disposition(shown, &record.file.name)),
        (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
        (header::CACHE_CONTROL, format!("private, max-age={seconds}, immutable")),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin".to_owned()),
    ] {
        let value = HeaderValue::from_str(&value).unwrap_or(HeaderValue::from_static("attachment"));
        headers.insert(name, value);
    }
    Ok(response)
}

fn content_type(media_type: &str) -> String {
    if media_type.starts_with("text/") {
        "text/plain; charset=utf-8".to_owned()
    } else {
        media_type.to_owned()
    }
}

/// With the name as RFC 6266 and RFC 8187 want it: a plain one for old clients, the whole one percent-encoded.
fn disposition(shown: &str, name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|sign| if sign.is_ascii_alphanumeric() || " ._-()".contains(sign) { sign } else { '_' })
        .collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"._-".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            use std::fmt::Write as _;
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    format!("{shown}; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_break_out_of_its_header() {
        let header = disposition("attachment", "a\"; filename=evil.html\r\nü.pdf");
        assert!(HeaderValue::from_str(&header).is_ok(), "{header}");
        assert_eq!(header.matches('"').count(), 2, "{header}");
        assert!(header.ends_with("%C3%BC.pdf"), "{header}");
    }

    #[test]
    fn text_is_never_served_as_anything_that_runs() {
        assert_eq!(content_type("text/html"), "text/plain; charset=utf-8");
        assert_eq!(content_type("image/png"), "image/png");
    }
}
