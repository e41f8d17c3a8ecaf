//! `POST /api/conversations/{id}/human`: a customer asks for a person instead of automatic replies.

use axum::Json;
use axum::extract::State;
use confab_auth::permissions::Action;
use confab_domain::CommandKind;
use confab_domain::responder::{ResponderSettings, SETTING};
use confab_protocol::ConversationId;
use confab_protocol::api::ConversationResponse;

use super::{change, permitted, shown};
use crate::error::EdgeError;
use crate::http::extract::{At, Caller, RequestKey};
use crate::state::EdgeState;

/// Ask for a person.
///
/// There are no more automatic replies from then on, and the customer is told so once. Where there are none anyway,
/// nothing changes.
#[utoipa::path(
    post,
    path = "/api/conversations/{id}/human",
    tag = "conversations",
    params(
        ("id" = ConversationId, Path, description = "The conversation."),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes repeating the request safe."),
    ),
    responses((status = 200, description = "The conversation, which waits for a person.", body = ConversationResponse)),
)]
pub(crate) async fn ask_for_person(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    key: RequestKey,
    At(id): At<ConversationId>,
) -> Result<Json<ConversationResponse>, EdgeError> {
    let conversation = permitted(&state, &who, Action::AskForPerson, &id).await?;
    let store = state.store.tenant(&who.tenant).await?;
    let settings: ResponderSettings = store.setting(SETTING).await?.0.unwrap_or_default();
    if !settings.is_on() {
        return Ok(Json(ConversationResponse { conversation: shown(&who, conversation.view()) }));
    }
    let kind = CommandKind::AutoReply {
        conversation: id,
        name: settings.body.name,
        text: settings.body.hand_over_text,
        hands_over: true,
    };
    change(&state, &who, key, kind).await
}
