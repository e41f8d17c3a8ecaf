//! What a tenant's pages show customers before a chat: the form, and whether the desk is open.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::UnixMillis;

/// Whether the form asks for a name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AskName {
    /// A chat begins only with one.
    Required,
    /// It may be left empty.
    #[default]
    Optional,
    /// There is no such field.
    No,
}

/// Something customers can ask about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// The issue type, which routes to agents with this skill.
    pub value: String,
    /// How it is called in the form.
    pub label: String,
}

/// `GET /api/admin/widget` and `PUT /api/admin/widget`: the form before a chat. What a page sets itself goes first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WidgetBody {
    /// Title of the window, at most 80 characters; absent: as the widget has it in its languages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What heads the form, at most 300 characters; absent: as the widget has it in its languages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub greeting: Option<String>,
    /// What is said while the desk is closed, at most 300 characters; absent: as the widget has it in its languages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_message: Option<String>,
    /// Whether the form asks for a name.
    #[serde(default)]
    pub ask_name: AskName,
    /// What customers can ask about, at most 20; nothing is asked when there are none.
    #[serde(default)]
    pub topics: Vec<Topic>,
}

/// `GET /api/site`: what a page shows before a chat. For everybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SiteView {
    /// The form.
    pub widget: WidgetBody,
    /// Whether the desk is open now, by its business hours.
    pub open: bool,
    /// When it opens next; absent while it is open, and when that is not in sight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens_at: Option<UnixMillis>,
}
