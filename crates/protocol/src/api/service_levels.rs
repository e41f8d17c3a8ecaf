//! Service levels: when the desk is open, and how soon what has to happen. Body of `/api/admin/service-levels`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Priority;
use crate::ids::{TicketId, UnixMillis};

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the days speak for themselves")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// A time of a day during which the desk is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenHours {
    /// The day.
    pub day: Weekday,
    /// From this local time on, as `09:00`.
    pub from: String,
    /// Until this local time, as `17:30`; `24:00` is the end of the day.
    pub until: String,
}

/// How soon what has to happen for tickets of one urgency, in minutes in which the desk is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceTargets {
    /// The urgency.
    pub priority: Priority,
    /// Until somebody has answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_response_minutes: Option<u32>,
    /// Until it is resolved; waiting for the customer doesn't count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution_minutes: Option<u32>,
}

/// A tenant's service levels. Without targets nothing is watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceLevels {
    /// IANA name of the time zone of `hours` and `holidays`.
    pub time_zone: String,
    /// When the desk is open; always when there are none.
    #[serde(default)]
    pub hours: Vec<OpenHours>,
    /// Days on which it is closed, as `2026-12-25`.
    #[serde(default)]
    pub holidays: Vec<String>,
    /// The targets, at most one entry for each urgency.
    #[serde(default)]
    pub targets: Vec<ServiceTargets>,
    /// Share of the time after which a warning is given, 1 to 99.
    #[serde(default = "usual_warning")]
    pub warn_percent: u8,
}

fn usual_warning() -> u8 {
    80
}

impl Default for ServiceLevels {
    fn default() -> Self {
        Self {
            time_zone: "UTC".to_owned(),
            hours: Vec::new(),
            holidays: Vec::new(),
            targets: Vec::new(),
            warn_percent: usual_warning(),
        }
    }
}

/// What has to happen in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ServiceGoal {
    /// Somebody answers.
    FirstResponse,
    /// It is resolved.
    Resolution,
}

impl ServiceGoal {
    /// The goal as it stands on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FirstResponse => "first_response",
            Self::Resolution => "resolution",
        }
    }
}

/// How it stands with a goal that was not met yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ServiceState {
    /// The time is nearly up.
    Warning,
    /// The time is up.
    Breached,
}

/// A warning, or that a goal was missed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ServiceNotice {
    /// The ticket.
    pub ticket_id: TicketId,
    /// Its subject.
    pub subject: String,
    /// Which goal.
    pub goal: ServiceGoal,
    /// How it stands.
    pub state: ServiceState,
    /// When the time is up.
    pub due_at: UnixMillis,
}
