//! `GET /api/conversations/{id}`: one conversation.

use axum::Json;
use axum::extract::State;
use confab_auth::permissions::Action;
use confab_protocol::ConversationId;
use confab_protocol::api::ConversationView;

use super::list::silence;
use super::{permitted, shown};
use crate::error::EdgeError;
use crate::http::extract::{At, Caller};
use crate::state::EdgeState;

/// One conversation.
#[utoipa::path(
    get,
    path = "/api/conversations/{id}",
    tag = "conversations",
    params(("id" = ConversationId, Path, description = "The conversation.")),
    responses((status = 200, description = "Its state, with what was said in figures.", body = ConversationView)),
)]
pub(crate) async fn get_conversation(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(id): At<ConversationId>,
) -> Result<Json<ConversationView>, EdgeError> {
    let conversation = permitted(&state, &who, Action::ReadHistory, &id).await?;
    let store = state.store.tenant(&who.tenant).await?;
    let activity = store.activity(std::slice::from_ref(&id), &who.user_id).await?.remove(&id);
    let mut view = shown(&who, conversation.view());
    view.activity = Some(activity.unwrap_or_else(|| silence(&conversation)));
    Ok(Json(view))
}
