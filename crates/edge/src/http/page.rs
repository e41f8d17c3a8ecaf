//! How long a page of a list may be.

use confab_protocol::ErrorCode;

use crate::error::EdgeError;

/// Items on a page when the caller does not say.
const DEFAULT_LIMIT: u32 = 50;
/// Most items on a page.
pub(super) const MAX_LIMIT: u32 = 100;

/// The number of items for a caller who asked for `limit`.
pub(super) fn limit(limit: Option<u32>) -> Result<u32, EdgeError> {
    match limit.unwrap_or(DEFAULT_LIMIT) {
        limit @ 1..=MAX_LIMIT => Ok(limit),
        _ => Err(EdgeError::new(ErrorCode::Invalid, format!("limit has to be 1 to {MAX_LIMIT}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_neither_empty_nor_endless() {
        assert_eq!(limit(None).expect("a limit"), 50);
        assert_eq!(limit(Some(1)).expect("a limit"), 1);
        assert_eq!(limit(Some(100)).expect("a limit"), 100);
        for wrong in [0, 101, u32::MAX] {
            assert_eq!(limit(Some(wrong)).expect_err("no limit").code, ErrorCode::Invalid);
        }
    }
}
