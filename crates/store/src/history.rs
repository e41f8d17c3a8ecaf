//! The history of a conversation, page by page, from the newest backwards.

use confab_protocol::ConversationId;
use confab_protocol::api::HistoryItem;

use crate::error::StoreError;
use crate::messages::MessageRow;
use crate::position::Position;
use crate::rows::variables;
use crate::tenant::TenantStore;

/// Walks an index, so that only what is returned is read. A condition on notes would make the engine read ahead.
const SELECT: &str = "SELECT * FROM message WITH INDEX message_backwards \
    WHERE conversation = $conversation AND backwards > $before ORDER BY backwards LIMIT $limit";

/// A page of history.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryRows {
    /// Entries, oldest first.
    pub items: Vec<HistoryItem>,
    /// For the page before; absent at the beginning.
    pub before: Option<String>,
}

fn item(row: MessageRow) -> Result<HistoryItem, StoreError> {
    let Position { epoch, seq } = row.position();
    Ok(HistoryItem { epoch, seq, note: row.is_note(), entry: row.into_entry()? })
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
        let mut cursor: Option<Position> = before.map(str::parse).transpose()?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        // One more than asked for tells whether there is another page.
        let wanted = limit.saturating_add(1);
        let mut rows: Vec<MessageRow> = Vec::new();
        while rows.len() < wanted {
            let ask = wanted - rows.len();
            let found = self.entries_before(conversation, cursor.as_ref(), ask).await?;
            let is_all = found.len() < ask;
            cursor = found.last().map(MessageRow::position);
            rows.extend(found.into_iter().filter(|row| include_notes || !row.is_note()));
            if is_all {
                break;
            }
        }
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let before = if has_more { rows.last().map(|oldest| oldest.position().to_string()) } else { None };
        let items = rows.into_iter().rev().map(item).collect::<Result<_, _>>()?;
        Ok(HistoryRows { items, before })
    }

    async fn entries_before(
        &self,
        conversation: &ConversationId,
        cursor: Option<&Position>,
        limit: usize,
    ) -> Result<Vec<MessageRow>, StoreError> {
        let variables = variables! {
            "conversation": conversation.as_str(),
            "before": cursor.map(Position::backwards).unwrap_or_default(),
            "limit": limit,
        };
        self.database.query("history", SELECT, variables).await?.rows(0)
    }
}
