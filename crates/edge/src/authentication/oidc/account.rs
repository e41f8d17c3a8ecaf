//! Accounts of people whom an identity provider vouches for: made at first sight where the tenant wants it, and holding the
//! role and teams that the provider says, at each log-in, where the tenant has mapped them.

use confab_auth::AuthError;
use confab_auth::identity_token::IdentityClaims;
use confab_domain::{Agent, CommandKind};
use confab_protocol::api::IdentityProvider;
use confab_protocol::{Author, Role, TenantId, UserId};
use confab_store::{NewUser, StoreError, TenantStore, User, UserChange};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::UNKNOWN;
use crate::audit::{self, Deed};
use crate::authentication::behind;
use crate::commands;
use crate::form;
use crate::state::EdgeState;

/// Teams that are taken over from the provider.
const MAX_TEAMS: usize = 100;
/// How often a change is tried that others come before.
const ATTEMPTS: u32 = 3;
const NO_ROLE: AuthError =
    AuthError::NotAdmitted("the provider gives you no role that is let in here; ask an admin");
const BUSY: AuthError = AuthError::Unavailable("your account is being changed by somebody else");

/// Somebody's account with the claims that are to become of it.
pub(super) struct Account<'a> {
    pub(super) state: &'a EdgeState,
    pub(super) tenant: &'a TenantId,
    pub(super) store: &'a TenantStore,
    pub(super) provider: &'a IdentityProvider,
    pub(super) claims: &'a IdentityClaims,
}

impl Account<'_> {
    /// Makes an account for somebody whom the provider knows and the tenant doesn't yet.
    pub(super) async fn create(&self, login: &str) -> Result<User, AuthError> {
        let Self { state, tenant, store, provider, claims } = self;
        let role = role_of(provider, claims).ok_or(NO_ROLE)?;
        let name = claims.text(&provider.name_claim).unwrap_or(login);
        let name = form::name("name", name).unwrap_or_else(|_| login.chars().take(80).collect());
        let id = id_of(&provider.issuer, login);
        let new = NewUser {
            id: id.clone(),
            login: login.to_owned(),
            name: name.clone(),
            role,
            password_hash: String::new(),
            capacity: state.config.assignment.capacity,
            skills: Vec::new(),
            teams: teams_of(provider, claims),
            email: claims
                .text("email")
                .filter(|email| form::email("email", email).is_ok())
                .map(str::to_owned),
        };
        match store.create_user(new).await {
            Ok(()) => {
                let by = Author { id: Some(id.clone()), name, role: Some(role) };
                let detail = Some(format!("at first sight, by {}", provider.issuer));
                let target_id = id.to_string();
                let deed = Deed { action: "create_user", target_kind: "user", target_id, detail };
                audit::record(state, tenant, by, deed).await;
            }
            // Two of their devices at once: the other made it.
            Err(StoreError::Exists(_)) => {}
            Err(error) => return Err(behind(&error)),
        }
        store.user_by_login(login).await.map_err(|error| behind(&error))?.ok_or(UNKNOWN)
    }

    /// Gives an account the role and teams that the provider says, as far as the tenant has mapped them. Whoever is given no
    /// role any more is not let in.
    pub(super) async fn follow(&self, mut user: User) -> Result<User, AuthError> {
        let role = match self.provider.role_claim {
            Some(_) => Some(role_of(self.provider, self.claims).ok_or(NO_ROLE)?),
            None => None,
        };
        for _ in 0..ATTEMPTS {
            let wanted = role.unwrap_or(user.role);
            if user.role == wanted {
                return self.tell_desk(user).await;
            }
            let change = UserChange {
                name: user.name.clone(),
                role: wanted,
                email: user.email.clone(),
                disabled: user.disabled,
            };
            match self.store.change_user(&user.id, user.version, &change).await {
                Ok(()) => {
                    let change = format!("{} -> {}", user.role.as_str(), wanted.as_str());
                    self.note(&user, "update_user", &change).await;
                    user.role = wanted;
                    user.version += 1;
                }
                Err(StoreError::Conflict) => {
                    let read = self.store.user(&user.id).await.map_err(|error| behind(&error))?;
                    user = read.filter(|user| !user.disabled && user.role.is_staff()).ok_or(UNKNOWN)?;
                }
                Err(error) => return Err(behind(&error)),
            }
        }
        Err(BUSY)
    }

    /// The desk learns of role and teams by a command, as of an admin's changes; nobody who logs in waits for it.
    async fn tell_desk(&self, user: User) -> Result<User, AuthError> {
        let Self { state, tenant, store, provider, claims } = self;
        let agent = store.agent(&user.id).await.map_err(|error| behind(&error))?;
        let agent = agent.unwrap_or_else(|| {
            let capacity = state.config.assignment.capacity;
            Agent::new(user.id.clone(), user.name.clone(), user.role, capacity)
        });
        let mut now = agent.teams.clone();
        now.sort_unstable();
        let teams = match provider.team_claim {
            Some(_) => teams_of(provider, claims),
            None => now.clone(),
        };
        if agent.role == user.role && now == teams {
            return Ok(user);
        }
        let command = CommandKind::ConfigureAgent {
            agent: user.id.clone(),
            name: user.name.clone(),
            role: user.role,
            capacity: agent.capacity,
            skills: agent.skills,
            teams: teams.clone(),
            enabled: true,
        };
        let given = commands::give_as_hub(state, tenant, command).await;
        given.map_err(|error| {
            tracing::warn!(error = %error.message, "the desk can't be told of somebody's role and teams");
            AuthError::Unavailable("the hub can't do this at the moment")
        })?;
        if now != teams {
            let list = |teams: &[String]| if teams.is_empty() { "none".to_owned() } else { teams.join(" ") };
            self.note(&user, "configure_agent", &format!("teams {} -> {}", list(&now), list(&teams))).await;
        }
        Ok(user)
    }

    async fn note(&self, user: &User, action: &'static str, change: &str) {
        let by = Author { id: Some(user.id.clone()), name: user.name.clone(), role: Some(user.role) };
        let detail = Some(format!("{change}, by {}", self.provider.issuer));
        let deed = Deed { action, target_kind: "user", target_id: user.id.to_string(), detail };
        audit::record(self.state, self.tenant, by, deed).await;
    }
}

