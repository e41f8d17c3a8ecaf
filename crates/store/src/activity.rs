//! What a conversation's stored entries amount to: counts, the last ones, what somebody has not read.
//!
//! Kept in one record per conversation, apart for messages and private notes, because customers hear nothing of notes.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::ops::Bound;

use confab_domain::report::Kind;
use confab_protocol::api::ActivityView;
use confab_protocol::{ConversationId, Role, UnixMillis, UserId};
use serde::{Deserialize, Serialize};
use surrealdb::types::{Object, RecordId, Value, Variables};

use crate::error::StoreError;
use crate::guarded::{Guarded, by_key};
use crate::marks::Marks;
use crate::messages::StoredEntry;
use crate::position::Position;
use crate::receipts::ReceiptRow;
use crate::reports;
use crate::rows::{Answer, Fields, number, packed, range, record, record_of, text, variables};
use crate::tenant::TenantStore;

/// Characters kept of the last message.
const PREVIEW_CHARS: usize = 120;
/// Unread messages are counted up to this many.
const MAX_UNREAD: u64 = 1000;
/// Times of waiting for the customer that are kept.
const MAX_AWAITED: usize = 100;

/// What the entries of a conversation amount to. Texts are empty and numbers 0 where there is nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Figures {
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
    /// The epoch of the first entry that was stored.
    first_epoch: String,
    /// The newest epoch.
    epoch: String,
    /// When the last entry was written.
    last_at: UnixMillis,
    /// When the last note was written.
    note_at: UnixMillis,
    /// When a person last wrote.
    person_at: UnixMillis,
    /// When somebody of the staff first answered.
    #[serde(default)]
    first_reply_at: UnixMillis,
    /// Since when the customer is waited for: the first answer after their last message.
    #[serde(default)]
    awaiting_since: UnixMillis,
    /// When they were waited for before, the latest.
    #[serde(default)]
    awaited: Vec<(UnixMillis, UnixMillis)>,
    /// Everybody who wrote.
    authors: Vec<UserId>,
    /// When the first message was written.
    #[serde(default)]
    asked_at: UnixMillis,
    /// When staff first wrote.
    #[serde(default)]
    answered_at: UnixMillis,
    /// Where the history can be read from.
    pub(crate) marks: Marks,
}

impl Figures {
    /// Notes whose turn it is after a message.
    fn take_turn(&mut self, role: Role, at: UnixMillis) {
        if role.is_staff() {
            if self.first_reply_at == 0 {
                self.first_reply_at = at;
            }
            if self.awaiting_since == 0 {
                self.awaiting_since = at;
            }
        } else if self.awaiting_since > 0 {
            // What is forgotten of a very long conversation makes it due earlier, never later.
            if self.awaited.len() >= MAX_AWAITED {
                self.awaited.remove(0);
            }
            self.awaited.push((self.awaiting_since, at.max(self.awaiting_since)));
            self.awaiting_since = 0;
        }
    }

    /// Grows by an entry that has not been counted before.
    fn add(&mut self, stored: &StoredEntry) {
        let entry = &stored.entry;
        let is_message = entry.body.is_message();
        let position = stored.position();
        self.marks.count(&position);
        let place = position.to_string();
        if let (true, Some(author)) = (is_message, &entry.author.id) {
            self.person_at = self.person_at.max(entry.at);
            if !self.authors.contains(author) {
                self.authors.push(author.clone());
            }
        }
        if self.first_epoch.is_empty() {
            self.first_epoch.clone_from(&stored.epoch);
        }
        self.epoch = std::mem::take(&mut self.epoch).max(stored.epoch.clone());
        if stored.note {
            self.note_count += u64::from(is_message);
            self.note_at = self.note_at.max(entry.at);
            self.note_position = std::mem::take(&mut self.note_position).max(place);
            return;
        }
        if let (true, Some(role)) = (is_message, entry.author.role) {
            self.take_turn(role, entry.at);
        }
        self.message_count += u64::from(is_message);
        if is_message && self.asked_at == 0 {
            self.asked_at = entry.at;
        }
        self.last_at = self.last_at.max(entry.at);
        if is_message && place > self.message_position {
            self.last_message = entry.body.text().unwrap_or_default().chars().take(PREVIEW_CHARS).collect();
            self.message_position.clone_from(&place);
        }
        self.position = std::mem::take(&mut self.position).max(place);
    }
}

