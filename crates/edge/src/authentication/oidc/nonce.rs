//! What binds a log-in through an identity provider together: a nonce that is good for one use, within ten minutes, by the
//! client that began. No node remembers it: it says itself until when it is good, and its seal covers the client's challenge.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use confab_auth::{AuthError, Purpose};
use confab_protocol::TenantId;
use rand::Rng as _;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use crate::commands;
use crate::state::EdgeState;

/// How long a nonce may be on its way through the provider's pages, in seconds.
pub(crate) const SECONDS: u64 = 600;
/// Bytes of a secret that the hub makes for a client.
const SECRET_BYTES: usize = 32;
/// Shortest and longest verifier, in bytes (RFC 7636, 4.1).
const MIN_VERIFIER: usize = 43;
const MAX_VERIFIER: usize = 128;
/// Bytes of SHA-256.
const DIGEST_BYTES: usize = 32;

/// A nonce of this hub that was found in a token.
pub(super) struct Nonce {
    random: String,
    expires: u64,
}

/// A nonce for one log-in by whoever knows what the challenge was made from, and the second from which it is worth nothing.
pub(crate) fn give(state: &EdgeState, tenant: &TenantId, challenge: &str) -> (String, u64) {
    let expires = state.clock.now() / 1000 + SECONDS;
    let random = commands::new_uuid(&state.clock).simple().to_string();
    let seal = state.tokens.seal(Purpose::LogIn, &sealed(tenant, expires, &random, challenge));
    (format!("{expires}.{random}.{seal}"), expires)
}

/// The nonce, if this hub gave it to whoever knows the verifier, not too long ago.
pub(super) fn check(
    state: &EdgeState,
    tenant: &TenantId,
    nonce: &str,
    verifier: Option<&SecretString>,
    now: u64,
) -> Result<Nonce, AuthError> {
    let mut parts = nonce.splitn(3, '.');
    let (Some(expires), Some(random), Some(seal)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(AuthError::WrongNonce);
    };
    let expires: u64 = expires.parse().map_err(|_| AuthError::WrongNonce)?;
    let verifier = verifier.map(SecretString::expose_secret).filter(|text| is_verifier(text));
    let challenge = challenge_of(verifier.ok_or(AuthError::WrongNonce)?);
    let text = sealed(tenant, expires, random, &challenge);
    if now < expires && state.tokens.is_sealed(Purpose::LogIn, &text, seal) {
        return Ok(Nonce { random: random.to_owned(), expires });
    }
    Err(AuthError::WrongNonce)
}

impl Nonce {
    /// Uses it up. Whoever comes second is refused, at whatever node.
    pub(super) async fn use_up(
        &self,
        state: &EdgeState,
        tenant: &TenantId,
        now: u64,
    ) -> Result<(), AuthError> {
        let left = Duration::from_secs(self.expires.saturating_sub(now) + 1);
        match state.bus.use_up(tenant, &self.random, left).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(AuthError::UsedNonce),
            Err(error) => {
                tracing::warn!(%error, "nobody can log in by an identity provider: nonces can't be used up");
                Err(AuthError::Unavailable("the hub can't do this at the moment"))
            }
        }
    }
}

/// A secret for a client that has none of its own.
pub(crate) fn new_secret() -> String {
    URL_SAFE_NO_PAD.encode(rand::rng().random::<[u8; SECRET_BYTES]>())
}

/// The challenge that is made from a verifier: its SHA-256 in base64url.
pub(crate) fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

/// Whether a challenge may be made from this: it is neither guessed nor endless.
pub(crate) fn is_verifier(text: &str) -> bool {
    (MIN_VERIFIER..=MAX_VERIFIER).contains(&text.len())
}

/// Whether this can be a challenge.
pub(crate) fn is_challenge(text: &str) -> bool {
    URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == DIGEST_BYTES)
}

fn sealed(tenant: &TenantId, expires: u64, random: &str, challenge: &str) -> String {
    format!("{tenant}.{expires}.{random}.{challenge}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_made_as_the_standard_has_it() {
        // RFC 7636, appendix B.
        let made = challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(made, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert!(is_challenge(&made) && !is_challenge("E9Melhoa") && !is_challenge(&format!("{made}=")));
        assert!(!is_verifier("short") && !is_verifier(&"x".repeat(129)));
        let secret = new_secret();
        assert!(secret != new_secret() && is_verifier(&secret) && is_challenge(&challenge_of(&secret)));
    }
}