/// Somebody's login here.
pub(super) fn login_of<'a>(
    provider: &IdentityProvider,
    claims: &'a IdentityClaims,
) -> Result<&'a str, AuthError> {
    let login = claims.text(&provider.user_claim).map(str::trim).filter(|login| !login.is_empty());
    let login = login.filter(|login| login.len() <= 256 && !login.chars().any(char::is_control)).ok_or(
        AuthError::NotAdmitted("the provider's token doesn't say who you are in the way that is set here"),
    )?;
    // Whoever can write any address into their profile is not the owner of it.
    if provider.user_claim == "email" && claims.at("email_verified").is_none_or(|value| value != true) {
        return Err(AuthError::NotAdmitted("the provider has not verified your e-mail address"));
    }
    Ok(login)
}

/// The highest of the roles that the provider's words stand for.
fn role_of(provider: &IdentityProvider, claims: &IdentityClaims) -> Option<Role> {
    let said = provider.role_claim.as_deref().map(|claim| claims.texts(claim)).unwrap_or_default();
    let rank = |role: &Role| match role {
        Role::Customer => 0,
        Role::Agent => 1,
        Role::Supervisor => 2,
        Role::Admin => 3,
    };
    let mapped = said.iter().filter_map(|word| provider.roles.get(*word)).copied().max_by_key(rank);
    mapped.or(provider.default_role).filter(|role| role.is_staff())
}

/// The teams that the provider says, each once, in order.
fn teams_of(provider: &IdentityProvider, claims: &IdentityClaims) -> Vec<String> {
    let said = provider.team_claim.as_deref().map(|claim| claims.texts(claim)).unwrap_or_default();
    let fit = said.into_iter().filter(|team| form::word("team", team).is_ok());
    let mut teams: Vec<String> = fit.take(MAX_TEAMS).map(str::to_owned).collect();
    teams.sort_unstable();
    teams.dedup();
    teams
}

/// The login where it can be an id; something that stands for issuer and login otherwise.
fn id_of(issuer: &str, login: &str) -> UserId {
    UserId::parse(login).unwrap_or_else(|_| {
        let digest = Sha256::new().chain_update(issuer).chain_update([0]).chain_update(login).finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        let digits = Uuid::from_bytes(bytes).simple();
        UserId::parse(format!("u-{digits}")).expect("a letter, a hyphen and hexadecimal digits are an id")
    })
}