/// When who wrote in a conversation, as far as service levels care.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Turns {
    /// When somebody of the staff first answered.
    pub first_reply_at: Option<UnixMillis>,
    /// Since when the customer is waited for, if they are.
    pub awaiting_since: Option<UnixMillis>,
    /// When they were waited for before.
    pub awaited: Vec<(UnixMillis, UnixMillis)>,
}

impl Figures {
    /// A sample, when the entry is the first that staff wrote for the customer.
    fn first_answer(&mut self, stored: &StoredEntry) -> Option<(RecordId, Object)> {
        let entry = &stored.entry;
        let is_staff = entry.author.role.is_some_and(Role::is_staff);
        let agent =
            entry.author.id.as_ref().filter(|_| is_staff && !stored.note && entry.body.is_message())?;
        if self.answered_at > 0 {
            return None;
        }
        self.answered_at = entry.at.max(1);
        let waited = entry.at.saturating_sub(self.asked_at);
        let id = reports::sample_record(entry.at, stored.conversation.as_str(), "answered");
        Some((id, reports::sample(Kind::Answered, Some(agent), waited)))
    }
}

/// The stored record. Other queries need the epoch, so it stands beside the packed figures.
#[derive(Debug)]
struct ActivityRow {
    id: ConversationId,
    version: u64,
    /// Selected along with it.
    customer: Option<UserId>,
    figures: Figures,
}

impl ActivityRow {
    fn of(row: Value) -> Result<Self, StoreError> {
        let mut fields = Fields::of(row)?;
        Ok(Self {
            id: fields.key()?,
            version: fields.expect("version")?,
            customer: fields.take("customer")?,
            figures: fields.unpack("figures")?,
        })
    }

    fn all(answer: &mut Answer, statement: usize) -> Result<Vec<Self>, StoreError> {
        answer.values(statement)?.into_iter().map(Self::of).collect()
    }

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

    fn view(&self, reader: &UserId, last: Option<&Position>) -> ActivityView {
        let figures = &self.figures;
        let (notes, note_at) =
            if self.sees_notes(reader) { (figures.note_count, figures.note_at) } else { (0, 0) };
        ActivityView {
            message_count: figures.message_count + notes,
            last_seq: last.map_or(0, |last| last.seq),
            last_activity_at: figures.last_at.max(note_at),
            last_message: Some(figures.last_message.clone()).filter(|text| !text.is_empty()),
            unread: 0,
        }
    }

    /// All messages are unread by those who neither read nor wrote any, as long as there has been one log only.
    fn is_all_unread(&self, reader: &UserId, read: u64) -> bool {
        let figures = &self.figures;
        read == 0 && figures.first_epoch == figures.epoch && !figures.authors.contains(reader)
    }
}

impl TenantStore {
    /// What the conversations amount to with these entries, and samples of first answers among them, to be written along
    /// with them.
    pub(crate) async fn grown_by(&self, entries: &[&StoredEntry]) -> Result<Guarded, StoreError> {
        let mut added: BTreeMap<&ConversationId, Vec<&StoredEntry>> = BTreeMap::new();
        for stored in entries {
            added.entry(&stored.conversation).or_default().push(stored);
        }
        let ids: Vec<RecordId> = added.keys().map(|id| record("activity", id.as_str())).collect();
        let select = "SELECT * FROM $ids";
        let mut answer = self.database.query("read_activity", select, variables! { "ids": ids }).await?;
        let mut known = by_key(ActivityRow::all(&mut answer, 0)?, |row| row.id.clone());
        let mut guarded = Guarded::default();
        for (conversation, entries) in added {
            let row = known.remove(conversation);
            let version = row.as_ref().map(|row| row.version);
            let mut figures = row.map(|row| row.figures).unwrap_or_default();
            for stored in entries {
                figures.add(stored);
                if let Some((id, sample)) = figures.first_answer(stored) {
                    guarded.insert(id, sample);
                }
            }
            let mut content = Object::new();
            content.insert("epoch", figures.epoch.as_str());
            content.insert("figures", packed(&figures)?);
            guarded.add(record("activity", conversation.as_str()), content, version);
        }
        Ok(guarded)
    }

