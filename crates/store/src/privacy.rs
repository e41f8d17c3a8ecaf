//! What goes: messages after their time, and all that is known of a customer who asks for it.

use confab_protocol::{ConversationId, UnixMillis, UserId};
use serde::Deserialize;

use crate::error::StoreError;
use crate::rows::{beginning_with, record, variables};
use crate::tenant::TenantStore;

/// A conversation that has ended.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Ended {
    /// Which.
    pub id: ConversationId,
    /// When.
    pub ended_at: UnixMillis,
}

impl TenantStore {
    /// Conversations that ended from one time on and before another, in the order of their end, at most so many.
    pub async fn ended_between(
        &self,
        from: UnixMillis,
        before: UnixMillis,
        limit: u32,
    ) -> Result<Vec<Ended>, StoreError> {
        let variables = variables! { "from": from, "before": before, "limit": limit };
        let select = "SELECT id, ended_at FROM conversation WITH INDEX conversation_ended \
                      WHERE ended_at >= $from AND ended_at < $before ORDER BY ended_at LIMIT $limit";
        self.database.query("ended_between", select, variables).await?.rows(0)
    }

    /// Forgets what was said in a conversation; that it took place stays known.
    pub async fn delete_messages(&self, conversation: &ConversationId) -> Result<(), StoreError> {
        let id = conversation.as_str();
        let variables = variables! {
            "messages": beginning_with("message", id),
            "activity": record("activity", id),
        };
        let delete = "BEGIN; DELETE $messages RETURN NONE; DELETE $activity RETURN NONE; COMMIT";
        self.database.query("delete_messages", delete, variables).await?;
        Ok(())
    }

    /// Forgets a conversation that has ended, with its ticket and all that hangs on it. Files are deleted before.
    pub async fn erase_conversation(&self, conversation: &ConversationId) -> Result<(), StoreError> {
        self.delete_messages(conversation).await?;
        let id = conversation.as_str();
        let variables = variables! {
            "conversation": record("conversation", id),
            "receipts": beginning_with("receipt", id),
            "told": record("mail_digest", id),
            "id": id,
        };
        let delete = "BEGIN; LET $ticket = (SELECT VALUE ticket_id FROM $conversation)[0]; \
                      DELETE $receipts RETURN NONE; DELETE $told RETURN NONE; \
                      DELETE attachment WHERE conversation = $id RETURN NONE; \
                      DELETE webhook_delivery WHERE conversation = $id RETURN NONE; \
                      DELETE command WHERE outcome.done.conversation.id = $id RETURN NONE; \
                      IF $ticket != NONE { DELETE type::record('ticket', $ticket) RETURN NONE }; \
                      DELETE $conversation RETURN NONE; COMMIT";
        self.database.query("erase_conversation", delete, variables).await?;
        Ok(())
    }

    /// Forgets a customer themselves, once their conversations are gone.
    pub async fn erase_person(&self, user: &UserId) -> Result<(), StoreError> {
        let id = user.as_str();
        let variables = variables! {
            "user": record("user", id),
            "customer": record("customer", id),
            "wants": record("notification", id),
            "id": id,
        };
        let delete = "BEGIN; DELETE $user RETURN NONE; DELETE $customer RETURN NONE; \
                      DELETE $wants RETURN NONE; \
                      DELETE ticket WHERE customer.id = $id RETURN NONE; COMMIT";
        self.database.query("erase_person", delete, variables).await?;
        Ok(())
    }
}
