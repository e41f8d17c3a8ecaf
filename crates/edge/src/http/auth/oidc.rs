//! `POST /api/auth/oidc/begin` and `POST /api/auth/oidc`: staff log in through their tenant's own identity provider.

use axum::Json;
use axum::extract::State;
use confab_auth::Credentials;
use confab_protocol::api::{OidcBeginRequest, OidcBeginResponse, OidcRequest, TokenResponse};
use secrecy::SecretString;

use super::logged_in;
use crate::authentication::oidc::{nonce, of_tenant};
use crate::error::EdgeError;
use crate::http::HttpState;
use crate::http::extract::{Address, Body};

/// What is asked of the provider: who somebody is, their name and address.
const SCOPE: &str = "openid profile email";

/// What a client needs to send somebody to their identity provider.
///
/// Go to `authorization_endpoint` with `client_id`, `scope`, the `nonce` and a redirect of your own, by the code flow with
/// PKCE or by `response_type=id_token`; bring the ID token to `POST /api/auth/oidc`.
#[utoipa::path(
    post,
    path = "/api/auth/oidc/begin",
    tag = "auth",
    request_body = OidcBeginRequest,
    responses((status = 200, description = "Where to go, and with what.", body = OidcBeginResponse)),
    security(()),
)]
pub(crate) async fn begin_oidc(
    State(http): State<HttpState>,
    Address(address): Address,
    Body(request): Body<OidcBeginRequest>,
) -> Result<Json<OidcBeginResponse>, EdgeError> {
    let state = &http.edge;
    state.limits.login(address)?;
    let (_, provider) = of_tenant(state, &request.tenant).await?;
    let metadata = http.providers.keys.metadata(&request.tenant, &provider).await?;
    let (nonce, expires) = nonce(state, &request.tenant);
    Ok(Json(OidcBeginResponse {
        issuer: provider.issuer,
        client_id: provider.client_id,
        authorization_endpoint: metadata.and_then(|metadata| metadata.authorization_endpoint),
        scope: SCOPE.to_owned(),
        nonce,
        expires_at: expires * 1000,
    }))
}

/// Tokens of the hub for an ID token of the tenant's identity provider.
///
/// The hub's own tokens are renewed by the hub alone: whoever is logged in stays so while the provider is down.
#[utoipa::path(
    post,
    path = "/api/auth/oidc",
    tag = "auth",
    request_body = OidcRequest,
    responses((status = 200, description = "Tokens.", body = TokenResponse)),
    security(()),
)]
pub(crate) async fn exchange_oidc(
    State(http): State<HttpState>,
    Address(address): Address,
    Body(request): Body<OidcRequest>,
) -> Result<Json<TokenResponse>, EdgeError> {
    http.edge.limits.login(address)?;
    let credentials = Credentials::IdentityToken(SecretString::from(request.token));
    logged_in(&http.edge, http.providers.oidc.as_ref(), &request.tenant, credentials).await
}
