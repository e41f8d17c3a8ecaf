//! Passwords that the hub keeps the hashes of. Answers and times tell nobody which tenants and users exist.

use std::sync::Arc;
use std::time::Duration;

use confab_auth::{AuthError, Authenticating, AuthenticationProvider, Credentials, Subject, passwords};
use confab_protocol::{ErrorCode, TenantId};
use confab_store::{Store, User};
use secrecy::SecretString;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use super::behind;

/// How long one waits for one's password to be checked.
const PATIENCE: Duration = Duration::from_secs(5);
const BUSY: AuthError = AuthError::Unavailable("too many people log in at this moment");

/// Checks passwords, a few at a time: the rest waits, and who waits too long is told to try again.
pub(super) struct Passwords {
    store: Store,
    tasks: TaskTracker,
    hashing: Arc<Semaphore>,
}

impl Passwords {
    pub(super) fn new(store: Store, tasks: TaskTracker, hashing: Arc<Semaphore>) -> Self {
        Self { store, tasks, hashing }
    }

    /// The user, or none when there is no such tenant or user.
    async fn find(&self, tenant: &TenantId, login: &str) -> Result<Option<User>, AuthError> {
        let found = async { self.store.tenant(tenant).await?.user_by_login(login).await };
        match found.await {
            Ok(user) => Ok(user),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(behind(&error)),
        }
    }

    /// Whether the password is right; never without a stored hash, though that takes as long.
    async fn is_right(&self, password: SecretString, stored: Option<String>) -> Result<bool, AuthError> {
        let place = tokio::time::timeout(PATIENCE, self.hashing.clone().acquire_owned());
        let place = place.await.map_err(|_| BUSY)?.map_err(|_| BUSY)?;
        let checked = self.tasks.spawn_blocking(move || {
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
            AuthError::Fault
        })
    }

    async fn check(
        &self,
        tenant: &TenantId,
        login: String,
        password: SecretString,
    ) -> Result<Subject, AuthError> {
        let user = self.find(tenant, &login).await?;
        let stored = user.as_ref().map(|user| user.password_hash.clone()).filter(|hash| !hash.is_empty());
        let right = self.is_right(password, stored).await?;
        let user = user.filter(|user| right && !user.disabled).ok_or(AuthError::WrongCredentials)?;
        Ok(Subject { user: user.id, tenant: tenant.clone(), role: user.role, name: user.name })
    }
}

impl AuthenticationProvider for Passwords {
    fn name(&self) -> &'static str {
        "password"
    }

    fn authenticate<'a>(&'a self, tenant: &'a TenantId, credentials: Credentials) -> Authenticating<'a> {
        Box::pin(async move {
            match credentials {
                Credentials::Password { login, password } => self.check(tenant, login, password).await,
                Credentials::IdentityToken { .. } => Err(AuthError::WrongKind),
            }
        })
    }
}
