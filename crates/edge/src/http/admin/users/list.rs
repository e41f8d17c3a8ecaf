//! `GET /api/admin/users`: the tenant's people.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use confab_domain::Agent;
use confab_protocol::UserId;
use confab_protocol::api::AccountPage;
use serde::Deserialize;
use utoipa::IntoParams;

use super::view;
use crate::error::EdgeError;
use crate::http::admin::reader;
use crate::http::extract::{Caller, Parameters};
use crate::http::page;
use crate::state::EdgeState;

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct UserParameters {
    /// From the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<UserId>,
    /// People on a page, 1 to 100; 50 when absent.
    limit: Option<u32>,
}

/// The people who can log in, by id.
#[utoipa::path(
    get,
    path = "/api/admin/users",
    tag = "administration",
    params(UserParameters),
    responses((status = 200, description = "A page of people.", body = AccountPage)),
)]
pub(crate) async fn list_users(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    Parameters(parameters): Parameters<UserParameters>,
) -> Result<Json<AccountPage>, EdgeError> {
    let store = reader(&state, &who).await?;
    let limit = page::limit(parameters.limit)?;
    let (page, agents) = tokio::try_join!(store.users(parameters.cursor.as_ref(), limit), store.agents())?;
    let mut agents: HashMap<UserId, Agent> =
        agents.into_iter().map(|agent| (agent.id.clone(), agent)).collect();
    let items = page.items.into_iter().map(|user| {
        let agent = agents.remove(&user.id);
        view(user, agent)
    });
    Ok(Json(AccountPage { items: items.collect(), next_cursor: page.next_cursor }))
}
