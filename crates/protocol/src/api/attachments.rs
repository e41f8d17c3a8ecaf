//! Bodies of attachments.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::entry::Attachment;
use crate::ids::{ConversationId, UnixMillis};

/// Answer to `POST /api/conversations/{id}/attachments`: the file is stored, and so is the message that bears it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AttachResponse {
    /// The file.
    pub attachment: Attachment,
    /// Sequence of its message in the channel.
    pub seq: u64,
    /// Whether the message had been stored before.
    pub duplicate: bool,
    /// Where the bytes are, for a while.
    pub links: AttachmentLinks,
}

/// Where the bytes of a file are, for a while. Whoever has a link can read them without a token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AttachmentLinks {
    /// The file itself: a path at this hub.
    pub url: String,
    /// A small JPEG of it; for pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview_url: Option<String>,
    /// When the links stop working.
    pub expires_at: UnixMillis,
}

/// `GET /api/attachments/{id}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AttachmentView {
    /// The file.
    pub attachment: Attachment,
    /// The conversation it was attached in.
    pub conversation_id: ConversationId,
    /// Where the bytes are, for a while.
    pub links: AttachmentLinks,
}
