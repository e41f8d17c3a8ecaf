//! `POST /api/auth/oidc/begin` and `POST /api/auth/oidc`: staff log in through their tenant's own identity provider.

use axum::Json;
use axum::extract::State;
use axum::response::AppendHeaders;
use confab_auth::Credentials;
use confab_protocol::ErrorCode;
use confab_protocol::api::{OidcBeginRequest, OidcBeginResponse, OidcRequest, TokenResponse};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use secrecy::SecretString;

use super::logged_in;
use crate::authentication::oidc::{nonce, of_tenant};
use crate::error::EdgeError;
use crate::http::HttpState;
use crate::http::extract::{Address, Body};

/// What is asked of the provider: who somebody is, their name and address.
const SCOPE: &str = "openid profile email";
/// The cookie that tells the browser that began from others. It opens nothing by itself.
const COOKIE: &str = "confab_login";

/// What a client needs to send somebody to their identity provider.
///
/// Go to `authorization_endpoint` with `client_id`, `scope`, the `nonce` and a redirect of your own, by the code flow with
/// PKCE or by `response_type=id_token`; bring the ID token to `POST /api/auth/oidc`. The nonce is good for one use, by the
/// client that began: a browser on the hub's own pages is known again by a cookie, others give a `code_challenge`.
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
    headers: HeaderMap,
    Body(request): Body<OidcBeginRequest>,
) -> Result<(AppendHeaders<Option<(HeaderName, HeaderValue)>>, Json<OidcBeginResponse>), EdgeError> {
    let state = &http.edge;
    state.limits.login(address)?;
    let (_, provider) = of_tenant(state, &request.tenant).await?;
    let metadata = http.providers.keys.metadata(&request.tenant, &provider).await?;
    let (challenge, cookie) = match request.code_challenge {
        Some(challenge) if nonce::is_challenge(&challenge) => (challenge, None),
        Some(_) => {
            let message =
                "code_challenge has to be the SHA-256 of the code_verifier, in base64url without padding";
            return Err(EdgeError::new(ErrorCode::Invalid, message));
        }
        None => {
            // Two tabs of one browser share a secret, so that both can come back.
            let known = brought(&headers).filter(|secret| nonce::is_verifier(secret));
            let secret = known.unwrap_or_else(nonce::new_secret);
            let encrypted = state.config.server.is_encrypted();
            (nonce::challenge_of(&secret), Some(cookie(&secret, encrypted)))
        }
    };
    let (nonce, expires) = nonce::give(state, &request.tenant, &challenge);
    let answer = OidcBeginResponse {
        issuer: provider.issuer,
        client_id: provider.client_id,
        authorization_endpoint: metadata.and_then(|metadata| metadata.authorization_endpoint),
        scope: SCOPE.to_owned(),
        nonce,
        expires_at: expires * 1000,
    };
    let cookie = cookie.and_then(|cookie| HeaderValue::from_str(&cookie).ok());
    Ok((AppendHeaders(cookie.map(|cookie| (header::SET_COOKIE, cookie))), Json(answer)))
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
    headers: HeaderMap,
    Body(request): Body<OidcRequest>,
) -> Result<Json<TokenResponse>, EdgeError> {
    http.edge.limits.login(address)?;
    let verifier = request.code_verifier.or_else(|| brought(&headers)).map(SecretString::from);
    let credentials = Credentials::IdentityToken { token: SecretString::from(request.token), verifier };
    logged_in(&http.edge, http.providers.oidc.as_ref(), &request.tenant, credentials).await
}

/// Scripts can't read it, other sites can't have it sent, and it goes with the nonce.
fn cookie(secret: &str, encrypted: bool) -> String {
    let secure = if encrypted { "; Secure" } else { "" };
    let seconds = nonce::SECONDS;
    format!("{COOKIE}={secret}; Path=/api/auth/oidc; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}")
}

/// The secret that a browser brings.
fn brought(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, secret)| secret.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_brings_what_it_was_given() {
        let set = cookie("s3cret", true);
        assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict") && set.ends_with("; Secure"));
        assert!(!cookie("s3cret", false).contains("Secure"));
        let mut headers = HeaderMap::new();
        assert_eq!(brought(&headers), None);
        headers.append(header::COOKIE, HeaderValue::from_static("a=b; c"));
        headers.append(header::COOKIE, HeaderValue::from_static("x=y; confab_login=s3cret"));
        assert_eq!(brought(&headers).as_deref(), Some("s3cret"));
    }
}
