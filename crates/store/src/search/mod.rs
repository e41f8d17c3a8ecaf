//! Search: words are looked up in indexes, candidates bounded to recent ones, ranked and marked here.
//!
//! The engine's own ranking reads every match, so a common word would cost more the longer a tenant exists. Candidates
//! are bounded instead: all matches where there are few, the most recent ones where there are many. Messages, of which
//! there are by far the most, have an index of the hub's own; all else has the engine's full-text indexes.

mod answers;
mod backlog;
mod customers;
mod index;
mod mark;
mod messages;
mod rank;
mod segment;
mod tickets;
mod words;

use confab_protocol::UnixMillis;

pub(crate) use answers::answers;
pub(crate) use backlog::index as index_backlog;
pub use customers::CustomerMatch;
pub(crate) use customers::GREET;
pub(crate) use index::{ReadFresh, Unmerged, statement};
pub use messages::{MessageMatch, MessageSearch, Scope};
pub use tickets::{TicketMatch, TicketSearch};
pub(crate) use tickets::{customer_mark, ticket_words};
pub use words::{Mark, Terms, excerpt};

/// What a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found<T> {
    /// The best ones, best first.
    pub items: Vec<T>,
    /// How many matches were looked at and ranked.
    pub candidates: usize,
    /// Whether there may be matches that were not looked at: older ones than those that were.
    pub is_bounded: bool,
}

impl<T> Found<T> {
    /// The best of the candidates; of equals the newer ones.
    fn best(mut candidates: Vec<(f64, UnixMillis, T)>, limit: usize, is_bounded: bool) -> Self {
        let count = candidates.len();
        candidates.sort_by(|one, other| other.0.total_cmp(&one.0).then(other.1.cmp(&one.1)));
        candidates.truncate(limit);
        Self {
            items: candidates.into_iter().map(|(_, _, item)| item).collect(),
            candidates: count,
            is_bounded,
        }
    }
}
