//! `POST /api/agent/conversations/{id}/transfer`: hands a conversation to an agent or a team.

use axum::Json;
use axum::extract::State;
use confab_auth::permissions::Action;
use confab_domain::{CommandKind, TransferTarget};
use confab_protocol::api::{ConversationResponse, TransferRequest};
use confab_protocol::{ConversationId, ErrorCode};

use crate::error::EdgeError;
use crate::form;
use crate::http::conversations::{change, permitted};
use crate::http::extract::{At, Body, Caller, RequestKey};
use crate::state::EdgeState;

/// Hand a conversation to an agent, or to the queue of a team.
#[utoipa::path(
    post,
    path = "/api/agent/conversations/{id}/transfer",
    tag = "agents",
    params(
        ("id" = ConversationId, Path, description = "The conversation."),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes repeating the request safe."),
    ),
    request_body = TransferRequest,
    responses((status = 200, description = "The conversation after it.", body = ConversationResponse)),
)]
pub(crate) async fn transfer_conversation(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    key: RequestKey,
    At(id): At<ConversationId>,
    Body(request): Body<TransferRequest>,
) -> Result<Json<ConversationResponse>, EdgeError> {
    let max_chars = state.config.limits.max_message_chars;
    let note = request.note.clone();
    let to = target(request, max_chars)?;
    permitted(&state, &who, Action::TransferConversation, &id).await?;
    change(&state, &who, key, CommandKind::Transfer { conversation: id, to, note }).await
}

fn target(request: TransferRequest, max_chars: usize) -> Result<TransferTarget, EdgeError> {
    if let Some(note) = &request.note {
        form::text("note", note, max_chars)?;
    }
    match (request.agent, request.team) {
        (Some(agent), None) => Ok(TransferTarget::Agent(agent)),
        (None, Some(team)) => form::word("team", &team).map(|()| TransferTarget::Team(team)),
        _ => Err(EdgeError::new(ErrorCode::Invalid, "name exactly one of agent and team")),
    }
}

#[cfg(test)]
mod tests {
    use confab_protocol::UserId;

    use super::*;

    #[test]
    fn a_conversation_goes_to_exactly_one() {
        let agent = || UserId::parse("ravi").ok();
        let team = || Some("billing".to_owned());
        let request = |agent, team, note: Option<&str>| {
            target(TransferRequest { agent, team, note: note.map(str::to_owned) }, 10)
        };
        assert!(matches!(request(agent(), None, None), Ok(TransferTarget::Agent(_))));
        assert!(matches!(request(None, team(), Some("as agreed")), Ok(TransferTarget::Team(_))));
        for refused in [
            request(agent(), team(), None),
            request(None, None, None),
            request(None, Some("no team".into()), None),
            request(agent(), None, Some(" ")),
        ] {
            assert_eq!(refused.expect_err("refused").code, ErrorCode::Invalid);
        }
    }
}
