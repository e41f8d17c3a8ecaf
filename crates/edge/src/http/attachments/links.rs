//! `GET /api/attachments/{id}`: fresh links to a file.

use axum::Json;
use axum::extract::State;
use confab_auth::permissions::{Action, authorize};
use confab_protocol::AttachmentId;
use confab_protocol::api::AttachmentView;

use super::{links_to, store};
use crate::error::EdgeError;
use crate::http::extract::{At, Caller};
use crate::state::EdgeState;

/// A file of a conversation, with links to its bytes that are good for a while and need no token.
#[utoipa::path(
    get,
    path = "/api/attachments/{id}",
    tag = "conversations",
    params(("id" = AttachmentId, Path, description = "The file.")),
    responses((status = 200, description = "The file.", body = AttachmentView)),
)]
pub(crate) async fn get_attachment(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(id): At<AttachmentId>,
) -> Result<Json<AttachmentView>, EdgeError> {
    store(&state)?;
    let not_found = || EdgeError::not_found("attachment");
    let record = state.store.tenant(&who.tenant).await?.attachment(&id).await?.ok_or_else(not_found)?;
    let relation = state.access.conversation(&who, &record.conversation).await.map_err(|_| not_found())?;
    let action = if record.note { Action::JoinNotes } else { Action::ReadHistory };
    authorize(who.role, action, Some(relation)).map_err(|_| not_found())?;
    let links = links_to(&state, &who.tenant, &record.file);
    Ok(Json(AttachmentView { attachment: record.file, conversation_id: record.conversation, links }))
}
