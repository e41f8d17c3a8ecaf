//! `GET /api/admin/teams`, `PUT` and `DELETE /api/admin/teams/{id}`: the teams that conversations can be routed to.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use confab_protocol::ErrorCode;
use confab_protocol::api::{TeamBody, TeamView};
use confab_store::TenantStore;
use http::StatusCode;

use super::{reader, writer};
use crate::audit;
use crate::error::EdgeError;
use crate::form;
use crate::http::etag::{IfMatch, Tagged, edited, tagged};
use crate::http::extract::{At, Body, Caller};
use crate::state::EdgeState;

/// The teams with their members: those that were described, and those that agents name.
#[utoipa::path(
    get,
    path = "/api/admin/teams",
    tag = "administration",
    responses((status = 200, description = "All teams, by id.", body = Vec<TeamView>)),
)]
pub(crate) async fn list_teams(
    State(state): State<EdgeState>,
    Caller(who): Caller,
) -> Result<Json<Vec<TeamView>>, EdgeError> {
    let store = reader(&state, &who).await?;
    Ok(Json(teams(&store).await?.into_values().collect()))
}

async fn teams(store: &TenantStore) -> Result<BTreeMap<String, TeamView>, EdgeError> {
    let (described, agents) = tokio::try_join!(store.teams(), store.agents())?;
    let mut teams: BTreeMap<String, TeamView> = described
        .into_iter()
        .map(|team| {
            let view =
                TeamView { id: team.id.clone(), name: team.name, members: Vec::new(), version: team.version };
            (team.id, view)
        })
        .collect();
    for agent in agents {
        for id in agent.teams {
            let unknown = || TeamView { id: id.clone(), name: id.clone(), members: Vec::new(), version: 0 };
            teams.entry(id.clone()).or_insert_with(unknown).members.push(agent.id.clone());
        }
    }
    Ok(teams)
}

/// Create a team, or rename it.
#[utoipa::path(
    put,
    path = "/api/admin/teams/{id}",
    tag = "administration",
    params(
        ("id" = String, Path, description = "1 to 64 of `A-Z a-z 0-9 _ -`."),
        ("If-Match" = Option<String>, Header, description = "The team's version, in quotes."),
    ),
    request_body = TeamBody,
    responses((status = 200, description = "The team.", body = TeamView)),
)]
pub(crate) async fn put_team(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(id): At<String>,
    if_match: IfMatch,
    Body(request): Body<TeamBody>,
) -> Result<Tagged<TeamView>, EdgeError> {
    let store = writer(&state, &who).await?;
    form::word("id", &id)?;
    let name = form::name("name", &request.name)?;
    let before = teams(&store).await?.remove(&id);
    let version = if_match.check(before.as_ref().map_or(0, |team| team.version))?;
    let team = store.put_team(&id, &name, version).await.map_err(edited)?;
    audit::note(&state, &who, "put_team", ("team", &id)).await;
    let members = before.map(|team| team.members).unwrap_or_default();
    Ok(tagged(team.version, TeamView { id, name: team.name, members, version: team.version }))
}

/// Delete a team without members.
#[utoipa::path(
    delete,
    path = "/api/admin/teams/{id}",
    tag = "administration",
    params(
        ("id" = String, Path, description = "The team."),
        ("If-Match" = Option<String>, Header, description = "The team's version, in quotes."),
    ),
    responses((status = 204, description = "It is gone.")),
)]
pub(crate) async fn delete_team(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(id): At<String>,
    if_match: IfMatch,
) -> Result<StatusCode, EdgeError> {
    let store = writer(&state, &who).await?;
    let team = teams(&store).await?.remove(&id).ok_or_else(|| EdgeError::not_found("team"))?;
    if_match.check(team.version)?;
    if !team.members.is_empty() {
        let message = format!("{} agents belong to the team; take them out of it first", team.members.len());
        return Err(EdgeError::new(ErrorCode::Conflict, message));
    }
    store.delete_team(&id).await?;
    audit::note(&state, &who, "delete_team", ("team", &id)).await;
    Ok(StatusCode::NO_CONTENT)
}
