//! `PUT /api/agent/availability`: says whether one takes conversations.

use axum::Json;
use axum::extract::State;
use confab_auth::permissions::{Action, Relation, authorize};
use confab_domain::CommandKind;
use confab_protocol::UserId;
use confab_protocol::api::{AgentView, AvailabilityRequest};

use crate::commands;
use crate::error::EdgeError;
use crate::http::extract::{Body, Caller, RequestKey};
use crate::identity::Identity;
use crate::state::EdgeState;

/// Say whether you take conversations.
///
/// Going online draws the oldest waiting conversations that fit, at once, while you are connected.
#[utoipa::path(
    put,
    path = "/api/agent/availability",
    tag = "agents",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes repeating the request safe.")),
    request_body = AvailabilityRequest,
    responses((status = 200, description = "You, as colleagues see you.", body = AgentView)),
)]
pub(crate) async fn set_availability(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    key: RequestKey,
    Body(request): Body<AvailabilityRequest>,
) -> Result<Json<AgentView>, EdgeError> {
    let agent = who.user_id.clone();
    set(&state, &who, key, agent, request).await
}

/// Sets the availability of the caller or, for those who lead, of another agent.
pub(super) async fn set(
    state: &EdgeState,
    who: &Identity,
    key: RequestKey,
    agent: UserId,
    request: AvailabilityRequest,
) -> Result<Json<AgentView>, EdgeError> {
    let (action, relation) = if agent == who.user_id {
        (Action::SetOwnAvailability, Relation::Own)
    } else {
        (Action::SetOthersAvailability, Relation::Tenant)
    };
    authorize(who.role, action, Some(relation))?;
    let id = match &key.0 {
        Some(key) => commands::id_of_key(who.user_id.as_str(), "set_availability", agent.as_str(), key),
        None => commands::new_id(&state.clock),
    };
    let kind = CommandKind::SetAvailability { agent, availability: request.availability };
    Ok(Json(commands::execute(state, who, kind, id).await?.into_agent()?))
}
