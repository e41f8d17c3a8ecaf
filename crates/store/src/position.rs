//! A place in a conversation's history: epoch of the log and sequence, as text that sorts. Also the history's cursor.

use std::fmt;
use std::str::FromStr;

use crate::error::StoreError;

/// Digits of a sequence: all of a `u64`.
const SEQ_DIGITS: usize = 20;

/// Epoch and sequence of an entry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Which log.
    pub epoch: String,
    /// Where in it.
    pub seq: u64,
}

impl Position {
    /// That place.
    pub fn new(epoch: impl Into<String>, seq: u64) -> Self {
        Self { epoch: epoch.into(), seq }
    }

    /// The position in a stored text; an empty one is none.
    pub(crate) fn stored(text: &str) -> Result<Option<Self>, StoreError> {
        if text.is_empty() {
            return Ok(None);
        }
        let corrupt = |_| StoreError::Corrupt(format!("{text} is no position in the log"));
        text.parse().map(Some).map_err(corrupt)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}-{:0SEQ_DIGITS$}", self.epoch, self.seq)
    }
}

impl FromStr for Position {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        let (epoch, seq) = text.rsplit_once('-').ok_or(StoreError::InvalidCursor)?;
        if epoch.is_empty() || !epoch.bytes().all(|byte| byte.is_ascii_digit()) || seq.len() != SEQ_DIGITS {
            return Err(StoreError::InvalidCursor);
        }
        let seq = seq.parse().map_err(|_| StoreError::InvalidCursor)?;
        Ok(Self { epoch: epoch.to_owned(), seq })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_sorts_as_positions_do() {
        let positions = [
            Position::new("01700000000000000000", 9),
            Position::new("01700000000000000000", 10),
            Position::new("01800000000000000000", 1),
        ];
        let texts: Vec<String> = positions.iter().map(ToString::to_string).collect();
        assert!(texts.is_sorted() && positions.is_sorted(), "{texts:?}");
        assert_eq!(texts[1].parse(), Ok(positions[1].clone()));
    }

    #[test]
    fn what_is_no_position_is_refused() {
        for text in ["", "-", "017-5", "017-0000000000000000000x", "0 7-00000000000000000005", "nonsense"] {
            assert_eq!(text.parse::<Position>(), Err(StoreError::InvalidCursor), "{text:?}");
        }
    }
}
