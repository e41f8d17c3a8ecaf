//! Log in, renew a token, ask who one is.

pub(crate) mod customer;
pub(crate) mod login;
pub(crate) mod me;
pub(crate) mod notifications;
pub(crate) mod oidc;
pub(crate) mod renew;

use axum::Json;
use confab_auth::{AuthenticationProvider, Credentials, Subject};
use confab_protocol::api::{TokenResponse, UserView};
use confab_protocol::{Author, TenantId};

use crate::audit::{self, Deed};
use crate::error::EdgeError;
use crate::state::EdgeState;

/// Tokens for whoever proves to `provider` who they are, with a line in the audit log.
async fn logged_in(
    state: &EdgeState,
    provider: &dyn AuthenticationProvider,
    tenant: &TenantId,
    credentials: Credentials,
) -> Result<Json<TokenResponse>, EdgeError> {
    let subject = provider.authenticate(tenant, credentials).await?;
    let tokens = issue(state, &subject)?;
    let by = Author { id: Some(subject.user.clone()), name: subject.name, role: Some(subject.role) };
    let target_id = subject.user.to_string();
    let detail = Some(format!("by {}", provider.name()));
    audit::record(state, tenant, by, Deed { action: "login", target_kind: "user", target_id, detail }).await;
    Ok(Json(tokens))
}

/// Tokens for a person who has proven who they are.
fn issue(state: &EdgeState, subject: &Subject) -> Result<TokenResponse, EdgeError> {
    let now = state.clock.now() / 1000;
    let access = state.tokens.issue_access(subject, now)?;
    let refresh = state.tokens.issue_refresh(subject, now)?;
    Ok(TokenResponse {
        access_token: access.token,
        expires_at: access.claims.exp * 1000,
        refresh_token: refresh.token,
        user: UserView {
            id: subject.user.clone(),
            tenant: subject.tenant.clone(),
            name: subject.name.clone(),
            role: subject.role,
        },
    })
}
