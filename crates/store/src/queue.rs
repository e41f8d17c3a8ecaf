//! The waiting queue: one entry per waiting conversation, whose key is its place, so that positions are counted from keys.

use std::ops::Bound;

use confab_domain::Conversation;
use confab_protocol::api::Priority;
use confab_protocol::{ConversationId, UnixMillis};
use surrealdb::types::{Array, RecordId, Value, Variables};

use crate::error::StoreError;
use crate::rows::{number, range, record, record_of, text, variables};
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
pub(crate) fn place(conversation: &Conversation) -> String {
    let (priority, since, id) = conversation.queue_key();
    format!("{}-{since:015}-{id}", rank(priority.0))
}

/// The key of a conversation's entry.
pub(crate) fn key(conversation: &Conversation) -> Array {
    Array::from(key_parts(conversation))
}

/// The record of a conversation's entry.
pub(crate) fn entry(conversation: &Conversation) -> RecordId {
    RecordId::new(TABLE, key(conversation))
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
        let select = "SELECT * FROM $id WHERE queue != NONE";
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

    /// How many conversations got an agent since `at`.
    pub async fn assignments_since(&self, at: UnixMillis) -> Result<u64, StoreError> {
        let samples = range("assignment", Bound::Included(vec![number(at)]), Bound::Unbounded);
        let select = "SELECT count() FROM $samples GROUP ALL";
        let variables = variables! { "samples": samples };
        self.database.query("assignments_since", select, variables).await?.count(0)
    }

    /// Forgets assignments before `at`; returns how many.
    pub async fn prune_assignments(&self, at: UnixMillis) -> Result<u64, StoreError> {
        // The oldest ones first, so that nothing is looked at in vain but one batch.
        let select =
            "SELECT VALUE id FROM (SELECT id FROM assignment ORDER BY id LIMIT $batch) WHERE id < $until";
        let until = record_of("assignment", vec![number(at)]);
        self.prune("prune_assignments", select, variables! { "until": until }).await
    }
}
