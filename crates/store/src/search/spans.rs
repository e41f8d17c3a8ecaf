//! Spans: some thousands of messages written one after the other, with a mark in common and a place in a directory.
//!
//! By the marks the index finds what is recent without walking through all matches of a common word.

use std::sync::{Mutex, PoisonError};

use confab_protocol::UnixMillis;
use serde::Deserialize;
use surrealdb::types::Variables;

use super::mark;
use crate::error::StoreError;
use crate::inverted::inverted;
use crate::messages::StoredEntry;
use crate::rows::{record, variables};
use crate::tenant::TenantStore;

/// Messages of a span: few enough that a word that everybody says has no more than some hundreds of matches in it.
const SPAN: usize = 4096;
/// Between what somebody wrote and the mark. Nobody can write it.
const SEPARATOR: char = '\u{1f}';

/// The span that is being written by this process.
#[derive(Debug, Default)]
pub(crate) struct Spans(Mutex<Open>);

#[derive(Debug, Default)]
struct Open {
    current: Option<Span>,
    /// The one before, until its end is in the directory.
    ended: Option<(String, UnixMillis)>,
}

#[derive(Debug, Clone)]
struct Span {
    mark: String,
    since: UnixMillis,
    until: UnixMillis,
    written: usize,
    /// Whether it is in the directory, or on its way there.
    is_listed: bool,
}

/// What a batch of messages has to bear, and what has to be written to the directory with it.
#[derive(Debug, Default)]
pub(crate) struct Admitted {
    /// The mark; absent where nobody said anything.
    pub(crate) mark: Option<String>,
    begun: Option<UnixMillis>,
    ended: Option<(String, UnixMillis)>,
}

impl Spans {
    /// The span for these entries.
    pub(crate) fn admit(&self, entries: &[&StoredEntry]) -> Admitted {
        let said =
            || entries.iter().filter(|one| one.entry.body.is_message() && one.entry.body.text().is_some());
        let Some(first) = said().next() else { return Admitted::default() };
        let since = said().map(|one| one.entry.at).min().unwrap_or(first.entry.at);
        let until = said().map(|one| one.entry.at).max().unwrap_or(first.entry.at);
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let full = open.current.take_if(|span| span.written >= SPAN);
        if let Some(full) = full {
            open.ended = Some((full.mark, full.until));
        }
        let fresh = || Span {
            mark: mark::span(first.conversation.as_str(), &first.epoch, first.seq),
            since,
            until,
            written: 0,
            is_listed: false,
        };
        let span = open.current.get_or_insert_with(fresh);
        span.written += said().count();
        span.until = span.until.max(until);
        let begun = (!span.is_listed).then_some(span.since);
        span.is_listed = true;
        let mark = Some(span.mark.clone());
        let ended = if begun.is_some() { open.ended.clone() } else { None };
        Admitted { mark, begun, ended }
    }

    /// Whether the directory has what was to be written.
    pub(crate) fn settle(&self, admitted: &Admitted, is_written: bool) {
        if admitted.begun.is_none() {
            return;
        }
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if is_written {
            open.ended.take_if(|ended| Some(&*ended) == admitted.ended.as_ref());
        } else if let Some(span) =
            open.current.as_mut().filter(|span| Some(&span.mark) == admitted.mark.as_ref())
        {
            span.is_listed = false;
        }
    }
}

impl Admitted {
    /// The statements that write the directory, for a transaction.
    pub(crate) fn statements(&self, variables: &mut Variables) -> String {
        let mut statements = String::new();
        if let (Some(mark), Some(since)) = (&self.mark, self.begun) {
            variables.insert("span", record("span", mark));
            variables.insert("span_listed", format!("{}-{mark}", inverted(since)));
            variables.insert("span_since", since);
            statements
                .push_str("UPSERT $span CONTENT { listed: $span_listed, since: $span_since } RETURN NONE; ");
        }
        if let Some((mark, until)) = &self.ended {
            variables.insert("span_ended", record("span", mark));
            variables.insert("span_until", *until);
            statements.push_str("UPDATE $span_ended SET until = $span_until RETURN NONE; ");
        }
        statements
    }

    /// What is stored of a text.
    pub(crate) fn marked(&self, text: &str) -> String {
        match &self.mark {
            Some(mark) => format!("{text}{SEPARATOR}{mark}"),
            None => text.to_owned(),
        }
    }
}

/// The text of a stored one.
pub(crate) fn unmarked(mut stored: String) -> String {
    if let Some((text, word)) = stored.rsplit_once(SEPARATOR)
        && mark::is_span(word)
    {
        stored.truncate(text.len());
    }
    stored
}

/// A span in the directory.
#[derive(Debug, Deserialize)]
pub(super) struct Listed {
    /// Its mark.
    #[serde(rename = "id")]
    pub(super) mark: String,
    /// When its last message was written; absent while it is open.
    until: Option<UnixMillis>,
}

impl TenantStore {
    /// The newest spans that can have messages of this time, newest first.
    pub(super) async fn spans(
        &self,
        since: UnixMillis,
        until: UnixMillis,
        limit: usize,
    ) -> Result<Vec<Listed>, StoreError> {
        let variables = variables! {
            // The later, the smaller: what begins after `until` comes before this.
            "first": inverted(until),
            "limit": limit as u64,
        };
        let select =
            "SELECT * FROM span WITH INDEX span_listed WHERE listed > $first ORDER BY listed LIMIT $limit";
        let mut spans: Vec<Listed> = self.database.query("spans", select, variables).await?.rows(0)?;
        spans.retain(|span| span.until.is_none_or(|until| until >= since));
        Ok(spans)
    }
}

#[cfg(test)]
mod tests {
    use confab_protocol::{Author, Body, ConversationId, Entry};

    use super::*;

    fn entry(seq: u64, body: Body) -> StoredEntry {
        let author = Author::system();
        let entry = Entry { id: seq.to_string(), author, at: seq, body };
        let conversation = ConversationId::parse("c-1").expect("an id");
        StoredEntry { conversation, note: false, epoch: "017".to_owned(), seq, entry }
    }

    fn said(seq: u64) -> StoredEntry {
        entry(seq, Body::Text { text: "hello".to_owned() })
    }

    #[test]
    fn a_span_is_listed_once_and_ends_when_it_is_full() {
        let spans = Spans::default();
        let batch: Vec<StoredEntry> = (0..4096).map(said).collect();
        let first = spans.admit(&batch.iter().collect::<Vec<_>>());
        assert_eq!((first.begun, first.ended.clone()), (Some(0), None));
        spans.settle(&first, true);
        let next = said(5000);
        let second = spans.admit(&[&next]);
        assert_ne!(second.mark, first.mark);
        assert_eq!(second.ended, Some((first.mark.expect("a mark"), 4095)));
        assert_eq!(spans.admit(&[&next]).begun, None, "on its way to the directory");
        spans.settle(&second, false);
        let again = spans.admit(&[&next]);
        assert_eq!((again.begun, &again.ended), (Some(5000), &second.ended), "it was not written");
        spans.settle(&again, true);
        assert_eq!(spans.admit(&[&next]).ended, None);
    }

    #[test]
    fn a_text_comes_back_as_it_was_written() {
        let one = said(1);
        let admitted = Spans::default().admit(&[&one]);
        for text in ["", "hello", "a\u{1f}b", "zqs"] {
            assert_eq!(unmarked(admitted.marked(text)), text);
        }
        assert_eq!(unmarked("old \u{1f}one".to_owned()), "old \u{1f}one");
    }
}
