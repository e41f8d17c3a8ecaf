//! Embedded files and how they are answered: packed as the browser likes, kept by it as long as is right.

use std::borrow::Cow;

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use confab_protocol::ErrorCode;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use rust_embed::{EmbeddedFile, RustEmbed};
use uuid::Uuid;

use crate::error::EdgeError;

/// What `npm run build` in `web/` made; nothing when the binary was compiled without it.
#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Dist;

/// How long a browser may keep an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// Its name changes with its content.
    Forever,
    /// Its name stays: look for a new one now and then.
    Briefly,
    /// Ask each time whether it is the same.
    WhileSame,
}

impl Keep {
    fn header(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Forever => "public, max-age=31536000, immutable",
            Self::Briefly => "public, max-age=300, stale-while-revalidate=86400",
            Self::WhileSame => "no-cache",
        })
    }
}

/// Packings, the best first, each with the ending of the files that are packed so.
const PACKINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// Answers with an embedded file.
pub(super) fn serve(path: &str, keep: Keep, asked: &HeaderMap) -> Response {
    let Some(plain) = Dist::get(path) else { return missing(path) };
    let tag = tag(&plain);
    let same = asked.get(header::IF_NONE_MATCH).is_some_and(|known| *known == tag);
    let mut response = if same { StatusCode::NOT_MODIFIED.into_response() } else { body(path, plain, asked) };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, tag);
    headers.insert(header::CACHE_CONTROL, keep.header());
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}

fn body(path: &str, plain: EmbeddedFile, asked: &HeaderMap) -> Response {
    let accepted =
        asked.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut packed = PACKINGS.iter().filter(|(name, _)| accepts(accepted, name));
    let packed = packed.find_map(|(name, ending)| Some((*name, Dist::get(&format!("{path}{ending}"))?)));
    let (packing, data) = match packed {
        Some((name, file)) => (Some(name), file.data),
        None => (None, plain.data),
    };
    let body = match data {
        Cow::Borrowed(bytes) => Body::from(bytes),
        Cow::Owned(bytes) => Body::from(bytes),
    };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(path)));
    if let Some(name) = packing {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    response
}

/// Whether a client that sent this `accept-encoding` takes a packing.
fn accepts(accepted: &str, packing: &str) -> bool {
    accepted.split(',').any(|offer| {
        let mut parts = offer.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(packing));
        named && !parts.any(|parameter| parameter.trim_start_matches("q=").parse() == Ok(0.0))
    })
}

fn tag(file: &EmbeddedFile) -> HeaderValue {
    let hash = file.metadata.sha256_hash();
    let half = Uuid::from_slice(&hash[..16]).expect("a hash has more bytes than that");
    let text = format!("\"{}\"", half.simple());
    HeaderValue::from_str(&text).expect("hexadecimal digits make a header")
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

fn missing(path: &str) -> Response {
    let client = path.split('/').next().unwrap_or_default();
    let built = Dist::iter().any(|file| file.starts_with(client));
    if built {
        return EdgeError::not_found("file").into_response();
    }
    let message = format!(
        "this binary was compiled without the {client}: run `cargo xtask build`, which builds it first"
    );
    EdgeError::new(ErrorCode::Unavailable, message).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packings_are_taken_as_they_are_offered() {
        assert!(accepts("gzip, deflate, br", "br"));
        assert!(accepts("GZIP;q=0.8", "gzip"));
        assert!(!accepts("gzip, br;q=0", "br"));
        assert!(!accepts("gzip, br;q=0.0", "br"));
        assert!(!accepts("brotli", "br"));
        assert!(!accepts("", "gzip"));
    }

    #[test]
    fn what_is_not_there_says_what_to_do() {
        let response = serve("nowhere/index.html", Keep::WhileSame, &HeaderMap::new());
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    }

    #[test]
    fn every_embedded_file_is_served_with_its_type_and_kept_as_told() {
        for path in Dist::iter().filter(|path| path.ends_with(".html") || path.ends_with(".js")) {
            let mut asked = HeaderMap::new();
            asked.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip, br"));
            let response = serve(&path, Keep::Forever, &asked);
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            assert!(
                response.headers()[header::CONTENT_TYPE].to_str().is_ok_and(|kind| kind.starts_with("text/"))
            );
            let tag = response.headers()[header::ETAG].clone();
            asked.insert(header::IF_NONE_MATCH, tag);
            assert_eq!(serve(&path, Keep::Forever, &asked).status(), StatusCode::NOT_MODIFIED, "{path}");
        }
    }
}
