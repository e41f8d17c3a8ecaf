//! Conversations: single ones, those somebody has, and lists, newest first.

use confab_domain::Conversation;
use confab_protocol::api::ConversationStatus;
use confab_protocol::{ConversationId, UserId};
use surrealdb::types::Object;

use crate::error::StoreError;
use crate::inverted::{TIME_DIGITS, inverted};
use crate::rows::{record, to_content, variables};
use crate::tenant::TenantStore;

/// Which conversations to list; those that fit all that is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConversationFilter {
    /// With this status.
    pub status: Option<ConversationStatus>,
    /// That this agent has, or had last when it is closed.
    pub agent: Option<UserId>,
    /// Of this customer.
    pub customer: Option<UserId>,
    /// That nobody has: those waiting, unless they were put aside.
    pub unassigned: bool,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// For the next part; absent on the last.
    pub next_cursor: Option<String>,
}

/// What sorts lists, newest first: the inverted start in fixed width, then the id, because several can start in one
/// millisecond.
fn listed(conversation: &Conversation) -> String {
    format!("{}-{}", inverted(conversation.started_at), conversation.id)
}

fn check_cursor(cursor: &str) -> Result<(), StoreError> {
    let (time, id) = cursor.split_once('-').ok_or(StoreError::InvalidCursor)?;
    let fits = time.len() == TIME_DIGITS && time.bytes().all(|byte| byte.is_ascii_digit());
    if fits && ConversationId::parse(id).is_ok() { Ok(()) } else { Err(StoreError::InvalidCursor) }
}

/// What is stored of a conversation: its own fields and those that lists need.
pub(crate) fn content(conversation: &Conversation) -> Result<Object, StoreError> {
    let mut content = to_content(conversation)?;
    content.insert("listed", listed(conversation));
    let holder = match conversation.status {
        ConversationStatus::Closed => conversation.last_agent.as_ref(),
        ConversationStatus::Waiting | ConversationStatus::Active => conversation.agent.as_ref(),
    };
    if let Some(holder) = holder {
        content.insert("holder", holder.id.as_str());
    }
    Ok(content)
}

/// The query for a page. The index is named, because each keeps the order for one filter only.
fn select_page(filter: &ConversationFilter, after_cursor: bool) -> String {
    let mut conditions = Vec::new();
    let mut index = "conversation_listed";
    if filter.status.is_some() || filter.unassigned {
        index = "conversation_status";
        conditions.push("status = $status");
    }
    if filter.agent.is_some() {
        index = "conversation_holder";
        conditions.push("holder = $agent");
    }
    if filter.customer.is_some() {
        index = "conversation_customer";
        conditions.push("customer.id = $customer");
    }
    if filter.unassigned {
        conditions.push("snoozed_until = NONE");
    }
    // Without a condition the index would not be used.
    conditions.push(if after_cursor { "listed > $cursor" } else { "listed > ''" });
    let conditions = conditions.join(" AND ");
    format!("SELECT * FROM conversation WITH INDEX {index} WHERE {conditions} ORDER BY listed LIMIT $limit")
}

impl TenantStore {
    /// A conversation.
    pub async fn conversation(&self, id: &ConversationId) -> Result<Option<Conversation>, StoreError> {
        self.one("conversation", id.as_str()).await
    }

    /// Those of the conversations that exist, in no order.
    pub async fn conversations_of(&self, ids: &[ConversationId]) -> Result<Vec<Conversation>, StoreError> {
        let ids: Vec<_> = ids.iter().map(|id| record("conversation", id.as_str())).collect();
        let select = "SELECT * FROM $ids";
        self.database.query("conversations_of", select, variables! { "ids": ids }).await?.rows(0)
    }

    /// The active conversations of an agent, oldest first.
    pub async fn held_by(&self, agent: &UserId) -> Result<Vec<Conversation>, StoreError> {
        let variables = variables! { "agent": agent.as_str() };
        let select = "SELECT * FROM conversation WHERE agent.id = $agent AND status = 'active'";
        let mut held: Vec<Conversation> = self.database.query("held_by", select, variables).await?.rows(0)?;
        held.sort_by(|one, other| (one.started_at, &one.id).cmp(&(other.started_at, &other.id)));
        Ok(held)
    }

    /// Conversations that fit the filter, newest first.
    pub async fn conversations(
        &self,
        filter: &ConversationFilter,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<Conversation>, StoreError> {
        cursor.map_or(Ok(()), check_cursor)?;
        let mut status = filter.status;
        if filter.unassigned {
            if status.is_some_and(|status| status != ConversationStatus::Waiting) {
                return Ok(Page { items: Vec::new(), next_cursor: None });
            }
            status = Some(ConversationStatus::Waiting);
        }
        let variables = variables! {
            "status": status.map(ConversationStatus::as_str),
            "agent": filter.agent.as_ref().map(UserId::as_str),
            "customer": filter.customer.as_ref().map(UserId::as_str),
            "cursor": cursor,
            // One more than asked for tells whether there is another page.
            "limit": u64::from(limit) + 1,
        };
        let select = select_page(filter, cursor.is_some());
        let mut items: Vec<Conversation> =
            self.database.query("conversations", select, variables).await?.rows(0)?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = items.len() > limit;
        items.truncate(limit);
        let next_cursor = if has_more { items.last().map(listed) } else { None };
        Ok(Page { items, next_cursor })
    }

    /// A customer's conversations, newest first.
    pub async fn customer_conversations(
        &self,
        user: &UserId,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<Conversation>, StoreError> {
        let filter = ConversationFilter { customer: Some(user.clone()), ..ConversationFilter::default() };
        self.conversations(&filter, cursor, limit).await
    }
}
