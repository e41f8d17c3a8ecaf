//! The tenants' own identity providers (OIDC): an ID token, signed by the provider, for one of the tenant's staff.
//! The hub never sees the password, and keeps those who are logged in logged in while the provider is down.

use std::sync::Arc;

use confab_auth::identity_token::{Expected, IdentityClaims, verify};
use confab_auth::{AuthError, Authenticating, AuthenticationProvider, Credentials, Purpose, Subject};
use confab_protocol::api::{IdentityProvider, Provisioning};
use confab_protocol::{Author, ErrorCode, Role, TenantId, UserId};
use confab_store::{NewUser, StoreError, TenantStore, User};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::behind;
use super::keys::ProviderKeys;
use crate::audit::{self, Deed};
use crate::commands;
use crate::form;
use crate::state::EdgeState;

/// Name of the setting in a tenant's database.
pub(crate) const SETTING: &str = "identity_provider";
/// How long a nonce may be on its way through the provider's pages, in seconds.
pub(crate) const NONCE_SECONDS: u64 = 600;
/// Teams that are taken over from the provider.
const MAX_TEAMS: usize = 100;
const NO_PROVIDER: AuthError = AuthError::NotAdmitted("this tenant has no identity provider");
const UNKNOWN: AuthError =
    AuthError::NotAdmitted("the provider knows you, but you have no account here; ask an admin");

/// Checks tokens of the tenants' providers.
pub(super) struct IdentityProviders {
    state: EdgeState,
    keys: Arc<ProviderKeys>,
}

impl IdentityProviders {
    pub(super) fn new(state: EdgeState, keys: Arc<ProviderKeys>) -> Self {
        Self { state, keys }
    }

    async fn check(&self, tenant: &TenantId, token: &SecretString) -> Result<Subject, AuthError> {
        let (store, provider) = of_tenant(&self.state, tenant).await?;
        let token = token.expose_secret();
        let keys = self.keys.of(tenant, &provider, token).await?;
        let now = self.state.clock.now() / 1000;
        let expected = Expected { issuer: &provider.issuer, audience: &provider.client_id, now };
        let claims = verify(token, &keys, expected)?;
        match &claims.nonce {
            Some(nonce) if !is_ours(&self.state, tenant, nonce, now) => return Err(AuthError::WrongNonce),
            None if provider.require_nonce => return Err(AuthError::WrongNonce),
            _ => {}
        }
        let login = login_of(&provider, &claims)?;
        let user = store.user_by_login(login).await.map_err(|error| behind(&error))?;
        let user = match user {
            Some(user) => user,
            None if provider.provisioning == Provisioning::Create => {
                self.create(tenant, &store, &provider, &claims, login).await?
            }
            None => return Err(UNKNOWN),
        };
        if user.disabled || !user.role.is_staff() {
            return Err(AuthError::NotAdmitted("this account may not log in here; ask an admin"));
        }
        Ok(Subject { user: user.id, tenant: tenant.clone(), role: user.role, name: user.name })
    }

    /// Makes an account for somebody whom the provider knows and the tenant doesn't yet.
    async fn create(
        &self,
        tenant: &TenantId,
        store: &TenantStore,
        provider: &IdentityProvider,
        claims: &IdentityClaims,
        login: &str,
    ) -> Result<User, AuthError> {
        let role = role_of(provider, claims).ok_or(AuthError::NotAdmitted(
            "the provider gives you no role that is let in here; ask an admin",
        ))?;
        let name = claims.text(&provider.name_claim).unwrap_or(login);
        let name = form::name("name", name).unwrap_or_else(|_| login.chars().take(80).collect());
        let id = id_of(&provider.issuer, login);
        let new = NewUser {
            id: id.clone(),
            login: login.to_owned(),
            name: name.clone(),
            role,
            password_hash: String::new(),
            capacity: self.state.config.assignment.capacity,
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
                audit::record(&self.state, tenant, by, deed).await;
            }
            // Two of their devices at once: the other made it.
            Err(StoreError::Exists(_)) => {}
            Err(error) => return Err(behind(&error)),
        }
        store.user_by_login(login).await.map_err(|error| behind(&error))?.ok_or(UNKNOWN)
    }
}

impl AuthenticationProvider for IdentityProviders {
    fn name(&self) -> &'static str {
        "identity provider"
    }

    fn authenticate<'a>(&'a self, tenant: &'a TenantId, credentials: Credentials) -> Authenticating<'a> {
        Box::pin(async move {
            match credentials {
                Credentials::IdentityToken(token) => self.check(tenant, &token).await,
                Credentials::Password { .. } => Err(AuthError::WrongKind),
            }
        })
    }
}

/// The tenant's provider. A tenant that doesn't exist has none, like others.
pub(crate) async fn of_tenant(
    state: &EdgeState,
    tenant: &TenantId,
) -> Result<(TenantStore, IdentityProvider), AuthError> {
    let store = match state.store.tenant(tenant).await {
        Ok(store) => store,
        Err(error) if error.code() == ErrorCode::NotFound => return Err(NO_PROVIDER),
        Err(error) => return Err(behind(&error)),
    };
    let setting = store.setting::<Option<IdentityProvider>>(SETTING).await;
    let (provider, _) = setting.map_err(|error| behind(&error))?;
    Ok((store, provider.flatten().ok_or(NO_PROVIDER)?))
}

/// A nonce for one log-in: it says itself until when it is good, so that no node has to remember it.
pub(crate) fn nonce(state: &EdgeState, tenant: &TenantId) -> (String, u64) {
    let expires = state.clock.now() / 1000 + NONCE_SECONDS;
    let random = commands::new_uuid(&state.clock).simple();
    let text = format!("{tenant}.{expires}.{random}");
    let seal = state.tokens.seal(Purpose::LogIn, &text);
    (format!("{expires}.{random}.{seal}"), expires)
}

fn is_ours(state: &EdgeState, tenant: &TenantId, nonce: &str, now: u64) -> bool {
    let mut parts = nonce.splitn(3, '.');
    let (Some(expires), Some(random), Some(seal)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let in_time = expires.parse::<u64>().is_ok_and(|expires| now < expires);
    in_time && state.tokens.is_sealed(Purpose::LogIn, &format!("{tenant}.{expires}.{random}"), seal)
}

fn login_of<'a>(provider: &IdentityProvider, claims: &'a IdentityClaims) -> Result<&'a str, AuthError> {
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

fn teams_of(provider: &IdentityProvider, claims: &IdentityClaims) -> Vec<String> {
    let said = provider.team_claim.as_deref().map(|claim| claims.texts(claim)).unwrap_or_default();
    let fit = said.into_iter().filter(|team| form::word("team", team).is_ok());
    fit.take(MAX_TEAMS).map(str::to_owned).collect()
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
