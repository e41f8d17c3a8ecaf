//! Signatures of webhooks, as Standard Webhooks asks for them (<https://www.standardwebhooks.com>): HMAC-SHA-256 over
//! id, time and body, so that none of the three can be changed and nothing can be sent again later.

use argon2::password_hash::rand_core::{OsRng, RngCore as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use crate::AuthError;

/// What secrets begin with.
const PREFIX: &str = "whsec_";
/// Bytes of a new secret.
const SECRET_BYTES: usize = 32;
/// Bytes that a secret may have.
const SECRET_RANGE: std::ops::RangeInclusive<usize> = 24..=64;

/// A new secret, from the system's randomness.
pub fn new_secret() -> String {
    let mut bytes = [0; SECRET_BYTES];
    OsRng.fill_bytes(&mut bytes);
    format!("{PREFIX}{}", STANDARD.encode(bytes))
}

/// Whether a text can be a secret: `whsec_` and 24 to 64 bytes in base64.
pub fn is_secret(text: &str) -> bool {
    key(text).is_some()
}

fn key(secret: &str) -> Option<Vec<u8>> {
    let bytes = STANDARD.decode(secret.strip_prefix(PREFIX)?).ok()?;
    SECRET_RANGE.contains(&bytes.len()).then_some(bytes)
}

/// The value of the header `webhook-signature`. `timestamp` is in seconds since the Unix epoch.
pub fn signature(secret: &str, id: &str, timestamp: u64, body: &[u8]) -> Result<String, AuthError> {
    let unusable = || AuthError::Signing("the webhook's secret can't be used".to_owned());
    let mut mac =
        Hmac::<Sha256>::new_from_slice(&key(secret).ok_or_else(unusable)?).map_err(|_| unusable())?;
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    Ok(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_vector_verifies() {
        let signed = signature(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            b"{\"test\": 2432232314}",
        );
        assert_eq!(signed.as_deref(), Ok("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }

    #[test]
    fn secrets_are_random_and_have_a_form() {
        let secret = new_secret();
        assert!(is_secret(&secret) && secret != new_secret());
        for wrong in ["", "whsec_", "whsec_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_not base64"] {
            assert!(!is_secret(wrong), "{wrong}");
            assert!(signature(wrong, "id", 1, b"").is_err());
        }
    }
}
