//! `DELETE /api/canned-messages/{id}`: forgets a canned message.

use axum::extract::State;
use confab_protocol::CannedId;
use http::StatusCode;

use super::{may_edit, refused, visible};
use crate::audit;
use crate::error::EdgeError;
use crate::http::conditional::IfMatch;
use crate::http::extract::{At, Caller};
use crate::state::EdgeState;

/// Forget a canned message.
#[utoipa::path(
    delete,
    path = "/api/canned-messages/{id}",
    tag = "library",
    params(
        ("id" = CannedId, Path, description = "The canned message."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that was read; refused with 412 when it has changed."),
    ),
    responses((status = 204, description = "It is gone.")),
)]
pub(crate) async fn delete_canned(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(id): At<CannedId>,
    IfMatch(version): IfMatch,
) -> Result<StatusCode, EdgeError> {
    let store = state.store.tenant(&who.tenant).await?;
    let canned = visible(&store, &who, &id).await?;
    may_edit(&who, &canned.scope)?;
    store.remove_canned(&id, version.unwrap_or(canned.version)).await.map_err(refused)?;
    audit::note(&state, &who, "delete_canned", ("canned_message", &id)).await;
    Ok(StatusCode::NO_CONTENT)
}
