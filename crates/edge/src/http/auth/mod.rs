//! Log in, renew a token, ask who one is.

pub(crate) mod customer;
pub(crate) mod login;
pub(crate) mod me;
pub(crate) mod notifications;
pub(crate) mod renew;

use confab_auth::Subject;
use confab_protocol::api::{TokenResponse, UserView};

use crate::error::EdgeError;
use crate::state::EdgeState;

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
