//! Who a customer is, as the host site says: a JSON Web Token that the site's server signs with a secret it shares with
//! the tenant (HMAC-SHA-256). Times are checked against a time that the caller gives.

use argon2::password_hash::rand_core::{OsRng, RngCore as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use confab_protocol::UserId;
use confab_protocol::api::Attributes;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

use crate::{AuthError, MAX_LEEWAY_SECONDS, MIN_SIGNING_KEY_BYTES};

/// Longest time a token of the host may be good for, in seconds.
const LONGEST_LIFE_SECONDS: u64 = 24 * 3600;

/// What the host says of a customer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct CustomerIdentity {
    /// Their id at the host, which becomes their id here.
    pub sub: UserId,
    /// Name to show.
    #[serde(default)]
    pub name: Option<String>,
    /// What else the host says of them, by name.
    #[serde(default)]
    pub attributes: Attributes,
    /// From this on the token is not valid.
    pub exp: u64,
}

/// A new secret for a host, from the system's randomness.
pub fn new_secret() -> String {
    let mut bytes = [0; MIN_SIGNING_KEY_BYTES];
    OsRng.fill_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What the host says, if it was the host who said it, `now` (seconds since the Unix epoch) is before its end, and that
/// end is no more than a day away.
pub fn verify(secret: &str, token: &str, now: u64) -> Result<CustomerIdentity, AuthError> {
    if secret.len() < MIN_SIGNING_KEY_BYTES {
        return Err(AuthError::KeyTooShort { bytes: secret.len(), minimum: MIN_SIGNING_KEY_BYTES });
    }
    let mut validation = Validation::new(Algorithm::HS256);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    let key = DecodingKey::from_secret(secret.as_bytes());
    let claims = jsonwebtoken::decode::<CustomerIdentity>(token, &key, &validation);
    let identity = claims.map_err(|error| match error.kind() {
        ErrorKind::InvalidSignature | ErrorKind::InvalidAlgorithm => AuthError::BadSignature,
        _ => AuthError::Malformed,
    })?;
    let identity = identity.claims;
    if now >= identity.exp.saturating_add(MAX_LEEWAY_SECONDS) {
        return Err(AuthError::Expired);
    }
    if identity.exp > now.saturating_add(LONGEST_LIFE_SECONDS + MAX_LEEWAY_SECONDS) {
        return Err(AuthError::Malformed);
    }
    Ok(identity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::{EncodingKey, Header};

    const SECRET: &str = "a-secret-of-the-host-and-the-tenant-alone";

    fn signed(secret: &str, algorithm: Algorithm, claims: &serde_json::Value) -> String {
        let key = EncodingKey::from_secret(secret.as_bytes());
        jsonwebtoken::encode(&Header::new(algorithm), claims, &key).expect("signed")
    }

    fn claims(sub: &str, exp: u64) -> serde_json::Value {
        serde_json::json!({ "sub": sub, "name": "Mohan", "exp": exp, "iss": "shop" })
    }

    #[test]
    fn the_host_says_who_a_customer_is() {
        let identity = verify(SECRET, &signed(SECRET, Algorithm::HS256, &claims("mohan", 1000)), 900);
        let identity = identity.expect("the host's word");
        assert_eq!((identity.sub.as_str(), identity.name.as_deref()), ("mohan", Some("Mohan")));
    }

    #[test]
    fn the_host_may_say_more() {
        let mut claims = claims("mohan", 1000);
        claims["attributes"] = serde_json::json!({ "plan": "gold", "orders": 3, "vip": true });
        let identity = verify(SECRET, &signed(SECRET, Algorithm::HS256, &claims), 900).expect("taken");
        let said: Vec<String> = identity.attributes.values().map(ToString::to_string).collect();
        assert_eq!(said, ["3", "gold", "true"]);
        claims["attributes"] = serde_json::json!({ "plan": ["gold"] });
        let refused = verify(SECRET, &signed(SECRET, Algorithm::HS256, &claims), 900);
        assert_eq!(refused, Err(AuthError::Malformed));
    }

    #[test]
    fn nobody_else_does_and_not_for_ever() {
        let cases = [
            (
                signed("another-secret-that-is-long-enough-too", Algorithm::HS256, &claims("mohan", 1000)),
                AuthError::BadSignature,
            ),
            (signed(SECRET, Algorithm::HS512, &claims("mohan", 1000)), AuthError::BadSignature),
            (signed(SECRET, Algorithm::HS256, &claims("mohan", 800)), AuthError::Expired),
            (signed(SECRET, Algorithm::HS256, &claims("mohan", 900 + 90_000)), AuthError::Malformed),
            (signed(SECRET, Algorithm::HS256, &claims("no id", 1000)), AuthError::Malformed),
            (signed(SECRET, Algorithm::HS256, &serde_json::json!({ "sub": "mohan" })), AuthError::Malformed),
            ("nonsense".to_owned(), AuthError::Malformed),
        ];
        for (token, expected) in cases {
            assert_eq!(verify(SECRET, &token, 900), Err(expected), "{token}");
        }
        assert!(matches!(verify("short", "x", 1), Err(AuthError::KeyTooShort { .. })));
        assert!(new_secret().len() >= MIN_SIGNING_KEY_BYTES && new_secret() != new_secret());
    }
}
