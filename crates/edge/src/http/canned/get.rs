//! `GET /api/canned-messages/{id}`: one canned message.

use axum::extract::State;
use confab_protocol::CannedId;
use confab_protocol::api::CannedMessage;

use super::visible;
use crate::error::EdgeError;
use crate::http::conditional::Versioned;
use crate::http::extract::{At, Caller};
use crate::state::EdgeState;

/// Read a canned message.
#[utoipa::path(
    get,
    path = "/api/canned-messages/{id}",
    tag = "library",
    params(("id" = CannedId, Path, description = "The canned message.")),
    responses((status = 200, description = "The canned message; its version is the `ETag`.", body = CannedMessage)),
)]
pub(crate) async fn get_canned(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(id): At<CannedId>,
) -> Result<Versioned<CannedMessage>, EdgeError> {
    let store = state.store.tenant(&who.tenant).await?;
    let canned = visible(&store, &who, &id).await?;
    Ok(Versioned(canned.version, canned))
}
