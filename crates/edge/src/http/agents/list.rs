//! `GET /api/agents`: the tenant's agents.

use axum::Json;
use axum::extract::State;
use confab_auth::permissions::{Action, Relation, authorize};
use confab_domain::Agent;
use confab_protocol::api::AgentView;

use crate::error::EdgeError;
use crate::http::extract::Caller;
use crate::state::EdgeState;

/// The tenant's agents; for those who may follow the desk, where changes of them are told.
#[utoipa::path(
    get,
    path = "/api/agents",
    tag = "agents",
    responses((status = 200, description = "All agents.", body = Vec<AgentView>)),
)]
pub(crate) async fn list_agents(
    State(state): State<EdgeState>,
    Caller(who): Caller,
) -> Result<Json<Vec<AgentView>>, EdgeError> {
    authorize(who.role, Action::JoinDeskFeed, Some(Relation::Tenant))?;
    let agents = state.store.tenant(&who.tenant).await?.agents().await?;
    Ok(Json(agents.iter().map(Agent::view).collect()))
}
