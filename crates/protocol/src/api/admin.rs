//! Bodies of the administration: settings, people, teams.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{Role, UserId};

/// Who of several free agents gets the next conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AssignmentPolicy {
    /// Nobody: agents accept by hand.
    Manual,
    /// The one whose last assignment is longest ago.
    RoundRobin,
    /// The one with the smallest share of their capacity in use.
    LeastBusy,
    /// The one who has been without a conversation for longest.
    LongestIdle,
}

/// `GET /api/admin/settings` and `PUT /api/admin/settings`: assignment and lifecycle. Times are in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingsBody {
    /// Assignment policy.
    pub policy: AssignmentPolicy,
    /// How long a vanished agent keeps their conversations: 0 to 1 hour.
    pub vanish_grace_ms: u64,
    /// Silence after which an active conversation gets a warning: 1 second to 7 days.
    pub idle_warning_ms: u64,
    /// Silence after the warning until it is closed: 1 second to 7 days.
    pub idle_close_ms: u64,
    /// How long a customer who left is kept in the queue: 1 second to 7 days.
    pub abandon_ms: u64,
    /// How far back assignments count for the estimated wait: 1 minute to 1 day.
    pub estimate_window_ms: u64,
}

/// A person who can log in, as admins see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountView {
    /// Id.
    pub id: UserId,
    /// Name to log in with.
    pub login: String,
    /// Name to show.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Where e-mail goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether they may not log in.
    pub disabled: bool,
    /// Conversations at a time; for staff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<u32>,
    /// Issue types they answer; empty means all. For staff.
    #[serde(default)]
    pub skills: Vec<String>,
    /// Teams they belong to; for staff.
    #[serde(default)]
    pub teams: Vec<String>,
    /// Grows with every change; the `ETag` without its quotes.
    pub version: u64,
}

/// A page of people.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AccountPage {
    /// The people, by id.
    pub items: Vec<AccountView>,
    /// Give it as `cursor` to get the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// `POST /api/admin/users`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// Id; the login when left out, if that can be one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<UserId>,
    /// Name to log in with: 1 to 256 bytes.
    pub login: String,
    /// Name to show.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Password of at least 8 characters; without one nobody can log in with a password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// Where e-mail goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Conversations at a time, 0 to 1000; `assignment.capacity` when left out. For staff.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<u32>,
    /// Issue types they answer; empty means all. For staff.
    #[serde(default)]
    pub skills: Vec<String>,
    /// Teams they belong to; for staff.
    #[serde(default)]
    pub teams: Vec<String>,
}

/// `PUT /api/admin/users/{id}`: what is left out stays as it is.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountEdit {
    /// Name to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Role; staff stays staff, and customers stay customers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Where e-mail goes; empty for nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether they may not log in. Their conversations go back to the queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
    /// Conversations at a time, 0 to 1000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<u32>,
    /// Issue types they answer; empty means all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skills: Option<Vec<String>>,
    /// Teams they belong to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub teams: Option<Vec<String>>,
}

/// `PUT /api/admin/users/{id}/password`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordBody {
    /// The new password: at least 8 characters, at most 256 bytes.
    pub password: String,
}

/// A team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TeamView {
    /// Id: what conversations and agents name.
    pub id: String,
    /// Name to show.
    pub name: String,
    /// The agents who belong to it.
    pub members: Vec<UserId>,
    /// Grows with every change; 0 for a team that agents name and nobody described.
    pub version: u64,
}

/// `PUT /api/admin/teams/{id}`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamBody {
    /// Name to show.
    pub name: String,
}

/// What becomes of a message that a content filter matches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FilterAction {
    /// It isn't sent; the sender is told.
    #[default]
    Refuse,
    /// It is sent with `*` in the place of what matches.
    Mask,
}

/// `GET /api/admin/content-filter` and `PUT /api/admin/content-filter`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContentFilterBody {
    /// What becomes of a message that matches.
    #[serde(default)]
    pub action: FilterAction,
    /// Words, matched as whole words whatever their case: at most 1000, each at most 64 characters.
    #[serde(default)]
    pub words: Vec<String>,
    /// Regular expressions, such as `\b\d{16}\b`: at most 50, each at most 500 characters.
    #[serde(default)]
    pub patterns: Vec<String>,
    /// Whether only what customers write is looked at. Private notes never are.
    #[serde(default)]
    pub customers_only: bool,
}
