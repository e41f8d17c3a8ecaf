//! `GET /api/admin/users/{id}`: one person.

use axum::extract::State;
use confab_protocol::UserId;
use confab_protocol::api::AccountView;
use confab_store::TenantStore;

use super::view;
use crate::error::EdgeError;
use crate::http::admin::reader;
use crate::http::etag::{Tagged, tagged};
use crate::http::extract::{At, Caller};
use crate::state::EdgeState;

/// One person; the version as `ETag`.
#[utoipa::path(
    get,
    path = "/api/admin/users/{id}",
    tag = "administration",
    params(("id" = UserId, Path, description = "The person.")),
    responses((status = 200, description = "The person.", body = AccountView)),
)]
pub(crate) async fn get_user(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(id): At<UserId>,
) -> Result<Tagged<AccountView>, EdgeError> {
    let found = find(&reader(&state, &who).await?, &id).await?;
    Ok(tagged(found.version, found))
}

/// The person, who has to be there.
pub(super) async fn find(store: &TenantStore, id: &UserId) -> Result<AccountView, EdgeError> {
    let (user, agent) = tokio::try_join!(store.user(id), store.agent(id))?;
    Ok(view(user.ok_or_else(|| EdgeError::not_found("user"))?, agent))
}
