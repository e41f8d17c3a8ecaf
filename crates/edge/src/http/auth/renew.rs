//! `POST /api/auth/renew`: a refresh token for new tokens.

use axum::Json;
use axum::extract::State;
use confab_auth::{Subject, TokenKind};
use confab_protocol::ErrorCode;
use confab_protocol::api::{RenewRequest, TokenResponse};

use super::issue;
use crate::error::EdgeError;
use crate::http::extract::Body;
use crate::state::EdgeState;

/// New tokens for a refresh token.
///
/// Name and role are read anew, so that a change of them takes effect at the next renewal.
#[utoipa::path(
    post,
    path = "/api/auth/renew",
    tag = "auth",
    request_body = RenewRequest,
    responses(
        (status = 200, description = "New tokens; the old ones stay valid until they run out.", body = TokenResponse),
    ),
    security(()),
)]
pub(crate) async fn renew(
    State(state): State<EdgeState>,
    Body(request): Body<RenewRequest>,
) -> Result<Json<TokenResponse>, EdgeError> {
    let now = state.clock.now() / 1000;
    let claims = state.tokens.verify(&request.refresh_token, now, TokenKind::Refresh)?;
    let user = state.store.tenant(&claims.tenant).await?.user(&claims.sub).await?;
    let user =
        user.ok_or_else(|| EdgeError::new(ErrorCode::Unauthenticated, "this account no longer exists"))?;
    if user.disabled || claims.iat < user.password_set_at / 1000 {
        let message = "this account was disabled or its password replaced; log in again";
        return Err(EdgeError::new(ErrorCode::Unauthenticated, message));
    }
    let subject = Subject { user: user.id, tenant: claims.tenant, role: user.role, name: user.name };
    Ok(Json(issue(&state, &subject)?))
}
