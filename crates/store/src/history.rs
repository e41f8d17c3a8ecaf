//! The history of a conversation, page by page, from the newest backwards.
//!
//! The engine reads a range of records whole, and forwards only at a good pace. So a page is read from the nearest of the
//! conversation's marks that promises to hold it, and if it holds too little, from the marks before, piece by piece.

use std::ops::Bound;

use confab_protocol::ConversationId;
use confab_protocol::api::HistoryItem;
use surrealdb::types::RecordId;

use crate::error::StoreError;
use crate::messages::{MessageRow, key};
use crate::position::Position;
use crate::rows::{beginning_of, end_of, range, variables};
use crate::tenant::TenantStore;

/// A page of history.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryRows {
    /// Entries, oldest first.
    pub items: Vec<HistoryItem>,
    /// For the page before; absent at the beginning.
    pub before: Option<String>,
}

/// The pieces of a conversation's history, none of them long, to be read from the beginning. They meet exactly.
#[derive(Debug, Clone)]
pub struct Pieces {
    marks: Vec<Position>,
}

impl Pieces {
    /// How many there are; at least one.
    #[expect(clippy::len_without_is_empty, reason = "they are never none")]
    pub fn len(&self) -> usize {
        self.marks.len() + 1
    }
}

fn item(row: MessageRow) -> Result<HistoryItem, StoreError> {
    let Position { epoch, seq } = row.position.clone();
    Ok(HistoryItem { epoch, seq, note: row.is_note(), entry: row.into_entry()? })
}

/// The entries of a conversation from one place, which is among them, to another, which isn't.
fn between(conversation: &ConversationId, start: Option<&Position>, end: Option<&Position>) -> RecordId {
    let id = conversation.as_str();
    let place = |position: &Position| key(id, &position.epoch, position.seq);
    let start = start.map_or_else(|| beginning_of(id), place);
    let end = end.map_or_else(|| end_of(id), place);
    range("message", Bound::Included(start), Bound::Excluded(end))
}

impl TenantStore {
    /// The pieces in which the whole history of a conversation can be read.
    pub async fn pieces(&self, conversation: &ConversationId) -> Result<Pieces, StoreError> {
        Ok(Pieces { marks: self.figures(conversation).await?.marks.all() })
    }

    /// The entries of one piece, oldest first; none beyond the last one.
    pub async fn piece(
        &self,
        conversation: &ConversationId,
        pieces: &Pieces,
        index: usize,
        include_notes: bool,
    ) -> Result<Vec<HistoryItem>, StoreError> {
        if index >= pieces.len() {
            return Ok(Vec::new());
        }
        let start = index.checked_sub(1).and_then(|before| pieces.marks.get(before));
        let entries = between(conversation, start, pieces.marks.get(index));
        let variables = variables! { "entries": entries };
        let mut answer = self.database.query("history_piece", "SELECT * FROM $entries", variables).await?;
        let rows = answer.values(0)?.into_iter().map(MessageRow::of);
        rows.filter(|row| !row.as_ref().is_ok_and(|row| row.is_note() && !include_notes))
            .map(|row| row.and_then(item))
            .collect()
    }

    /// The last entries of the conversation before the cursor, or the very last ones, whatever epoch they are of.
    pub async fn history(
        &self,
        conversation: &ConversationId,
        before: Option<&str>,
        limit: u32,
        include_notes: bool,
    ) -> Result<HistoryRows, StoreError> {
        let mut end: Option<Position> = before.map(str::parse).transpose()?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        // One more than asked for tells whether there is another page.
        let wanted = limit.saturating_add(1);
        let marks = self.figures(conversation).await?.marks;
        // Newest first.
        let mut rows: Vec<MessageRow> = Vec::new();
        while rows.len() < wanted {
            let start = marks.before(end.as_ref(), wanted - rows.len());
            let entries = between(conversation, start.as_ref(), end.as_ref());
            let mut answer = self
                .database
                .query("history", "SELECT * FROM $entries", variables! { "entries": entries })
                .await?;
            for row in answer.values(0)?.into_iter().rev() {
                let row = MessageRow::of(row)?;
                if include_notes || !row.is_note() {
                    rows.push(row);
                }
            }
            if start.is_none() {
                break;
            }
            end = start;
        }
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let before = if has_more { rows.last().map(|oldest| oldest.position.to_string()) } else { None };
        let items = rows.into_iter().rev().map(item).collect::<Result<_, _>>()?;
        Ok(HistoryRows { items, before })
    }
}
