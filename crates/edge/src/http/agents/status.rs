//! `PUT /api/admin/support/agents/{id}/status`: sets an agent's availability, for those who lead.

use axum::Json;
use axum::extract::State;
use confab_protocol::UserId;
use confab_protocol::api::{AgentView, AvailabilityRequest};

use super::availability;
use crate::error::EdgeError;
use crate::http::extract::{At, Body, Caller, RequestKey};
use crate::state::EdgeState;

/// Set an agent's availability.
///
/// Supervisors and admins for anybody, agents for themselves.
#[utoipa::path(
    put,
    path = "/api/admin/support/agents/{id}/status",
    tag = "agents",
    params(
        ("id" = UserId, Path, description = "The agent."),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes repeating the request safe."),
    ),
    request_body = AvailabilityRequest,
    responses((status = 200, description = "The agent, as colleagues see them.", body = AgentView)),
)]
pub(crate) async fn set_status(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    key: RequestKey,
    At(id): At<UserId>,
    Body(request): Body<AvailabilityRequest>,
) -> Result<Json<AgentView>, EdgeError> {
    availability::set(&state, &who, key, id, request).await
}
