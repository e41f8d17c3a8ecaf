//! `GET`, `PUT` and `DELETE /api/admin/identity`: whether the host site may say who customers are, and its secret.

use std::fmt;

use axum::extract::State;
use confab_auth::customer_identity::new_secret;
use confab_protocol::api::IdentityView;
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{reader, writer};
use crate::audit;
use crate::error::EdgeError;
use crate::http::etag::{IfMatch, Tagged, edited, tagged};
use crate::http::extract::Caller;
use crate::state::EdgeState;

/// Name of the setting in a tenant's database.
pub(crate) const SETTING: &str = "customer_identity";

/// What the host signs with; empty when it may not say who customers are.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Secret {
    secret: String,
}

impl Secret {
    pub(crate) fn expose(&self) -> &str {
        &self.secret
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret")
    }
}

/// Whether the host site may say who customers are.
#[utoipa::path(
    get,
    path = "/api/admin/identity",
    tag = "administration",
    responses((status = 200, description = "Whether there is a secret; its version as `ETag`.", body = IdentityView)),
)]
pub(crate) async fn get_identity(
    State(state): State<EdgeState>,
    Caller(who): Caller,
) -> Result<Tagged<IdentityView>, EdgeError> {
    let (secret, version) = reader(&state, &who).await?.setting::<Secret>(SETTING).await?;
    let enabled = secret.is_some_and(|secret| !secret.expose().is_empty());
    Ok(tagged(version, IdentityView { enabled, secret: None }))
}

/// Make a new secret for the host site. Tokens signed with the one before are refused from now on.
#[utoipa::path(
    put,
    path = "/api/admin/identity",
    tag = "administration",
    params(("If-Match" = Option<String>, Header, description = "The `ETag` that was read.")),
    responses((status = 200, description = "The secret, which is not shown again.", body = IdentityView)),
)]
pub(crate) async fn renew_identity(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    if_match: IfMatch,
) -> Result<Tagged<IdentityView>, EdgeError> {
    let store = writer(&state, &who).await?;
    let (_, version) = store.setting::<Secret>(SETTING).await?;
    let version = if_match.check(version)?;
    let secret = new_secret();
    store.put_setting(SETTING, &Secret { secret: secret.clone() }, version).await.map_err(edited)?;
    audit::note(&state, &who, "renew_identity", ("tenant", &who.tenant)).await;
    Ok(tagged(version + 1, IdentityView { enabled: true, secret: Some(secret) }))
}

/// No longer let the host site say who customers are.
#[utoipa::path(
    delete,
    path = "/api/admin/identity",
    tag = "administration",
    params(("If-Match" = Option<String>, Header, description = "The `ETag` that was read.")),
    responses((status = 204, description = "Its tokens are refused.")),
)]
pub(crate) async fn delete_identity(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    if_match: IfMatch,
) -> Result<StatusCode, EdgeError> {
    let store = writer(&state, &who).await?;
    let (_, version) = store.setting::<Secret>(SETTING).await?;
    let version = if_match.check(version)?;
    store.put_setting(SETTING, &Secret { secret: String::new() }, version).await.map_err(edited)?;
    audit::note(&state, &who, "delete_identity", ("tenant", &who.tenant)).await;
    Ok(StatusCode::NO_CONTENT)
}
