//! Receipts: how far each participant has got in a conversation. They only grow, as long as the log is the same one.

use confab_protocol::ephemeral::Watermark;
use confab_protocol::{ConversationId, UserId};
use serde::Deserialize;
use surrealdb::types::{Object, SurrealValue as _, Value};

use crate::error::StoreError;
use crate::rows::{beginning_with, record, record_of, text, variables};
use crate::tenant::TenantStore;

/// A stored watermark, with the newest epoch that was stored of the conversation when it last grew.
#[derive(Debug, Deserialize)]
pub(crate) struct ReceiptRow {
    pub(crate) conversation: ConversationId,
    user: UserId,
    delivered: u64,
    read: u64,
    #[serde(default)]
    epoch: Option<String>,
}

impl ReceiptRow {
    /// The watermark as it counts in this epoch: sequences of an older one say nothing. The receipt may come before the
    /// first entry of a conversation is stored, so one without an epoch is taken for current.
    pub(crate) fn in_epoch(&self, epoch: &str) -> Watermark {
        let is_current = self.epoch.as_deref().is_none_or(|of| epoch.is_empty() || of == epoch);
        let (delivered, read) = if is_current { (self.delivered, self.read) } else { (0, 0) };
        Watermark { user_id: self.user.clone(), delivered, read }
    }
}

fn row(conversation: &ConversationId, watermark: &Watermark) -> Value {
    let user = watermark.user_id.as_str();
    let mut row = Object::new();
    row.insert("id", record_of("receipt", vec![text(conversation.as_str()), text(user)]));
    row.insert("conversation", conversation.as_str());
    row.insert("activity", record("activity", conversation.as_str()));
    row.insert("user", user);
    row.insert("read", watermark.read);
    row.insert("delivered", watermark.delivered.max(watermark.read));
    row.into_value()
}

impl TenantStore {
    /// Lets watermarks grow; smaller ones change nothing. All or none of them.
    pub async fn merge_receipts(&self, receipts: &[(ConversationId, Watermark)]) -> Result<(), StoreError> {
        if receipts.is_empty() {
            return Ok(());
        }
        let rows: Vec<Value> =
            receipts.iter().map(|(conversation, watermark)| row(conversation, watermark)).collect();
        let merge = "FOR $new IN $rows {
            LET $epoch = $new.activity.epoch;
            LET $old = (SELECT delivered, read, epoch FROM ONLY $new.id) ?? { delivered: 0, read: 0 };
            LET $outdated = $epoch != NONE AND $old.epoch != NONE AND $old.epoch != $epoch;
            UPSERT $new.id CONTENT {
                conversation: $new.conversation,
                user: $new.user,
                delivered: IF $outdated { $new.delivered } ELSE { math::max([$old.delivered, $new.delivered]) },
                read: IF $outdated { $new.read } ELSE { math::max([$old.read, $new.read]) },
                epoch: $epoch ?? $old.epoch
            } RETURN NONE;
        }";
        self.database.query("merge_receipts", merge, variables! { "rows": rows }).await?;
        Ok(())
    }

    /// Stored watermarks of a conversation, in the newest epoch of its log.
    pub async fn receipts(&self, conversation: &ConversationId) -> Result<Vec<Watermark>, StoreError> {
        let variables = variables! {
            "receipts": beginning_with("receipt", conversation.as_str()),
            "activity": record("activity", conversation.as_str()),
        };
        let select = "SELECT * FROM $receipts; SELECT VALUE epoch FROM $activity";
        let mut answer = self.database.query("receipts", select, variables).await?;
        let rows: Vec<ReceiptRow> = answer.rows(0)?;
        let epoch = answer.first::<String>(1)?.unwrap_or_default();
        let watermarks = rows.iter().map(|row| row.in_epoch(&epoch));
        Ok(watermarks.filter(|watermark| watermark.delivered > 0).collect())
    }
}
