//! `POST /api/auth/login`: a password for tokens.

use axum::Json;
use axum::extract::State;
use confab_auth::Credentials;
use confab_protocol::ErrorCode;
use confab_protocol::api::{LoginRequest, TokenResponse};
use secrecy::SecretString;

use super::logged_in;
use crate::error::EdgeError;
use crate::http::HttpState;
use crate::http::extract::{Address, Body};

/// Longest login name and password, in bytes: nobody has longer ones, and hashing them takes time.
const MAX_BYTES: usize = 256;

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
    http.edge.limits.login(address)?;
    check_form(&request)?;
    let password = SecretString::from(request.password);
    let credentials = Credentials::Password { login: request.login, password };
    logged_in(&http.edge, http.providers.passwords.as_ref(), &request.tenant, credentials).await
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
