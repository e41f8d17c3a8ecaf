//! Times as text that sorts newest first: the engine reads forwards only at a good pace.

use confab_protocol::UnixMillis;

/// Digits of a time: enough for three hundred centuries.
pub(crate) const TIME_DIGITS: usize = 15;
/// The largest time of that many digits.
const END_OF_TIME: u64 = 999_999_999_999_999;

/// The later the time, the smaller the text; all of one width.
pub(crate) fn inverted(time: UnixMillis) -> String {
    format!("{:0TIME_DIGITS$}", END_OF_TIME.saturating_sub(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_newer_sorts_first() {
        let times = [u64::MAX, 999_999_999_999_999, 1_700_000_000_001, 1_700_000_000_000, 1, 0].map(inverted);
        assert!(times.is_sorted(), "{times:?}");
        assert!(times.iter().all(|text| text.len() == TIME_DIGITS));
    }
}
