//! `GET /api/admin/support/dashboard`: how the desk stands now.

use axum::Json;
use axum::extract::State;
use confab_auth::permissions::{Action, Relation, authorize};
use confab_domain::report::Tally;
use confab_domain::{Agent, queue};
use confab_protocol::api::{AgentCounts, Availability, DashboardResponse};
use serde::Deserialize;
use utoipa::IntoParams;

use super::report::local;
use super::{DAY_MS, HOUR_MS, view};
use crate::error::EdgeError;
use crate::http::extract::{Caller, Parameters};
use crate::state::EdgeState;

/// Waiting conversations that are looked at for the longest wait.
const HEAD: u32 = 100;

/// Whose day.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DashboardParameters {
    /// Minutes that the caller's clock is ahead of UTC: when today began. Whole hours count.
    offset_minutes: Option<i32>,
}

/// Read how the desk stands: who waits, who answers, what has happened today.
#[utoipa::path(
    get,
    path = "/api/admin/support/dashboard",
    tag = "reports",
    params(DashboardParameters),
    responses((status = 200, description = "The figures.", body = DashboardResponse)),
)]
pub(crate) async fn get_dashboard(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    Parameters(parameters): Parameters<DashboardParameters>,
) -> Result<Json<DashboardResponse>, EdgeError> {
    authorize(who.role, Action::ViewReports, Some(Relation::Tenant))?;
    let now = state.clock.now();
    let offset = parameters.offset_minutes.unwrap_or(0);
    let today = now.saturating_sub(local(now, offset)? % DAY_MS);
    let store = state.store.tenant(&who.tenant).await?;
    let (waiting, head, agents, figures) = tokio::try_join!(
        store.waiting_count(),
        store.waiting(None, HEAD),
        store.agents(),
        store.hourly_figures(today / HOUR_MS, now / HOUR_MS),
    )?;
    let mut tally = Tally::default();
    for row in &figures {
        tally.merge(&row.tally);
    }
    let free = |agent: &&Agent| agent.is_available();
    Ok(Json(DashboardResponse {
        at: now,
        waiting,
        oldest_wait_seconds: queue::oldest_wait_seconds(&head, now),
        active: agents.iter().map(|agent| u64::from(agent.active)).sum(),
        free_slots: agents
            .iter()
            .filter(free)
            .map(|agent| u64::from(agent.capacity.saturating_sub(agent.active)))
            .sum(),
        agents: counts(&agents),
        today: view(&tally),
    }))
}

fn counts(agents: &[Agent]) -> AgentCounts {
    let mut counts = AgentCounts::default();
    for agent in agents {
        match agent.availability {
            Availability::Online => counts.online += 1,
            Availability::Away => counts.away += 1,
            Availability::Busy => counts.busy += 1,
            Availability::Offline => counts.offline += 1,
        }
        counts.connected += u64::from(agent.connected);
    }
    counts
}
