//! What a conversation's stored entries amount to: counts, the last ones, what somebody has not read.
//!
//! Kept in one record per conversation, apart for messages and private notes, because customers hear nothing of notes.

use std::collections::HashMap;
use std::ops::Bound;

use confab_protocol::api::ActivityView;
use confab_protocol::{ConversationId, UnixMillis, UserId};
use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, SurrealValue as _, Value, Variables};

use crate::error::StoreError;
use crate::messages::StoredEntry;
use crate::position::Position;
use crate::receipts::ReceiptRow;
use crate::rows::{number, range, record, record_of, text, to_content, variables};
use crate::tenant::TenantStore;

/// Characters kept of the last message.
const PREVIEW_CHARS: usize = 120;
/// Unread messages are counted up to this many.
const MAX_UNREAD: u64 = 1000;

/// Lets the records in `$activity` begin or grow. Written without functions: the engine also evaluates it where there is
/// nothing to grow yet, and a comparison takes that well.
pub(crate) const GROW: &str = "INSERT INTO activity $activity ON DUPLICATE KEY UPDATE
    message_count += $input.message_count,
    note_count += $input.note_count,
    last_message = IF $input.message_position > message_position { $input.last_message } ELSE { last_message },
    message_position = IF $input.message_position > message_position { $input.message_position } ELSE { message_position },
    position = IF $input.position > position { $input.position } ELSE { position },
    note_position = IF $input.note_position > note_position { $input.note_position } ELSE { note_position },
    epoch = IF $input.epoch > epoch { $input.epoch } ELSE { epoch },
    last_at = IF $input.last_at > last_at { $input.last_at } ELSE { last_at },
    note_at = IF $input.note_at > note_at { $input.note_at } ELSE { note_at },
    person_at = IF $input.person_at > person_at { $input.person_at } ELSE { person_at }
    RETURN NONE;";

/// The record of a conversation, and what a batch adds to it. Texts are empty and numbers 0 where there is nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Growth {
    /// Messages, notes not counted.
    message_count: u64,
    /// Private notes.
    note_count: u64,
    /// Beginning of the last message that is no note.
    last_message: String,
    /// Where that message lies.
    message_position: String,
    /// The last entry of the conversation's channel.
    position: String,
    /// The last private note.
    note_position: String,
    /// The newest epoch.
    epoch: String,
    /// When the last entry was written.
    last_at: UnixMillis,
    /// When the last note was written.
    note_at: UnixMillis,
    /// When a person last wrote.
    person_at: UnixMillis,
}

impl Growth {
    /// Grows by an entry that has not been counted before.
    pub(crate) fn add(&mut self, stored: &StoredEntry) {
        let entry = &stored.entry;
        let is_message = entry.body.is_message();
        let place = stored.position().to_string();
        if is_message && entry.author.id.is_some() {
            self.person_at = self.person_at.max(entry.at);
        }
        self.epoch = std::mem::take(&mut self.epoch).max(stored.epoch.clone());
        if stored.note {
            self.note_count += u64::from(is_message);
            self.note_at = self.note_at.max(entry.at);
            self.note_position = std::mem::take(&mut self.note_position).max(place);
            return;
        }
        self.message_count += u64::from(is_message);
        self.last_at = self.last_at.max(entry.at);
        if is_message && place > self.message_position {
            self.last_message = entry.body.text().unwrap_or_default().chars().take(PREVIEW_CHARS).collect();
            self.message_position.clone_from(&place);
        }
        self.position = std::mem::take(&mut self.position).max(place);
    }

    /// As a row to insert.
    pub(crate) fn into_row(self, conversation: &ConversationId) -> Value {
        let mut row = to_content(&self).unwrap_or_default();
        row.insert("id", record("activity", conversation.as_str()));
        row.into_value()
    }
}

/// The record of a conversation with its customer.
#[derive(Debug, Deserialize)]
struct ActivityRow {
    id: ConversationId,
    customer: Option<UserId>,
    #[serde(flatten)]
    figures: Growth,
}

impl ActivityRow {
    /// Only those who are not the customer may know of notes.
    fn sees_notes(&self, reader: &UserId) -> bool {
        self.customer.as_ref() != Some(reader)
    }

    fn last(&self, reader: &UserId) -> Result<Option<Position>, StoreError> {
        let figures = &self.figures;
        let last = if self.sees_notes(reader) {
            (&figures.position).max(&figures.note_position)
        } else {
            &figures.position
        };
        Position::stored(last)
    }

    fn view(&self, reader: &UserId, last_seq: u64, unread: u64) -> ActivityView {
        let figures = &self.figures;
        let (notes, note_at) =
            if self.sees_notes(reader) { (figures.note_count, figures.note_at) } else { (0, 0) };
        ActivityView {
            message_count: figures.message_count + notes,
            last_seq,
            last_activity_at: figures.last_at.max(note_at),
            last_message: Some(figures.last_message.clone()).filter(|text| !text.is_empty()),
            unread,
        }
    }
}

