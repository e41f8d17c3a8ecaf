//! People of the tenant: who may log in, as what, and what agents among them can do.

pub(crate) mod create;
pub(crate) mod disable;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod password;
pub(crate) mod update;

use std::time::Duration;

use confab_auth::passwords;
use confab_domain::{Agent, CommandKind};
use confab_protocol::ErrorCode;
use confab_protocol::api::AccountView;
use confab_store::User;
use secrecy::{ExposeSecret as _, SecretString};

use crate::error::EdgeError;
use crate::form;
use crate::http::HttpState;

/// Shortest password, in characters (NIST SP 800-63B, 3.1.1.2).
const MIN_PASSWORD_CHARS: usize = 8;
/// Longest password, in bytes: longer ones are refused at log-in.
const MAX_PASSWORD_BYTES: usize = 256;
/// Most conversations an agent can have at once.
const MAX_CAPACITY: u32 = 1000;
/// Most skills, and most teams, of one agent.
const MAX_WORDS: usize = 100;
/// How long one waits for one's password to be hashed.
const PATIENCE: Duration = Duration::from_secs(5);

/// The person with what is known of them as an agent.
fn view(user: User, agent: Option<Agent>) -> AccountView {
    let agent = agent.filter(|_| user.role.is_staff());
    let capacity = agent.as_ref().map(|agent| agent.capacity);
    let (skills, teams) = agent.map(|agent| (agent.skills, agent.teams)).unwrap_or_default();
    AccountView {
        id: user.id,
        login: user.login,
        name: user.name,
        role: user.role,
        email: user.email,
        disabled: user.disabled,
        capacity,
        skills,
        teams,
        version: user.version,
    }
}

/// What the desk has to know of somebody who changed.
fn configure(view: &AccountView, default_capacity: u32) -> CommandKind {
    CommandKind::ConfigureAgent {
        agent: view.id.clone(),
        name: view.name.clone(),
        role: view.role,
        capacity: view.capacity.unwrap_or(default_capacity),
        skills: view.skills.clone(),
        teams: view.teams.clone(),
        enabled: !view.disabled,
    }
}

fn check_agent(capacity: Option<u32>, skills: &[String], teams: &[String]) -> Result<(), EdgeError> {
    if capacity.is_some_and(|capacity| capacity > MAX_CAPACITY) {
        return Err(EdgeError::new(ErrorCode::Invalid, format!("capacity has to be 0 to {MAX_CAPACITY}")));
    }
    for (field, words) in [("skills", skills), ("teams", teams)] {
        if words.len() > MAX_WORDS {
            return Err(EdgeError::new(
                ErrorCode::Invalid,
                format!("{field} has more than {MAX_WORDS} items"),
            ));
        }
        for word in words {
            form::word(field, word)?;
        }
    }
    Ok(())
}

fn check_password(password: &SecretString) -> Result<(), EdgeError> {
    let text = password.expose_secret();
    if text.chars().count() >= MIN_PASSWORD_CHARS && text.len() <= MAX_PASSWORD_BYTES {
        return Ok(());
    }
    let message = format!(
        "password has to be at least {MIN_PASSWORD_CHARS} characters and at most {MAX_PASSWORD_BYTES} bytes"
    );
    Err(EdgeError::new(ErrorCode::Invalid, message))
}

/// The hash of a password that was checked. A few at a time, like those of people who log in.
async fn hash(http: &HttpState, password: SecretString) -> Result<String, EdgeError> {
    let busy = || EdgeError::new(ErrorCode::Unavailable, "too many people log in at this moment; try again");
    let place = tokio::time::timeout(PATIENCE, http.hashing.clone().acquire_owned());
    let place = place.await.map_err(|_| busy())?.map_err(|_| busy())?;
    let hashing = http.edge.tasks.spawn_blocking(move || {
        let _place = place;
        passwords::hash(&password)
    });
    hashing.await.map_err(|_| busy())?.map_err(|error| {
        tracing::error!(%error, "a password could not be hashed");
        EdgeError::new(ErrorCode::Internal, "a fault of the hub; it has been logged")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_have_a_least_and_a_greatest_length() {
        for (text, taken) in [("1234567", false), ("pässwört", true), (&"x".repeat(257), false)] {
            assert_eq!(check_password(&SecretString::from(text)).is_ok(), taken, "{text}");
        }
    }

    #[test]
    fn what_routes_is_checked_word_by_word() {
        let words = |text: &str| vec![text.to_owned()];
        assert!(check_agent(Some(5), &words("PAYMENT"), &words("billing")).is_ok());
        assert!(check_agent(Some(1001), &[], &[]).is_err());
        assert!(check_agent(None, &words("pay ment"), &[]).is_err());
        assert!(check_agent(None, &[], &vec!["x".to_owned(); 101]).is_err());
    }
}
