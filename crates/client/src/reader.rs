//! Reads from the history what the log no longer has, for channels of conversations.

use confab_protocol::api::HistoryItem;
use confab_protocol::{Channel, ConversationId};

use crate::{ClientError, HttpClient, Position};

/// Items per request.
const PAGE: u32 = 100;
/// Pages read at most: a client that missed more than this starts with the newest.
const PAGES: usize = 200;

/// What was missed.
#[derive(Debug)]
pub(crate) struct Missed {
    /// Oldest first.
    pub(crate) items: Vec<HistoryItem>,
    /// Where to go on in the log.
    pub(crate) position: Position,
    /// Whether the items replace everything: what the client had last is not among them.
    pub(crate) from_the_start: bool,
}

/// Reads back to `last`, newest page first.
pub(crate) async fn read(
    http: &HttpClient,
    channel: &Channel,
    conversation: &ConversationId,
    last: Option<&Position>,
) -> Result<Missed, ClientError> {
    let notes = matches!(channel, Channel::Notes(_));
    let mut before = None;
    let mut newest_first: Vec<HistoryItem> = Vec::new();
    let mut epoch = None;
    let mut found = false;
    for _ in 0..PAGES {
        let page = http.history(conversation, before.as_deref(), Some(PAGE)).await?;
        epoch.get_or_insert(page.epoch);
        let items: Vec<HistoryItem> = page.items.into_iter().filter(|item| item.note == notes).collect();
        let new = newer_than(items, last);
        found = new.found;
        newest_first.extend(new.items.into_iter().rev());
        before = page.before;
        if found || before.is_none() {
            break;
        }
    }
    newest_first.reverse();
    let epoch = epoch.unwrap_or_default();
    let seq = newest_first.iter().rev().find(|item| item.epoch == epoch).map(|item| item.seq);
    let kept = last.filter(|last| found && last.epoch == epoch).map(|last| last.seq);
    let position = Position { seq: seq.or(kept).unwrap_or(0), epoch };
    Ok(Missed { items: newest_first, position, from_the_start: !found })
}

struct Newer {
    items: Vec<HistoryItem>,
    /// Whether the client's last entry, or one before it, is on the page.
    found: bool,
}

/// The items of a page, oldest first, that lie after `last`.
fn newer_than(items: Vec<HistoryItem>, last: Option<&Position>) -> Newer {
    let reached = last.and_then(|last| {
        items.iter().rposition(|item| item.epoch == last.epoch && item.seq <= last.seq).map(|at| at + 1)
    });
    let found = reached.is_some();
    Newer { items: items.into_iter().skip(reached.unwrap_or(0)).collect(), found }
}

#[cfg(test)]
mod tests {
    use super::*;
    use confab_protocol::{Author, Body, Entry};

    fn item(epoch: &str, seq: u64) -> HistoryItem {
        let entry = Entry {
            id: format!("m-{seq}"),
            author: Author::system(),
            at: seq,
            body: Body::Text { text: "x".into() },
        };
        HistoryItem { epoch: epoch.into(), seq, note: false, entry }
    }

    fn sequences(new: &Newer) -> Vec<(&str, u64)> {
        new.items.iter().map(|item| (item.epoch.as_str(), item.seq)).collect()
    }

    #[test]
    fn only_what_lies_after_the_last_one_is_new() {
        let page = vec![item("a", 3), item("a", 7), item("a", 9), item("b", 1)];
        let new = newer_than(page.clone(), Some(&Position { seq: 7, epoch: "a".into() }));
        assert!(new.found);
        assert_eq!(sequences(&new), [("a", 9), ("b", 1)]);
        let new = newer_than(page.clone(), Some(&Position { seq: 8, epoch: "a".into() }));
        assert_eq!(sequences(&new), [("a", 9), ("b", 1)]);
        let new = newer_than(page, Some(&Position { seq: 8, epoch: "z".into() }));
        assert!(!new.found);
        assert_eq!(new.items.len(), 4);
    }
}
