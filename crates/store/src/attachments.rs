//! What is known of attached files; their bytes are elsewhere.

use confab_protocol::{Attachment, AttachmentId, ConversationId, UnixMillis, UserId};
use serde::{Deserialize, Serialize};

use crate::error::{Fault, StoreError};
use crate::rows::{record, to_content, variables};
use crate::tenant::TenantStore;

/// An attached file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachmentRecord {
    /// Id.
    pub id: AttachmentId,
    /// The file as its message bears it.
    pub file: Attachment,
    /// The conversation it was attached in.
    pub conversation: ConversationId,
    /// Who attached it.
    pub author: UserId,
    /// Whether it belongs to a private note.
    #[serde(default)]
    pub note: bool,
    /// When.
    pub at: UnixMillis,
}

impl TenantStore {
    /// Notes a file. One that is there already stays as it is.
    pub async fn add_attachment(&self, attachment: &AttachmentRecord) -> Result<(), StoreError> {
        let variables = variables! {
            "id": record("attachment", attachment.id.as_str()),
            "content": to_content(attachment)?,
        };
        let create = "CREATE $id CONTENT $content RETURN NONE";
        match self.database.query("add_attachment", create, variables).await {
            Ok(_) | Err(Fault::Exists(_)) => Ok(()),
            Err(fault) => Err(fault.into()),
        }
    }

    /// A file.
    pub async fn attachment(&self, id: &AttachmentId) -> Result<Option<AttachmentRecord>, StoreError> {
        self.one("attachment", id.as_str()).await
    }

    /// The files of a conversation.
    pub async fn attachments_of(
        &self,
        conversation: &ConversationId,
    ) -> Result<Vec<AttachmentRecord>, StoreError> {
        let variables = variables! { "conversation": conversation.as_str() };
        let select =
            "SELECT * FROM attachment WITH INDEX attachment_conversation WHERE conversation = $conversation";
        self.database.query("attachments_of", select, variables).await?.rows(0)
    }

    /// Files attached before a time, oldest first, at most so many.
    pub async fn attachments_before(
        &self,
        at: UnixMillis,
        limit: u32,
    ) -> Result<Vec<AttachmentRecord>, StoreError> {
        let variables = variables! { "at": at, "limit": limit };
        let select =
            "SELECT * FROM attachment WITH INDEX attachment_at WHERE at < $at ORDER BY at LIMIT $limit";
        self.database.query("attachments_before", select, variables).await?.rows(0)
    }

    /// Forgets files, once their bytes are deleted.
    pub async fn delete_attachments(&self, ids: &[AttachmentId]) -> Result<(), StoreError> {
        let ids: Vec<_> = ids.iter().map(|id| record("attachment", id.as_str())).collect();
        self.database
            .query("delete_attachments", "DELETE $ids RETURN NONE", variables! { "ids": ids })
            .await?;
        Ok(())
    }
}
