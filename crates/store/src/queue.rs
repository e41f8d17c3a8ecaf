//! The waiting queue: one entry per waiting conversation, whose key is its place, so that positions are counted from keys.

use std::ops::Bound;

use confab_domain::Conversation;
use confab_protocol::ConversationId;
use confab_protocol::api::{ConversationStatus, Priority};
use surrealdb::types::{Array, Object, RecordId, Value, Variables};

use crate::error::StoreError;
use crate::rows::{number, range, record, text, variables};
use crate::tenant::TenantStore;

const TABLE: &str = "queue_entry";

/// The more urgent, the smaller.
pub(crate) fn rank(priority: Priority) -> u64 {
    match priority {
        Priority::Urgent => 0,
        Priority::High => 1,
        Priority::Medium => 2,
        Priority::Low => 3,
    }
}

/// The same order as [`Conversation::queue_key`].
fn key_parts(conversation: &Conversation) -> Vec<Value> {
    let (priority, since, id) = conversation.queue_key();
    vec![number(rank(priority.0)), number(since), text(id.as_str())]
}

/// The same as text that sorts, for the index.
fn place(conversation: &Conversation) -> String {
    let (priority, since, id) = conversation.queue_key();
    format!("{}-{since:015}-{id}", rank(priority.0))
}

/// The record of a conversation's entry, if it waits: what was put aside waits for its time, not in the queue.
pub(crate) fn entry(conversation: &Conversation) -> Option<RecordId> {
    let waits = conversation.status == ConversationStatus::Waiting && conversation.snoozed_until.is_none();
    waits.then(|| RecordId::new(TABLE, Array::from(key_parts(conversation))))
}

/// What is stored of an entry.
pub(crate) fn content(conversation: &Conversation) -> Object {
    let mut content = Object::new();
    content.insert("conversation", record("conversation", conversation.id.as_str()));
    content.insert("place", place(conversation));
    content
}

impl TenantStore {
    /// Waiting conversations in queue order, those behind `after` only.
    pub async fn waiting(
        &self,
        after: Option<&Conversation>,
        limit: u32,
    ) -> Result<Vec<Conversation>, StoreError> {
        let variables = variables! { "after": after.map(place).unwrap_or_default(), "limit": limit };
        let select = "SELECT VALUE conversation.* FROM queue_entry WITH INDEX queue_entry_place \
                      WHERE place > $after ORDER BY place LIMIT $limit";
        self.database.query("waiting", select, variables).await?.rows(0)
    }

    /// How many conversations wait.
    pub async fn waiting_count(&self) -> Result<u64, StoreError> {
        let select = "SELECT count() FROM queue_entry GROUP ALL";
        self.database.query("waiting_count", select, Variables::new()).await?.count(0)
    }

    /// The conversation's place in the queue, 1 being next; `None` when it does not wait.
    pub async fn queue_position(&self, id: &ConversationId) -> Result<Option<u32>, StoreError> {
        let variables = variables! { "id": record("conversation", id.as_str()) };
        let select = "SELECT * FROM $id WHERE status = 'waiting' AND snoozed_until = NONE";
        let waiting: Option<Conversation> =
            self.database.query("queue_position", select, variables).await?.first(0)?;
        let Some(conversation) = waiting else { return Ok(None) };
        let until = range(TABLE, Bound::Unbounded, Bound::Included(key_parts(&conversation)));
        let count = "SELECT count() FROM $entries GROUP ALL";
        let variables = variables! { "entries": until };
        let position = self.database.query("queue_position", count, variables).await?.count(0)?;
        // Between the two queries it may have left the queue, as the only one in it.
        Ok(u32::try_from(position).ok().filter(|position| *position > 0))
    }
}
