//! Ways to prove who one is, behind one trait: passwords, identity providers, and whatever else somebody writes.
//! What a provider asks and where is its own affair.

use std::pin::Pin;

use confab_protocol::TenantId;
use secrecy::SecretString;

use crate::{AuthError, Subject};

/// What somebody brings to prove who they are.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// A name and a password.
    Password {
        /// Name to log in with.
        login: String,
        /// The password.
        password: SecretString,
    },
    /// A token that an identity provider signed.
    IdentityToken {
        /// The token.
        token: SecretString,
        /// What only the client knows that began the log-in.
        verifier: Option<SecretString>,
    },
}

/// The answer to come: who somebody is.
pub type Authenticating<'a> = Pin<Box<dyn Future<Output = Result<Subject, AuthError>> + Send + 'a>>;

/// Finds out who somebody is.
///
/// What it refuses to say by whatever differs for people who exist and who don't, nobody else says either.
pub trait AuthenticationProvider: Send + Sync {
    /// Its name, for the audit log.
    fn name(&self) -> &'static str;

    /// The person of this tenant who the credentials belong to. `WrongKind` for credentials of another kind.
    ///
    /// Takes a bounded time; cancelling it leaves nothing half done.
    fn authenticate<'a>(&'a self, tenant: &'a TenantId, credentials: Credentials) -> Authenticating<'a>;
}
