//! Bodies of the desk's figures: how it stands now, and what happened from one time to another.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::UnixMillis;

/// Times of one kind.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MeasureView {
    /// How many were measured.
    pub count: u64,
    /// Their mean, in seconds; absent without any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub average_seconds: Option<f64>,
    /// About the time that half of them don't exceed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p50_seconds: Option<f64>,
    /// About the time that nine of ten don't exceed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p90_seconds: Option<f64>,
}

/// What happened, in figures.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TallyView {
    /// Conversations that began.
    pub started: u64,
    /// Conversations that ended.
    pub closed: u64,
    /// Tickets that were resolved.
    pub resolved: u64,
    /// Waits in the queue until an agent got the conversation.
    pub wait: MeasureView,
    /// From the customer's first message until staff first wrote.
    pub first_response: MeasureView,
    /// From the making of a ticket until it was resolved.
    pub resolution: MeasureView,
    /// From the beginning of a conversation to its end.
    pub duration: MeasureView,
    /// How many customers said how content they are.
    pub ratings: u64,
    /// The mean of what they said, 1 (bad) to 5 (good); absent without any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub satisfaction: Option<f64>,
}

/// Agents by what they chose.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgentCounts {
    /// Take conversations.
    pub online: u64,
    /// Will be back.
    pub away: u64,
    /// Keep theirs, take no more.
    pub busy: u64,
    /// Not working.
    pub offline: u64,
    /// Connected, whatever they chose.
    pub connected: u64,
}

/// Answer to `GET /api/admin/support/dashboard`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DashboardResponse {
    /// When this was read.
    pub at: UnixMillis,
    /// Conversations that wait for an agent.
    pub waiting: u64,
    /// The longest of their waits so far, among the first in the queue, in seconds.
    pub oldest_wait_seconds: f64,
    /// Conversations that have an agent.
    pub active: u64,
    /// Slots of online agents that are free.
    pub free_slots: u64,
    /// Agents.
    pub agents: AgentCounts,
    /// What has happened today; some seconds behind.
    pub today: TallyView,
}

/// What the rows of a report are about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportBy {
    /// A row for each hour.
    Hour,
    /// A row for each day.
    #[default]
    Day,
    /// A row for each agent.
    Agent,
    /// A row for each category.
    Category,
}

/// A row of a report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReportRow {
    /// The hour or day (`2026-11-21T14:00`, `2026-11-21`), the agent's id (empty for what has no agent), or the category.
    pub key: String,
    /// The agent's name, in reports by agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What happened.
    #[serde(flatten)]
    pub tally: TallyView,
}

/// Answer to `GET /api/admin/support/reports`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReportResponse {
    /// From this hour on.
    pub from: UnixMillis,
    /// Until the end of this hour.
    pub to: UnixMillis,
    /// What the rows are about.
    pub by: ReportBy,
    /// The rows: hours and days in order, agents and categories by their keys. Without a row nothing happened.
    pub rows: Vec<ReportRow>,
    /// All rows together.
    pub total: TallyView,
}
