//! `PUT /api/canned-messages/{id}`: gives a canned message other content.

use axum::extract::State;
use confab_protocol::CannedId;
use confab_protocol::api::{CannedMessage, CannedRequest};

use super::{checked, may_edit, refused, visible};
use crate::audit;
use crate::error::EdgeError;
use crate::http::conditional::{IfMatch, Versioned};
use crate::http::extract::{At, Body, Caller};
use crate::state::EdgeState;

/// Replace the content of a canned message.
#[utoipa::path(
    put,
    path = "/api/canned-messages/{id}",
    tag = "library",
    params(
        ("id" = CannedId, Path, description = "The canned message."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that was read; refused with 412 when it has changed."),
    ),
    request_body = CannedRequest,
    responses((status = 200, description = "The canned message after it.", body = CannedMessage)),
)]
pub(crate) async fn update_canned(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(id): At<CannedId>,
    IfMatch(version): IfMatch,
    Body(request): Body<CannedRequest>,
) -> Result<Versioned<CannedMessage>, EdgeError> {
    let store = state.store.tenant(&who.tenant).await?;
    let before = visible(&store, &who, &id).await?;
    may_edit(&who, &before.scope)?;
    let version = version.unwrap_or(before.version);
    let canned = checked(request, &who, id, version.saturating_add(1), state.clock.now())?;
    store.replace_canned(&canned).await.map_err(refused)?;
    audit::note(&state, &who, "update_canned", ("canned_message", &canned.id)).await;
    Ok(Versioned(canned.version, canned))
}
