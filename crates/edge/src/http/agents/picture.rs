//! `/api/me/picture` and `/api/people/{tenant}/{id}/picture`: how somebody of the staff looks, for customers and colleagues.
//!
//! What is sent is decoded within limits, made small and encoded anew: nothing of it but its look is kept, in the
//! tenant's database, so that backups have it and hubs without an attachment store, too.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, put};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use confab_attachments::{HEAD_BYTES, PreviewLimits, media_type, preview};
use confab_auth::permissions::{Action, Relation, authorize};
use confab_protocol::{ErrorCode, TenantId, UserId};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use crate::audit;
use crate::error::EdgeError;
use crate::http::HttpState;
use crate::http::etag::edited;
use crate::http::extract::{At, Caller, Parameters, unread};
use crate::identity::Identity;
use crate::state::EdgeState;

/// Largest picture that is taken, in bytes.
const MAX_BYTES: usize = 256 * 1024;
/// Most pixels of it.
const MAX_PIXELS: u64 = 4_000_000;
/// Longest side of what is kept, in pixels.
const SIDE: u32 = 192;
/// What is taken.
const TYPES: [&str; 3] = ["image/png", "image/jpeg", "image/webp"];
/// Nothing may be loaded or run from a picture, wherever it is opened.
const POLICY: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";
/// How long browsers show it without asking again.
const CACHED: &str = "public, max-age=300";

/// What is kept of a picture.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Picture {
    /// A JPEG in base64; none when it was taken away.
    jpeg: Option<String>,
}

/// Name of the setting in a tenant's database.
fn setting(user: &UserId) -> String {
    format!("picture.{user}")
}

/// The route of one's own picture, whose body has a limit of its own.
pub(in crate::http) fn own() -> MethodRouter<HttpState> {
    put(put_picture).delete(delete_picture).layer(DefaultBodyLimit::max(MAX_BYTES))
}

/// Set your picture: the body is its bytes, PNG, JPEG or WebP of at most 256 KiB, whatever the content type says.
///
/// It is made small, 192 pixels at most, and encoded anew. Customers see it, and so does everybody who knows your id.
#[utoipa::path(
    put,
    path = "/api/me/picture",
    tag = "agents",
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 204, description = "It is shown from now on, within minutes everywhere.")),
)]
pub(crate) async fn put_picture(
    State(http): State<HttpState>,
    Caller(who): Caller,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, EdgeError> {
    authorize(who.role, Action::SetOwnPicture, Some(Relation::Own))?;
    let bytes = body.map_err(|rejection| unread(&rejection))?;
    let jpeg = small(&http, bytes).await?;
    keep(&http.edge, &who, Picture { jpeg: Some(STANDARD.encode(jpeg)) }).await?;
    audit::note(&http.edge, &who, "set_picture", ("user", &who.user_id)).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Take your picture away.
#[utoipa::path(
    delete,
    path = "/api/me/picture",
    tag = "agents",
    responses((status = 204, description = "There is none any more.")),
)]
pub(crate) async fn delete_picture(
    State(http): State<HttpState>,
    Caller(who): Caller,
) -> Result<StatusCode, EdgeError> {
    authorize(who.role, Action::SetOwnPicture, Some(Relation::Own))?;
    keep(&http.edge, &who, Picture::default()).await?;
    audit::note(&http.edge, &who, "delete_picture", ("user", &who.user_id)).await;
    Ok(StatusCode::NO_CONTENT)
}

/// What may be added to the address.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PictureParameters {
    /// Any number: another one has the browser ask anew.
    #[serde(rename = "v")]
    #[param(rename = "v")]
    _version: Option<u64>,
}

/// The picture of somebody of the staff. For everybody, as the pages that show it are.
#[utoipa::path(
    get,
    path = "/api/people/{tenant}/{id}/picture",
    tag = "agents",
    params(
        ("tenant" = TenantId, Path, description = "The tenant."),
        ("id" = UserId, Path, description = "The person."),
        PictureParameters,
    ),
    responses(
        (status = 200, description = "A JPEG.", body = Vec<u8>, content_type = "image/jpeg"),
        (status = 204, description = "There is none of them."),
    ),
    security(()),
)]
pub(crate) async fn get_picture(
    State(state): State<EdgeState>,
    At((tenant, id)): At<(TenantId, UserId)>,
    Parameters(_parameters): Parameters<PictureParameters>,
) -> Result<Response, EdgeError> {
    let store = state.store.tenant(&tenant).await?;
    let (picture, _) = store.setting::<Picture>(&setting(&id)).await?;
    let jpeg = picture.and_then(|picture| STANDARD.decode(picture.jpeg?).ok());
    let mut response = match jpeg {
        Some(jpeg) => ([(header::CONTENT_TYPE, "image/jpeg")], jpeg).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    };
    for (name, value) in [
        (header::CACHE_CONTROL, CACHED),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

/// Keeps it in place of the one before.
async fn keep(state: &EdgeState, who: &Identity, picture: Picture) -> Result<(), EdgeError> {
    let store = state.store.tenant(&who.tenant).await?;
    let name = setting(&who.user_id);
    let (_, version) = store.setting::<Picture>(&name).await?;
    store.put_setting(&name, &picture, version).await.map_err(edited)
}

/// The picture made small and encoded anew, one at a time.
async fn small(http: &HttpState, bytes: Bytes) -> Result<Vec<u8>, EdgeError> {
    let media_type = media_type(&bytes[..bytes.len().min(HEAD_BYTES)]);
    if !TYPES.contains(&media_type) {
        return Err(invalid("the picture has to be a PNG, JPEG or WebP"));
    }
    let busy =
        || EdgeError::new(ErrorCode::Unavailable, "too many pictures arrive at this moment; try again");
    let place = http.pictures.clone().acquire_owned().await.map_err(|_| busy())?;
    let limits = PreviewLimits { max_pixels: MAX_PIXELS, max_side: SIDE };
    let making = http.edge.tasks.spawn_blocking(move || {
        // The place is given back when the work is done, not when the sender stops waiting for it.
        let _place = place;
        preview(media_type, &bytes, &limits)
    });
    let made = making.await.map_err(|_| invalid("the picture can't be read"))?;
    Ok(made.map_err(|error| invalid(&error.to_string()))?.jpeg)
}

fn invalid(message: &str) -> EdgeError {
    EdgeError::new(ErrorCode::Invalid, message)
}
