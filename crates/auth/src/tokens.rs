//! Tokens: JSON Web Tokens (RFC 7519) signed with HMAC-SHA-256, the only algorithm that is taken.
//!
//! Times are checked here and not by the library, against a time that the caller gives.

use std::fmt;

use confab_protocol::{ConversationId, Role, TenantId, UserId};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use uuid::Uuid;

use crate::seal::{Purpose, Sealer};
use crate::{AuthError, Claims, Subject, TokenKind};

/// Shortest signing key, in bytes: the output size of SHA-256 (RFC 7518, 3.2).
pub const MIN_SIGNING_KEY_BYTES: usize = 32;

/// Largest difference between the clocks of two nodes that can be allowed for, in seconds.
pub const MAX_LEEWAY_SECONDS: u64 = 30;

/// How long tokens are valid, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetimes {
    /// Access tokens of staff.
    pub access_seconds: u64,
    /// Refresh tokens.
    pub refresh_seconds: u64,
    /// Tokens of customers.
    pub customer_seconds: u64,
}

/// A token fresh from the press.
#[derive(Clone, PartialEq, Eq)]
pub struct Issued {
    /// The token itself.
    pub token: String,
    /// What stands in it.
    pub claims: Claims,
}

impl fmt::Debug for Issued {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Issued").field("claims", &self.claims).finish_non_exhaustive()
    }
}

/// Issues and verifies tokens. Cheap to share behind an `Arc`.
pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    sealer: Option<Sealer>,
    issuer: String,
    lifetimes: Lifetimes,
    leeway_seconds: u64,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Tokens")
            .field("issuer", &self.issuer)
            .field("lifetimes", &self.lifetimes)
            .field("leeway_seconds", &self.leeway_seconds)
            .finish_non_exhaustive()
    }
}

impl Tokens {
    /// Every node of a hub needs the same key and issuer. No leeway until [`Tokens::with_leeway`].
    ///
    /// Fails when the key has less than [`MIN_SIGNING_KEY_BYTES`].
    pub fn new(
        signing_key: &[u8],
        issuer: impl Into<String>,
        lifetimes: Lifetimes,
    ) -> Result<Self, AuthError> {
        if signing_key.len() < MIN_SIGNING_KEY_BYTES {
            return Err(AuthError::KeyTooShort { bytes: signing_key.len(), minimum: MIN_SIGNING_KEY_BYTES });
        }
        let mut validation = Validation::new(Algorithm::HS256);
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        Ok(Self {
            encoding: EncodingKey::from_secret(signing_key),
            decoding: DecodingKey::from_secret(signing_key),
            validation,
            sealer: Sealer::new(signing_key),
            issuer: issuer.into(),
            lifetimes,
            leeway_seconds: 0,
        })
    }

    /// Allows for clocks that differ by up to so many seconds, at most [`MAX_LEEWAY_SECONDS`].
    #[must_use]
    pub fn with_leeway(mut self, seconds: u64) -> Self {
        self.leeway_seconds = seconds.min(MAX_LEEWAY_SECONDS);
        self
    }

    /// A token for requests and sessions.
    pub fn issue_access(&self, subject: &Subject, now: u64) -> Result<Issued, AuthError> {
        self.issue(subject, TokenKind::Access, Vec::new(), now, self.lifetimes.access_seconds)
    }

    /// A token that is good for nothing but a new access token.
    pub fn issue_refresh(&self, subject: &Subject, now: u64) -> Result<Issued, AuthError> {
        self.issue(subject, TokenKind::Refresh, Vec::new(), now, self.lifetimes.refresh_seconds)
    }

    /// An access token for a customer, bound to their conversations.
    pub fn issue_customer(
        &self,
        tenant: TenantId,
        customer: UserId,
        name: impl Into<String>,
        conversations: Vec<ConversationId>,
        now: u64,
    ) -> Result<Issued, AuthError> {
        let subject = Subject { user: customer, tenant, role: Role::Customer, name: name.into() };
        self.issue(&subject, TokenKind::Access, conversations, now, self.lifetimes.customer_seconds)
    }

    /// A seal on a text for a purpose, to be checked by any node with the same key.
    pub fn seal(&self, purpose: Purpose, text: &str) -> String {
        self.sealer.as_ref().map(|sealer| sealer.seal(purpose, text)).unwrap_or_default()
    }

    /// Whether the seal was made here, on this text, for this purpose.
    pub fn is_sealed(&self, purpose: Purpose, text: &str, seal: &str) -> bool {
        self.sealer.as_ref().is_some_and(|sealer| sealer.is_sealed(purpose, text, seal))
    }

    fn issue(
        &self,
        subject: &Subject,
        kind: TokenKind,
        conversations: Vec<ConversationId>,
        now: u64,
        lifetime_seconds: u64,
    ) -> Result<Issued, AuthError> {
        let claims = Claims {
            iss: self.issuer.clone(),
            sub: subject.user.clone(),
            tenant: subject.tenant.clone(),
            role: subject.role,
            name: subject.name.clone(),
            kind,
            conversations,
            iat: now,
            nbf: now,
            exp: now.saturating_add(lifetime_seconds),
            jti: Uuid::new_v4().to_string(),
        };
        let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.encoding)
            .map_err(|error| AuthError::Signing(error.to_string()))?;
        Ok(Issued { token, claims })
    }

    /// The claims of a token that this hub issued, that is of the `expected` kind and valid at `now` (seconds since the
    /// Unix epoch). The signature is checked before anything in the token is believed.
    pub fn verify(&self, token: &str, now: u64, expected: TokenKind) -> Result<Claims, AuthError> {
        let claims = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation)
            .map_err(|error| refused(error.kind()))?
            .claims;
        if claims.iss != self.issuer {
            return Err(AuthError::WrongIssuer);
        }
        if claims.kind != expected {
            return Err(AuthError::WrongKind);
        }
        if now >= claims.exp.saturating_add(self.leeway_seconds) {
            return Err(AuthError::Expired);
        }
        if now.saturating_add(self.leeway_seconds) < claims.nbf {
            return Err(AuthError::NotYetValid);
        }
        Ok(claims)
    }
}

fn refused(kind: &ErrorKind) -> AuthError {
    match kind {
        ErrorKind::InvalidSignature | ErrorKind::InvalidAlgorithm => AuthError::BadSignature,
        _ => AuthError::Malformed,
    }
}
