//! `DELETE /api/admin/users/{id}`: somebody who may no longer log in. The record stays, because history names it.

use axum::extract::State;
use confab_protocol::UserId;
use confab_protocol::api::AccountEdit;
use http::StatusCode;

use super::update;
use crate::error::EdgeError;
use crate::http::admin::writer;
use crate::http::etag::IfMatch;
use crate::http::extract::{At, Caller};
use crate::state::EdgeState;

/// Disable a person: they can't log in or renew a token, and their conversations go back to the queue.
///
/// History goes on naming them; `PUT` with `disabled: false` lets them in again.
#[utoipa::path(
    delete,
    path = "/api/admin/users/{id}",
    tag = "administration",
    params(
        ("id" = UserId, Path, description = "The person."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that was read."),
    ),
    responses((status = 204, description = "They are disabled.")),
)]
pub(crate) async fn disable_user(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(id): At<UserId>,
    if_match: IfMatch,
) -> Result<StatusCode, EdgeError> {
    let store = writer(&state, &who).await?;
    let edit = AccountEdit { disabled: Some(true), ..AccountEdit::default() };
    update::change(&state, &store, &who, &id, if_match, edit).await?;
    Ok(StatusCode::NO_CONTENT)
}
