//! `POST /api/admin/users`: somebody new.

use axum::extract::State;
use confab_protocol::api::{AccountView, NewAccount};
use confab_protocol::{ErrorCode, UserId};
use confab_store::NewUser;
use http::StatusCode;
use secrecy::SecretString;

use super::{check_agent, check_password, get, hash};
use crate::audit;
use crate::error::EdgeError;
use crate::form;
use crate::http::HttpState;
use crate::http::admin::writer;
use crate::http::etag::{Tagged, tagged};
use crate::http::extract::{Body, Caller};

/// Longest login, in bytes.
const MAX_LOGIN_BYTES: usize = 256;

/// Create somebody who can log in; staff becomes an agent too, offline at first.
///
/// The id is the caller's to choose, so a repetition is answered with `conflict` and creates nobody twice.
#[utoipa::path(
    post,
    path = "/api/admin/users",
    tag = "administration",
    request_body = NewAccount,
    responses((status = 201, description = "The person.", body = AccountView)),
)]
pub(crate) async fn create_user(
    State(http): State<HttpState>,
    Caller(who): Caller,
    Body(request): Body<NewAccount>,
) -> Result<(StatusCode, Tagged<AccountView>), EdgeError> {
    let state = &http.edge;
    let store = writer(state, &who).await?;
    let id = checked(&request)?;
    let password_hash = match request.password {
        Some(password) => {
            let password = SecretString::from(password);
            check_password(&password)?;
            hash(&http, password).await?
        }
        None => String::new(),
    };
    let user = NewUser {
        id: id.clone(),
        login: request.login,
        name: form::name("name", &request.name)?,
        role: request.role,
        password_hash,
        capacity: request.capacity.unwrap_or(state.config.assignment.capacity),
        skills: request.skills,
        teams: request.teams,
        email: request.email,
    };
    store.create_user(user).await?;
    audit::note(state, &who, "create_user", ("user", &id)).await;
    let created = get::find(&store, &id).await?;
    Ok((StatusCode::CREATED, tagged(created.version, created)))
}

fn checked(request: &NewAccount) -> Result<UserId, EdgeError> {
    let invalid = |message: String| EdgeError::new(ErrorCode::Invalid, message);
    let login = &request.login;
    if !(1..=MAX_LOGIN_BYTES).contains(&login.len())
        || login.trim() != login
        || login.chars().any(char::is_control)
    {
        let message = format!("login has to be 1 to {MAX_LOGIN_BYTES} bytes without control characters");
        return Err(invalid(message));
    }
    form::name("name", &request.name)?;
    if let Some(email) = &request.email {
        form::email("email", email)?;
    }
    check_agent(request.capacity, &request.skills, &request.teams)?;
    match &request.id {
        Some(id) => Ok(id.clone()),
        None => login
            .parse()
            .map_err(|error| invalid(format!("the login can't be the id as well: {error}; name an id"))),
    }
}

#[cfg(test)]
mod tests {
    use confab_protocol::Role;

    use super::*;

    fn request(login: &str) -> NewAccount {
        NewAccount {
            id: None,
            login: login.to_owned(),
            name: "Asha".to_owned(),
            role: Role::Agent,
            password: None,
            email: None,
            capacity: None,
            skills: Vec::new(),
            teams: Vec::new(),
        }
    }

    #[test]
    fn the_login_is_the_id_where_it_can_be() {
        assert_eq!(checked(&request("asha")).expect("an id").as_str(), "asha");
        assert!(checked(&request("asha@example.org")).is_err());
        let named = NewAccount { id: UserId::parse("asha").ok(), ..request("asha@example.org") };
        assert_eq!(checked(&named).expect("an id").as_str(), "asha");
        for login in ["", " asha", "a\nb"] {
            assert!(checked(&request(login)).is_err(), "{login:?}");
        }
        assert!(checked(&NewAccount { email: Some("nowhere".into()), ..request("asha") }).is_err());
    }
}
