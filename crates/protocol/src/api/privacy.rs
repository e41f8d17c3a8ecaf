//! Bodies of retention and privacy.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `GET /api/admin/retention` and `PUT /api/admin/retention`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetentionBody {
    /// Days after a conversation's end until what was said in it is deleted, 1 to 3650; absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_days: Option<u32>,
    /// Days after a file was attached until its bytes are deleted, 1 to 3650; absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment_days: Option<u32>,
}