impl TenantStore {
    /// Activity of these conversations as `reader` sees it; those without a stored entry are left out. Unread are
    /// messages of others above the reader's `read` watermark in the newest epoch, counted up to 1,000. The customer of
    /// a conversation hears nothing of notes.
    pub async fn activity(
        &self,
        conversations: &[ConversationId],
        reader: &UserId,
    ) -> Result<HashMap<ConversationId, ActivityView>, StoreError> {
        let ids = |table: &str| -> Vec<RecordId> {
            conversations.iter().map(|id| record(table, id.as_str())).collect()
        };
        let receipts: Vec<RecordId> = conversations
            .iter()
            .map(|id| record_of("receipt", vec![text(id.as_str()), text(reader.as_str())]))
            .collect();
        let variables = variables! { "activity": ids("activity"), "receipts": receipts };
        let select = "SELECT *, type::record('conversation', record::id(id)).customer.id AS customer FROM $activity; \
                      SELECT * FROM $receipts";
        let mut answer = self.database.query("activity", select, variables).await?;
        let rows: Vec<ActivityRow> = answer.rows(0)?;
        let receipts: Vec<ReceiptRow> = answer.rows(1)?;
        let receipts: HashMap<&ConversationId, &ReceiptRow> =
            receipts.iter().map(|receipt| (&receipt.conversation, receipt)).collect();
        let mut unread = Unread::default();
        let mut views = HashMap::with_capacity(rows.len());
        for row in &rows {
            let last = row.last(reader)?;
            let read = receipts.get(&row.id).map_or(0, |receipt| receipt.in_epoch(&row.figures.epoch).read);
            let last_seq = last.as_ref().map_or(0, |last| last.seq);
            views.insert(row.id.clone(), row.view(reader, last_seq, 0));
            if let Some(last) = last.filter(|last| last.epoch == row.figures.epoch && last.seq > read) {
                unread.ask(&row.id, &last.epoch, read, row.sees_notes(reader));
            }
        }
        for (conversation, count) in self.count(unread, reader).await? {
            if let Some(view) = views.get_mut(&conversation) {
                view.unread = count;
            }
        }
        Ok(views)
    }

    async fn count(&self, unread: Unread, reader: &UserId) -> Result<Vec<(ConversationId, u64)>, StoreError> {
        if unread.conversations.is_empty() {
            return Ok(Vec::new());
        }
        let mut variables = unread.variables;
        variables.insert("reader", reader.as_str());
        variables.insert("limit", MAX_UNREAD);
        let mut answer = self.database.query("unread", unread.statements, variables).await?;
        let mut counts = Vec::with_capacity(unread.conversations.len());
        for (statement, conversation) in unread.conversations.into_iter().enumerate() {
            counts.push((conversation, answer.first::<u64>(statement)?.unwrap_or_default()));
        }
        Ok(counts)
    }

    async fn figures(&self, conversation: &ConversationId) -> Result<Growth, StoreError> {
        Ok(self.one("activity", conversation.as_str()).await?.unwrap_or_default())
    }

    /// Epoch and sequence of the last stored entry of the conversation, or of its private notes.
    pub async fn last_position(
        &self,
        conversation: &ConversationId,
        note: bool,
    ) -> Result<Option<(String, u64)>, StoreError> {
        let figures = self.figures(conversation).await?;
        let last = if note { &figures.note_position } else { &figures.position };
        Ok(Position::stored(last)?.map(|Position { epoch, seq }| (epoch, seq)))
    }

    /// When a person last wrote in the conversation, notes included, as far as it is stored.
    pub async fn last_message_at(
        &self,
        conversation: &ConversationId,
    ) -> Result<Option<UnixMillis>, StoreError> {
        let at = self.figures(conversation).await?.person_at;
        Ok((at > 0).then_some(at))
    }
}

/// One statement per conversation that has something new, all sent together.
#[derive(Debug, Default)]
struct Unread {
    conversations: Vec<ConversationId>,
    statements: String,
    variables: Variables,
}

impl Unread {
    fn ask(&mut self, conversation: &ConversationId, epoch: &str, read: u64, notes: bool) {
        let index = self.conversations.len();
        let key = |seq: u64| vec![text(conversation.as_str()), text(epoch), number(seq)];
        let above = range("message", Bound::Excluded(key(read)), Bound::Included(key(u64::MAX)));
        let kinds = if notes { "['TEXT', 'NOTE']" } else { "['TEXT']" };
        self.variables.insert(format!("entries{index}"), above);
        self.statements.push_str(&format!(
            "RETURN array::len((SELECT VALUE position FROM $entries{index} \
             WHERE kind IN {kinds} AND author.id != $reader LIMIT $limit)); "
        ));
        self.conversations.push(conversation.clone());
    }
}
