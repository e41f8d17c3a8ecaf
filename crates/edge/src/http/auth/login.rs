//! `POST /api/auth/login`: a password for tokens. Answers and times tell nobody which tenants and users exist.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use confab_auth::{AuthError, Subject, passwords};
use confab_protocol::api::{LoginRequest, TokenResponse};
use confab_protocol::{Author, ErrorCode};
use confab_store::User;
use secrecy::SecretString;

use super::issue;
use crate::audit::{self, Deed};
use crate::error::EdgeError;
use crate::http::HttpState;
use crate::http::extract::{Address, Body};
use crate::state::EdgeState;

/// Longest login name and password, in bytes: nobody has longer ones, and hashing them takes time.
const MAX_BYTES: usize = 256;
/// How long one waits for one's password to be checked.
const PATIENCE: Duration = Duration::from_secs(5);

/// Log in with a password.
#[utoipa::path(
    post,
    path = "/api/auth/login",
    tag = "auth",
    request_body = LoginRequest,
    responses(
        (status = 200, description = "Tokens.", body = TokenResponse),
        (
            status = 401,
            description = "`wrong_credentials`: tenant, login or password is wrong.",
            body = confab_protocol::api::Problem,
            content_type = "application/problem+json",
        ),
    ),
    security(()),
)]
pub(crate) async fn login(
    State(http): State<HttpState>,
    Address(address): Address,
    Body(request): Body<LoginRequest>,
) -> Result<Json<TokenResponse>, EdgeError> {
    let state = &http.edge;
    state.limits.login(address)?;
    check_form(&request)?;
    let user = find(state, &request).await?;
    let stored = user.as_ref().map(|user| user.password_hash.clone()).filter(|hash| !hash.is_empty());
    let right = is_right(&http, request.password, stored).await?;
    let Some(user) = user.filter(|user| right && !user.disabled) else {
        return Err(EdgeError::new(ErrorCode::WrongCredentials, "tenant, login or password is wrong"));
    };
    let subject = Subject { user: user.id, tenant: request.tenant, role: user.role, name: user.name };
    let tokens = issue(state, &subject)?;
    let by = Author { id: Some(subject.user.clone()), name: subject.name, role: Some(subject.role) };
    let target_id = subject.user.to_string();
    let deed = Deed { action: "login", target_kind: "user", target_id, detail: None };
    audit::record(state, &subject.tenant, by, deed).await;
    Ok(Json(tokens))
}

fn check_form(request: &LoginRequest) -> Result<(), EdgeError> {
    for (field, text) in [("login", &request.login), ("password", &request.password)] {
        if !(1..=MAX_BYTES).contains(&text.len()) {
            return Err(EdgeError::new(
                ErrorCode::Invalid,
                format!("{field} has to be 1 to {MAX_BYTES} bytes"),
            ));
        }
    }
    Ok(())
}

/// The user, or none when there is no such tenant or user.
async fn find(state: &EdgeState, request: &LoginRequest) -> Result<Option<User>, EdgeError> {
    let found = async { state.store.tenant(&request.tenant).await?.user_by_login(&request.login).await };
    match found.await {
        Ok(user) => Ok(user),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whether the password is right; never without a stored hash, though that takes as long. A few at a time: the rest
/// waits, and who waits too long is told to try again.
async fn is_right(http: &HttpState, password: String, stored: Option<String>) -> Result<bool, EdgeError> {
    let password = SecretString::from(password);
    let busy = || EdgeError::new(ErrorCode::Unavailable, "too many people log in at this moment; try again");
    let place = tokio::time::timeout(PATIENCE, http.hashing.clone().acquire_owned());
    let place = place.await.map_err(|_| busy())?.map_err(|_| busy())?;
    let checked = http.edge.tasks.spawn_blocking(move || {
        // The place is given back when the work is done, not when the caller stops waiting for it.
        let _place = place;
        match stored {
            Some(stored) => passwords::verify(&password, &stored),
            None => passwords::verify_dummy(&password),
        }
    });
    let outcome = checked.await.unwrap_or_else(|fault| Err(AuthError::Password(fault.to_string())));
    outcome.map_err(|error| {
        tracing::error!(%error, "a password could not be checked");
        EdgeError::new(ErrorCode::Internal, "a fault of the hub; it has been logged")
    })
}

#[cfg(test)]
mod tests {
    use confab_protocol::TenantId;

    use super::*;

    #[test]
    fn what_no_person_types_is_not_hashed() {
        let with = |login: &str, password: &str| LoginRequest {
            tenant: TenantId::parse("demo").expect("an id"),
            login: login.to_owned(),
            password: password.to_owned(),
        };
        assert!(check_form(&with("asha", "secret")).is_ok());
        let long = "x".repeat(257);
        for (login, password) in [("", "secret"), ("asha", ""), (&long, "secret"), ("asha", &long)] {
            let refused = check_form(&with(login, password)).expect_err("a form nobody fills in");
            assert_eq!(refused.code, ErrorCode::Invalid);
        }
    }
}
