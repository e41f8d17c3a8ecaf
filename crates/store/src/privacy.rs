//! What goes: messages after their time, and all that is known of a customer who asks for it.

use confab_protocol::{ConversationId, TicketId, UnixMillis, UserId};
use serde::Deserialize;
use surrealdb::types::{RecordId, Value};

use crate::error::StoreError;
use crate::find::any_of;
use crate::rows::{Fields, beginning_with, record, variables};
use crate::tenant::TenantStore;

/// Records of commands looked into at a time.
const COMMANDS: usize = 500;
/// How long before a conversation's own time the command may be dated that began it.
const SKEW_MS: UnixMillis = 60_000;

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
        self.forget_said(conversation).await?;
        let id = conversation.as_str();
        let variables = variables! {
            "messages": beginning_with("message", id),
            "activity": record("activity", id),
        };
        let delete = "BEGIN; DELETE $messages RETURN NONE; DELETE $activity RETURN NONE; COMMIT";
        self.database.query("delete_messages", delete, variables).await?;
        Ok(())
    }

    /// Forgets a conversation that has ended, with its ticket and all that hangs on it, but for its commands. Files are
    /// deleted before.
    pub async fn erase_conversation(
        &self,
        conversation: &ConversationId,
        ticket: &TicketId,
    ) -> Result<(), StoreError> {
        self.delete_messages(conversation).await?;
        let id = conversation.as_str();
        let variables = variables! {
            "conversation": record("conversation", id),
            "receipts": beginning_with("receipt", id),
            "told": record("mail_digest", id),
            "id": id,
        };
        let delete = "BEGIN; DELETE $receipts RETURN NONE; DELETE $told RETURN NONE; \
                      DELETE attachment WHERE conversation = $id RETURN NONE; \
                      DELETE webhook_delivery WHERE conversation = $id RETURN NONE; \
                      DELETE $conversation RETURN NONE; COMMIT";
        self.database.query("erase_conversation", delete, variables).await?;
        self.erase_ticket(ticket).await
    }

    /// Forgets a ticket with its history.
    pub async fn erase_ticket(&self, ticket: &TicketId) -> Result<(), StoreError> {
        let id = ticket.as_str();
        let variables =
            variables! { "ticket": record("ticket", id), "steps": beginning_with("ticket_step", id) };
        let delete = "BEGIN; DELETE $steps RETURN NONE; DELETE $ticket RETURN NONE; COMMIT";
        self.database.query("erase_ticket", delete, variables).await?;
        Ok(())
    }

    /// Forgets what commands given since then said of any of these conversations and tickets. A command that comes again
    /// afterwards finds neither its record nor what it concerns.
    pub async fn erase_commands(
        &self,
        since: UnixMillis,
        conversations: &[ConversationId],
        tickets: &[TicketId],
    ) -> Result<u64, StoreError> {
        let names = conversations.iter().map(ConversationId::as_str);
        let names: Vec<&str> = names.chain(tickets.iter().map(TicketId::as_str)).collect();
        let Some(pattern) = any_of(&names)? else { return Ok(0) };
        let select = "SELECT id, at, rest FROM command WITH INDEX command_at \
                      WHERE at >= $from ORDER BY at LIMIT $limit";
        let (mut from, mut limit, mut erased) = (since.saturating_sub(SKEW_MS), COMMANDS, 0);
        loop {
            let variables = variables! { "from": from, "limit": limit as u64 };
            let rows = self.database.query("read_commands", select, variables).await?.values(0)?;
            let (count, mut last, mut found) = (rows.len(), from, Vec::new());
            for row in rows {
                let mut row = Fields::of(row)?;
                last = row.expect("at")?;
                if let (Some(id), Some(Value::Bytes(rest))) = (row.value("id"), row.value("rest"))
                    && pattern.is_match(&rest)
                {
                    found.push(id);
                }
            }
            erased += found.len() as u64;
            if !found.is_empty() {
                let variables = variables! { "found": found };
                self.database.query("erase_commands", "DELETE $found RETURN NONE", variables).await?;
            }
            if count < limit {
                return Ok(erased);
            }
            // Many can be of one millisecond, and the last one's is looked through again.
            if last == from {
                limit *= 2;
            } else {
                (from, limit) = (last, COMMANDS);
            }
        }
    }

    /// The tickets of a customer, with when they were made, those that were deleted among them.
    pub async fn tickets_to_erase(&self, user: &UserId) -> Result<Vec<(TicketId, UnixMillis)>, StoreError> {
        #[derive(Deserialize)]
        struct Row {
            id: TicketId,
            created_at: UnixMillis,
        }
        let variables = variables! { "id": user.as_str() };
        let select = "SELECT id, created_at FROM ticket WHERE customer.id = $id";
        let rows: Vec<Row> = self.database.query("tickets_to_erase", select, variables).await?.rows(0)?;
        Ok(rows.into_iter().map(|row| (row.id, row.created_at)).collect())
    }

    /// Forgets a customer themselves, once their conversations are gone, with what the audit log says they did, and that
    /// their addresses took no e-mail.
    pub async fn erase_person(&self, user: &UserId, addresses: &[String]) -> Result<(), StoreError> {
        let id = user.as_str();
        let refusals: Vec<RecordId> =
            addresses.iter().map(|address| record("mail_refusal", address)).collect();
        let variables = variables! {
            "user": record("user", id),
            "customer": record("customer", id),
            "wants": record("notification", id),
            "refusals": refusals,
            "id": id,
        };
        let delete = "BEGIN; DELETE $customer RETURN NONE; DELETE $wants RETURN NONE; \
                      DELETE $refusals RETURN NONE; DELETE audit WHERE actor = $id RETURN NONE; \
                      DELETE $user RETURN NONE; COMMIT";
        self.database.query("erase_person", delete, variables).await?;
        Ok(())
    }
}
