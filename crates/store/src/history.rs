//! The history of a conversation, page by page, from the newest backwards.

use confab_protocol::ConversationId;
use confab_protocol::api::HistoryItem;

use crate::error::StoreError;
use crate::messages::MessageRow;
use crate::position::Position;
use crate::rows::variables;
use crate::tenant::TenantStore;

/// A page of history.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryRows {
    /// Entries, oldest first.
    pub items: Vec<HistoryItem>,
    /// For the page before; absent at the beginning.
    pub before: Option<String>,
}

/// Walks the index backwards, so that only what is returned is read.
fn select(before: bool, notes: bool) -> String {
    let before = if before { "position < $before" } else { "position > ''" };
    let notes = if notes { "" } else { " AND note = false" };
    format!(
        "SELECT * FROM message WITH INDEX message_position \
         WHERE conversation = $conversation AND {before}{notes} ORDER BY position DESC LIMIT $limit"
    )
}

fn item(row: MessageRow) -> Result<HistoryItem, StoreError> {
    let Position { epoch, seq } = row
        .position
        .parse()
        .map_err(|_| StoreError::Corrupt(format!("{} is no position in the log", row.position)))?;
    Ok(HistoryItem { epoch, seq, note: row.note, entry: row.into_entry()? })
}

impl TenantStore {
    /// The last entries of the conversation before the cursor, or the very last ones, whatever epoch they are of.
    pub async fn history(
        &self,
        conversation: &ConversationId,
        before: Option<&str>,
        limit: u32,
        include_notes: bool,
    ) -> Result<HistoryRows, StoreError> {
        let cursor: Option<Position> = before.map(str::parse).transpose()?;
        let variables = variables! {
            "conversation": conversation.as_str(),
            "before": cursor.as_ref().map(ToString::to_string),
            // One more than asked for tells whether there is another page.
            "limit": u64::from(limit) + 1,
        };
        let select = select(cursor.is_some(), include_notes);
        let mut rows: Vec<MessageRow> = self.database.query("history", select, variables).await?.rows(0)?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let before = if has_more { rows.last().map(|oldest| oldest.position.clone()) } else { None };
        let items = rows.into_iter().rev().map(item).collect::<Result<_, _>>()?;
        Ok(HistoryRows { items, before })
    }
}
