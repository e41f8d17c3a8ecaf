//! Seals on texts that leave the hub and come back: links to files, nonces. HMAC-SHA-256 under a key of each
//! purpose, derived from the key that signs tokens, so that a seal made for one is worth nothing for another.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

type Mac = Hmac<Sha256>;

/// What a sealed text is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Reading the bytes of an attachment.
    Attachment,
    /// Ending e-mail of a kind.
    Unsubscribe,
    /// Asking an identity provider for a token: its nonce.
    LogIn,
}

impl Purpose {
    fn name(self) -> &'static [u8] {
        match self {
            Self::Attachment => b"confab attachment",
            Self::Unsubscribe => b"confab unsubscribe",
            Self::LogIn => b"confab log-in",
        }
    }
}

/// Makes and checks seals.
#[derive(Clone)]
pub(crate) struct Sealer {
    mac: Mac,
}

impl Sealer {
    /// HMAC takes keys of any length, so that this never fails.
    pub(crate) fn new(key: &[u8]) -> Option<Self> {
        Mac::new_from_slice(key).ok().map(|mac| Self { mac })
    }

    fn under(&self, purpose: Purpose, text: &str) -> Option<Mac> {
        let mut key = self.mac.clone();
        key.update(purpose.name());
        let mut mac = Mac::new_from_slice(&key.finalize().into_bytes()).ok()?;
        mac.update(text.as_bytes());
        Some(mac)
    }

    pub(crate) fn seal(&self, purpose: Purpose, text: &str) -> String {
        let mac = self.under(purpose, text).map(|mac| mac.finalize().into_bytes());
        mac.map(|bytes| URL_SAFE_NO_PAD.encode(bytes)).unwrap_or_default()
    }

    /// Compares in constant time.
    pub(crate) fn is_sealed(&self, purpose: Purpose, text: &str, seal: &str) -> bool {
        let (Ok(bytes), Some(mac)) = (URL_SAFE_NO_PAD.decode(seal), self.under(purpose, text)) else {
            return false;
        };
        mac.verify_slice(&bytes).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_holds_for_its_text_its_purpose_and_its_key() {
        let sealer = Sealer::new(b"0123456789abcdef0123456789abcdef").expect("a key");
        let seal = sealer.seal(Purpose::Attachment, "acme/a-1/original/1700");
        assert!(sealer.is_sealed(Purpose::Attachment, "acme/a-1/original/1700", &seal));
        assert!(!sealer.is_sealed(Purpose::Attachment, "acme/a-1/original/1701", &seal));
        assert!(!Sealer::new(b"another").expect("a key").is_sealed(
            Purpose::Attachment,
            "acme/a-1/original/1700",
            &seal
        ));
        assert!(!sealer.is_sealed(Purpose::Unsubscribe, "acme/a-1/original/1700", &seal));
        for wrong in ["", "AAAA", "not base64!"] {
            assert!(!sealer.is_sealed(Purpose::Attachment, "acme/a-1/original/1700", wrong));
        }
    }
}
