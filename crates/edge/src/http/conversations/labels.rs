//! `PUT /api/conversations/{id}/labels`: labels a conversation.

use axum::Json;
use axum::extract::State;
use confab_auth::permissions::Action;
use confab_domain::CommandKind;
use confab_protocol::ConversationId;
use confab_protocol::api::{ConversationResponse, LabelsRequest};

use super::{change, permitted};
use crate::error::EdgeError;
use crate::http::extract::{At, Body, Caller, RequestKey};
use crate::http::tickets::edit;
use crate::state::EdgeState;

/// Set the labels of a conversation; customers don't see them.
#[utoipa::path(
    put,
    path = "/api/conversations/{id}/labels",
    tag = "conversations",
    params(("id" = ConversationId, Path, description = "The conversation.")),
    request_body = LabelsRequest,
    responses((status = 200, description = "The conversation after it.", body = ConversationResponse)),
)]
pub(crate) async fn set_labels(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    key: RequestKey,
    At(id): At<ConversationId>,
    Body(request): Body<LabelsRequest>,
) -> Result<Json<ConversationResponse>, EdgeError> {
    let labels = edit::labels("labels", &request.labels)?;
    permitted(&state, &who, Action::LabelConversation, &id).await?;
    change(&state, &who, key, CommandKind::SetLabels { conversation: id, labels }).await
}
