//! Section `auth`: the key and the lifetimes of tokens.

use schemars::JsonSchema;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::Invalid;
use crate::check::Checks;

/// Shortest signing key, in bytes: the output size of SHA-256 (RFC 7518, 3.2).
pub const MIN_SIGNING_KEY_BYTES: usize = 32;

/// A year with a leap day, in seconds.
const YEAR_SECONDS: u64 = 366 * 86_400;

/// Tokens.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Auth {
    /// Key that signs tokens, at least 32 bytes, the same on every node; `confab all` makes one and keeps it in the data directory.
    #[schemars(with = "Option<String>")]
    pub signing_key: Option<SecretString>,
    /// Lifetime of an access token of staff, in seconds.
    pub access_token_seconds: u64,
    /// Lifetime of a refresh token, in seconds.
    pub refresh_token_seconds: u64,
    /// Lifetime of a customer's token, in seconds.
    pub customer_token_seconds: u64,
    /// Issuer named in tokens; tokens of another issuer are refused.
    pub issuer: String,
}

impl Default for Auth {
    fn default() -> Self {
        Self {
            signing_key: None,
            access_token_seconds: 900,
            refresh_token_seconds: 2_592_000,
            customer_token_seconds: 86_400,
            issuer: "confab".to_owned(),
        }
    }
}

impl Auth {
    /// Everything that is wrong with the section.
    pub fn validate(&self) -> Vec<Invalid> {
        let mut checks = Checks::of("auth");
        if let Some(key) = &self.signing_key {
            let length = key.expose_secret().len();
            checks.agree(
                "signing_key",
                length >= MIN_SIGNING_KEY_BYTES,
                &format!("has {length} bytes, fewer than {MIN_SIGNING_KEY_BYTES}"),
                "make a longer one, for example by `openssl rand -base64 48`",
            );
        }
        checks.range("access_token_seconds", self.access_token_seconds, &(1..=86_400), "seconds");
        checks.range("refresh_token_seconds", self.refresh_token_seconds, &(1..=YEAR_SECONDS), "seconds");
        checks.range("customer_token_seconds", self.customer_token_seconds, &(1..=YEAR_SECONDS), "seconds");
        checks.agree(
            "refresh_token_seconds",
            self.refresh_token_seconds >= self.access_token_seconds,
            "is shorter than auth.access_token_seconds",
            "make it longer, or nobody could renew a token",
        );
        checks.form("issuer", &self.issuer, !self.issuer.trim().is_empty(), "a name, such as confab");
        checks.finish()
    }
}
