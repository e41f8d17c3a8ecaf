//! Marks: words that nobody says, of letters only, so that the index takes each as one word.

use confab_protocol::UnixMillis;
use sha2::{Digest as _, Sha256};

const LETTERS: usize = 10;
const DAY_MS: u64 = 24 * 3600 * 1000;
/// Days of a month, as marks count them.
const MONTH_DAYS: u64 = 30;

/// A mark of this kind for what the parts name.
fn mark(kind: &str, parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_be_bytes());
        hasher.update(part);
    }
    let digest = hasher.finalize();
    let letters = digest.iter().take(LETTERS).map(|byte| char::from(b'a' + byte % 26));
    format!("zq{kind}").chars().chain(letters).collect()
}

/// The mark of a customer.
pub(super) fn customer(id: &str) -> String {
    mark("c", &[id.as_bytes()])
}

/// The mark of a day, counted back from the day of `at`.
pub(super) fn day(at: UnixMillis, back: u64) -> String {
    mark("d", &[&(at / DAY_MS).saturating_sub(back).to_be_bytes()])
}

/// The mark of a month, counted back from the month of `at`.
pub(super) fn month(at: UnixMillis, back: u64) -> String {
    mark("m", &[&(at / DAY_MS / MONTH_DAYS).saturating_sub(back).to_be_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_one_word_of_letters() {
        let marks = [customer("u-1"), day(5, 0), month(5, 0)];
        for mark in &marks {
            assert!(mark.bytes().all(|byte| byte.is_ascii_lowercase()), "{mark}");
        }
        assert_eq!(day(3 * DAY_MS + 5, 2), day(DAY_MS, 0));
    }
}
