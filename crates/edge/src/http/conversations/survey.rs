//! `POST /api/conversations/{id}/survey`: a customer says how they were served.

use axum::Json;
use axum::extract::State;
use confab_auth::permissions::Action;
use confab_domain::CommandKind;
use confab_protocol::api::{ConversationResponse, Problem, SurveyRequest};
use confab_protocol::{ConversationId, ErrorCode};

use super::{change, permitted};
use crate::error::EdgeError;
use crate::form;
use crate::http::extract::{At, Body, Caller, RequestKey};
use crate::state::EdgeState;

/// Longest comment, in characters.
const MAX_COMMENT: usize = 2000;

/// Say how you were served: once each time the conversation ends.
#[utoipa::path(
    post,
    path = "/api/conversations/{id}/survey",
    tag = "conversations",
    params(("id" = ConversationId, Path, description = "The conversation.")),
    request_body = SurveyRequest,
    responses(
        (status = 200, description = "Thank you.", body = ConversationResponse),
        (
            status = 409,
            description = "`conflict`: you have said so already; `invalid_transition`: it has not ended.",
            body = Problem,
            content_type = "application/problem+json",
        ),
    ),
)]
pub(crate) async fn answer_survey(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    key: RequestKey,
    At(id): At<ConversationId>,
    Body(request): Body<SurveyRequest>,
) -> Result<Json<ConversationResponse>, EdgeError> {
    if !(1..=5).contains(&request.score) {
        return Err(EdgeError::new(ErrorCode::Invalid, "score has to be 1 to 5"));
    }
    if let Some(comment) = &request.comment {
        form::text("comment", comment, MAX_COMMENT)?;
    }
    permitted(&state, &who, Action::AnswerSurvey, &id).await?;
    let SurveyRequest { score, comment } = request;
    change(&state, &who, key, CommandKind::Rate { conversation: id, score, comment }).await
}
