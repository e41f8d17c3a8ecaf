//! The tenants' own identity providers (OIDC): an ID token, signed by the provider, for one of the tenant's staff.
//! The hub never sees the password, and keeps those who are logged in logged in while the provider is down.

mod account;
pub(crate) mod nonce;

use std::sync::Arc;

use confab_auth::identity_token::{Expected, verify};
use confab_auth::{AuthError, Authenticating, AuthenticationProvider, Credentials, Subject};
use confab_protocol::api::{IdentityProvider, Provisioning};
use confab_protocol::{ErrorCode, TenantId};
use confab_store::TenantStore;
use secrecy::{ExposeSecret as _, SecretString};

use super::behind;
use super::keys::ProviderKeys;
use crate::state::EdgeState;
use account::{Account, login_of};

/// Name of the setting in a tenant's database.
pub(crate) const SETTING: &str = "identity_provider";
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

    async fn check(
        &self,
        tenant: &TenantId,
        token: &SecretString,
        verifier: Option<&SecretString>,
    ) -> Result<Subject, AuthError> {
        let (store, provider) = of_tenant(&self.state, tenant).await?;
        let token = token.expose_secret();
        let keys = self.keys.of(tenant, &provider, token).await?;
        let now = self.state.clock.now() / 1000;
        let expected = Expected { issuer: &provider.issuer, audience: &provider.client_id, now };
        let claims = verify(token, &keys, expected)?;
        let nonce = match &claims.nonce {
            Some(nonce) => Some(nonce::check(&self.state, tenant, nonce, verifier, now)?),
            None if provider.require_nonce => return Err(AuthError::WrongNonce),
            None => None,
        };
        let login = login_of(&provider, &claims)?;
        let user = store.user_by_login(login).await.map_err(|error| behind(&error))?;
        if user.as_ref().is_some_and(|user| user.disabled || !user.role.is_staff()) {
            return Err(AuthError::NotAdmitted("this account may not log in here; ask an admin"));
        }
        // Before anything is changed, so that a token that was stolen and comes late changes nothing.
        if let Some(nonce) = nonce {
            nonce.use_up(&self.state, tenant, now).await?;
        }
        let account =
            Account { state: &self.state, tenant, store: &store, provider: &provider, claims: &claims };
        let user = match user {
            Some(user) => account.follow(user).await?,
            None if provider.provisioning == Provisioning::Create => account.create(login).await?,
            None => return Err(UNKNOWN),
        };
        Ok(Subject { user: user.id, tenant: tenant.clone(), role: user.role, name: user.name })
    }
}

impl AuthenticationProvider for IdentityProviders {
    fn name(&self) -> &'static str {
        "identity provider"
    }

    fn authenticate<'a>(&'a self, tenant: &'a TenantId, credentials: Credentials) -> Authenticating<'a> {
        Box::pin(async move {
            match credentials {
                Credentials::IdentityToken { token, verifier } => {
                    self.check(tenant, &token, verifier.as_ref()).await
                }
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
