//! What the desk does with conversations besides answering: labels, snoozing, escalation, surveys, the audit log.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ConversationStatus, Priority};
use crate::entry::Author;
use crate::ids::UnixMillis;

/// `PUT /api/conversations/{id}/labels`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LabelsRequest {
    /// All its labels; customers don't see them.
    pub labels: Vec<String>,
}

/// `POST /api/conversations/{id}/snooze`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SnoozeRequest {
    /// When it comes back.
    pub until: UnixMillis,
}

/// `POST /api/conversations/{id}/escalate`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EscalateRequest {
    /// The new urgency, never a lower one; one step up when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// Team that should answer from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// A private note that says why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// `POST /api/conversations/{id}/survey`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SurveyRequest {
    /// 1 (bad) to 5 (good).
    pub score: u8,
    /// In the customer's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// `PUT /api/chat/sessions/{id}/status`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionStatusRequest {
    /// `closed` ends it, `waiting` puts it into the queue, `active` takes a waiting one or goes on with a closed one.
    pub status: ConversationStatus,
}

/// One line of the audit log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuditItem {
    /// When.
    pub at: UnixMillis,
    /// Who.
    pub by: Author,
    /// What, as `close` or `update_ticket`.
    pub action: String,
    /// On what kind of thing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_kind: Option<String>,
    /// On which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_id: Option<String>,
    /// `done`, or the code of the refusal.
    pub outcome: String,
    /// More, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// A page of the audit log, newest first.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AuditPage {
    /// The lines.
    pub items: Vec<AuditItem>,
    /// Give it as `cursor` to get the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}