    /// Activity of these conversations as `reader` sees it; those without a stored entry are left out. Unread are
    /// messages of others above the reader's `read` watermark in the newest epoch, counted up to 1,000 where something
    /// was read. The customer of a conversation hears nothing of notes.
    pub async fn activity(
        &self,
        conversations: &[ConversationId],
        reader: &UserId,
    ) -> Result<HashMap<ConversationId, ActivityView>, StoreError> {
        let activity: Vec<RecordId> =
            conversations.iter().map(|id| record("activity", id.as_str())).collect();
        let receipts: Vec<RecordId> = conversations
            .iter()
            .map(|id| record_of("receipt", vec![text(id.as_str()), text(reader.as_str())]))
            .collect();
        let variables = variables! { "activity": activity, "receipts": receipts };
        let select = "SELECT *, type::record('conversation', record::id(id)).customer.id AS customer FROM $activity; \
                      SELECT * FROM $receipts";
        let mut answer = self.database.query("activity", select, variables).await?;
        let rows = ActivityRow::all(&mut answer, 0)?;
        let receipts = by_key(answer.rows(1)?, |receipt: &ReceiptRow| receipt.conversation.clone());
        let mut unread = Unread::default();
        let mut views = HashMap::with_capacity(rows.len());
        for row in rows {
            let figures = &row.figures;
            let last = row.last(reader)?;
            let read = receipts.get(&row.id).map_or(0, |receipt| receipt.in_epoch(&figures.epoch).read);
            let mut view = row.view(reader, last.as_ref());
            if row.is_all_unread(reader, read) {
                view.unread = view.message_count;
            } else if last.is_some_and(|last| last.epoch == figures.epoch && last.seq > read) {
                unread.ask(&row.id, &figures.epoch, read, row.sees_notes(reader));
            }
            views.insert(row.id, view);
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
        let mut answer = self.database.query("unread", unread.statements, variables).await?;
        let mut counts = Vec::with_capacity(unread.conversations.len());
        for (statement, conversation) in unread.conversations.into_iter().enumerate() {
            counts.push((conversation, answer.first::<u64>(statement)?.unwrap_or_default()));
        }
        Ok(counts)
    }

    pub(crate) async fn figures(&self, conversation: &ConversationId) -> Result<Figures, StoreError> {
        let variables = variables! { "id": record("activity", conversation.as_str()) };
        let mut answer = self.database.query("figures", "SELECT * FROM $id", variables).await?;
        Ok(ActivityRow::all(&mut answer, 0)?.pop().map(|row| row.figures).unwrap_or_default())
    }

    /// When who wrote in the conversation, as far as it is stored.
    pub async fn turns(&self, conversation: &ConversationId) -> Result<Turns, StoreError> {
        let figures = self.figures(conversation).await?;
        let some = |at: UnixMillis| Some(at).filter(|at| *at > 0);
        Ok(Turns {
            first_reply_at: some(figures.first_reply_at),
            awaiting_since: some(figures.awaiting_since),
            awaited: figures.awaited,
        })
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
        let kinds = if notes { "" } else { "note = NONE AND " };
        self.variables.insert(format!("above{index}"), above);
        // Keys are counted much faster than entries are read. Writing to a text does not fail.
        let _ = write!(
            self.statements,
            "RETURN IF (SELECT count() FROM $above{index} GROUP ALL)[0].count > {MAX_UNREAD} {{ {MAX_UNREAD} }} ELSE {{ \
             array::len((SELECT VALUE entry_id FROM $above{index} WHERE {kinds}text != NONE AND author != $reader)) }}; "
        );
        self.conversations.push(conversation.clone());
    }
}
