//! The ways in which people prove who they are, each behind the trait of `confab_auth`: passwords, and the tenants' own
//! identity providers. Tokens are issued elsewhere, the same for all.

mod fetch;
pub(crate) mod keys;
pub(crate) mod oidc;
mod password;

use std::sync::Arc;

use confab_auth::{AuthError, AuthenticationProvider};
use confab_protocol::ErrorCode;
use confab_store::StoreError;
use tokio::sync::Semaphore;

use crate::state::EdgeState;
pub(crate) use fetch::check as check_place;
use keys::ProviderKeys;
use oidc::IdentityProviders;
use password::Passwords;

/// The providers of this hub.
#[derive(Clone)]
pub(crate) struct Providers {
    /// Names and passwords that the hub keeps.
    pub(crate) passwords: Arc<dyn AuthenticationProvider>,
    /// The tenants' own identity providers.
    pub(crate) oidc: Arc<dyn AuthenticationProvider>,
    /// What is known of those.
    pub(crate) keys: Arc<ProviderKeys>,
}

impl Providers {
    /// `hashing` bounds how many passwords are checked at a time.
    pub(crate) fn new(state: &EdgeState, hashing: Arc<Semaphore>) -> Self {
        let keys =
            Arc::new(ProviderKeys::new(state.clock.clone(), state.config.events.allow_private_addresses));
        Self {
            passwords: Arc::new(Passwords::new(state.store.clone(), state.tasks.clone(), hashing)),
            oidc: Arc::new(IdentityProviders::new(state.clone(), Arc::clone(&keys))),
            keys,
        }
    }
}

/// A fault of the database, logged here, where it is handled.
fn behind(cause: &StoreError) -> AuthError {
    match cause.code() {
        ErrorCode::Unavailable | ErrorCode::Timeout => {
            tracing::warn!(error = %cause, "nobody can log in: the database does not answer");
            AuthError::Unavailable("the hub can't do this at the moment")
        }
        _ => {
            tracing::error!(error = %cause, "a log-in failed");
            AuthError::Fault
        }
    }
}
