//! Receipts: how far each participant has got in a conversation. They only grow, as long as the log is the same one.

use std::collections::BTreeMap;

use confab_protocol::ephemeral::Watermark;
use confab_protocol::{ConversationId, UserId};
use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, Variables};

use crate::error::StoreError;
use crate::guarded::{Guarded, MAX_ROUNDS, by_key, is_raced, outrun};
use crate::rows::{beginning_with, record, record_of, text, to_content, variables};
use crate::tenant::TenantStore;

/// Watermarks written in one transaction.
const BATCH: usize = 500;

/// A stored watermark, with the newest epoch that was stored of the conversation when it last grew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ReceiptRow {
    pub(crate) conversation: ConversationId,
    user: UserId,
    delivered: u64,
    read: u64,
    epoch: Option<String>,
    version: u64,
}

impl ReceiptRow {
    fn new(conversation: &ConversationId, user: &UserId) -> Self {
        let (conversation, user) = (conversation.clone(), user.clone());
        Self { conversation, user, delivered: 0, read: 0, epoch: None, version: 0 }
    }

    fn id(&self) -> RecordId {
        record_of("receipt", vec![text(self.conversation.as_str()), text(self.user.as_str())])
    }

    /// The watermark as it counts in this epoch: sequences of an older one say nothing. The receipt may come before the
    /// first entry of a conversation is stored, so one without an epoch is taken for current.
    pub(crate) fn in_epoch(&self, epoch: &str) -> Watermark {
        let is_current = self.epoch.as_deref().is_none_or(|of| epoch.is_empty() || of == epoch);
        let (delivered, read) = if is_current { (self.delivered, self.read) } else { (0, 0) };
        Watermark { user_id: self.user.clone(), delivered, read }
    }

    /// The same with the watermark merged into it.
    fn grown(&self, by: &Watermark, epoch: &str) -> Self {
        let mut watermark = self.in_epoch(epoch);
        watermark.merge(by);
        let Watermark { delivered, read, .. } = watermark;
        let epoch = Some(epoch.to_owned()).filter(|epoch| !epoch.is_empty()).or_else(|| self.epoch.clone());
        Self { delivered, read, epoch, ..self.clone() }
    }
}

impl TenantStore {
    /// Lets watermarks grow; smaller ones change nothing, and cost no write.
    pub async fn merge_receipts(&self, receipts: &[(ConversationId, Watermark)]) -> Result<(), StoreError> {
        let mut merged: BTreeMap<(&ConversationId, &UserId), Watermark> = BTreeMap::new();
        for (conversation, watermark) in receipts {
            let entry = merged.entry((conversation, &watermark.user_id));
            entry.and_modify(|known| known.merge(watermark)).or_insert_with(|| watermark.clone());
        }
        let merged: Vec<(&ConversationId, Watermark)> =
            merged.into_iter().map(|((conversation, _), watermark)| (conversation, watermark)).collect();
        for batch in merged.chunks(BATCH) {
            self.merge_batch(batch).await?;
        }
        Ok(())
    }

    async fn merge_batch(&self, batch: &[(&ConversationId, Watermark)]) -> Result<(), StoreError> {
        for _ in 0..MAX_ROUNDS {
            let grown = self.grown_receipts(batch).await?;
            if grown.is_empty() {
                return Ok(());
            }
            let mut variables = Variables::new();
            let write = format!("BEGIN; {}COMMIT;", grown.statements(&mut variables));
            match self.database.query("merge_receipts", write, variables).await {
                Ok(_) => return Ok(()),
                Err(fault) if is_raced(&fault) => {}
                Err(fault) => return Err(fault.into()),
            }
        }
        Err(outrun())
    }

    async fn grown_receipts(&self, batch: &[(&ConversationId, Watermark)]) -> Result<Guarded, StoreError> {
        #[derive(Deserialize)]
        struct Epoch {
            id: ConversationId,
            epoch: String,
        }
        let unread: Vec<ReceiptRow> =
            batch.iter().map(|(of, watermark)| ReceiptRow::new(of, &watermark.user_id)).collect();
        let ids: Vec<RecordId> = unread.iter().map(ReceiptRow::id).collect();
        let activity: Vec<RecordId> = batch.iter().map(|(of, _)| record("activity", of.as_str())).collect();
        let variables = variables! { "ids": ids, "activity": activity };
        let select = "SELECT * FROM $ids; SELECT id, epoch FROM $activity";
        let mut answer = self.database.query("read_receipts", select, variables).await?;
        let key = |row: &ReceiptRow| (row.conversation.clone(), row.user.clone());
        let known = by_key(answer.rows(0)?, key);
        let epochs = by_key(answer.rows(1)?, |row: &Epoch| row.id.clone());
        let mut guarded = Guarded::default();
        for ((conversation, watermark), none) in batch.iter().zip(&unread) {
            let row = known.get(&key(none));
            let before = row.unwrap_or(none);
            let epoch = epochs.get(*conversation).map_or("", |row| row.epoch.as_str());
            let after = before.grown(watermark, epoch);
            if after != *before {
                guarded.add(after.id(), to_content(&after)?, row.map(|row| row.version));
            }
        }
        Ok(guarded)
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
