//! `GET /api/chat/history/{user_id}`: what a customer talked about before.

use axum::Json;
use axum::extract::State;
use confab_auth::permissions::{Action, Relation, authorize};
use confab_protocol::UserId;
use confab_protocol::api::ConversationPage;
use confab_store::ConversationFilter;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::error::EdgeError;
use crate::http::conversations::list::list;
use crate::http::extract::{At, Caller, Parameters};
use crate::http::page;
use crate::state::EdgeState;

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryParameters {
    /// Where the next page begins, from the page before.
    cursor: Option<String>,
    /// Items on a page, 1 to 100; 50 when absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// A customer's conversations, newest first; customers see only their own.
#[utoipa::path(
    get,
    path = "/api/chat/history/{user_id}",
    tag = "chat",
    params(("user_id" = UserId, Path, description = "The customer."), HistoryParameters),
    responses((status = 200, description = "A page of conversations.", body = ConversationPage)),
)]
pub(crate) async fn list_history(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(customer): At<UserId>,
    Parameters(parameters): Parameters<HistoryParameters>,
) -> Result<Json<ConversationPage>, EdgeError> {
    let relation = if customer == who.user_id { Relation::Own } else { Relation::Tenant };
    authorize(who.role, Action::ListConversations, Some(relation))?;
    let filter = ConversationFilter { customer: Some(customer), ..Default::default() };
    let limit = page::limit(parameters.limit)?;
    list(&state, &who, filter, parameters.cursor.as_deref(), limit).await.map(Json)
}
