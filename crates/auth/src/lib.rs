//! Who somebody is and what they may do: tokens, passwords, permissions.
//!
//! No I/O and no clock: time is an argument. Knows ids and roles, nothing of HTTP, the bus or the database.

mod claims;
pub mod customer_identity;
mod error;
pub mod identity_token;
pub mod passwords;
pub mod permissions;
mod provider;
mod seal;
mod tokens;
pub mod webhooks;

pub use claims::{Claims, Subject, TokenKind};
pub use error::AuthError;
pub use permissions::{Action, Relation, allowed, authorize};
pub use provider::{Authenticating, AuthenticationProvider, Credentials};
pub use seal::Purpose;
pub use tokens::{Issued, Lifetimes, MAX_LEEWAY_SECONDS, MIN_SIGNING_KEY_BYTES, Tokens};
