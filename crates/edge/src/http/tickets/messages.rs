//! `GET /api/tickets/{id}/messages`: what was said on a ticket, from the newest conversation backwards.

use axum::Json;
use axum::extract::State;
use confab_auth::permissions::Action;
use confab_protocol::api::TicketMessagesPage;
use confab_protocol::{ConversationId, ErrorCode, TicketId};
use serde::Deserialize;
use utoipa::IntoParams;

use super::permitted;
use crate::error::EdgeError;
use crate::http::conversations::history::history;
use crate::http::extract::{At, Caller, Parameters};
use crate::http::page;
use crate::state::EdgeState;

/// Stands in a cursor between the conversation and the place in it.
const SEPARATOR: char = '~';

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TicketMessagesParameters {
    /// Entries before this place, from the page before; the newest when absent.
    before: Option<String>,
    /// Entries on a page, 1 to 100; 50 when absent.
    limit: Option<u32>,
}

/// What was said on a ticket, oldest first on each page; a page is of one conversation.
#[utoipa::path(
    get,
    path = "/api/tickets/{id}/messages",
    tag = "tickets",
    params(("id" = TicketId, Path, description = "The ticket."), TicketMessagesParameters),
    responses((status = 200, description = "A page of the messages.", body = TicketMessagesPage)),
)]
pub(crate) async fn get_ticket_messages(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(id): At<TicketId>,
    Parameters(parameters): Parameters<TicketMessagesParameters>,
) -> Result<Json<TicketMessagesPage>, EdgeError> {
    let limit = page::limit(parameters.limit)?;
    let ticket = permitted(&state, &who, Action::ReadTickets, &id).await?;
    let Some((index, before)) = place(&ticket.conversations, parameters.before.as_deref())? else {
        return Ok(Json(TicketMessagesPage { conversation_id: None, items: Vec::new(), before: None }));
    };
    let conversation = ticket.conversations[index].clone();
    let found = history(&state, &who, &conversation, before, limit).await?;
    let earlier = match found.before {
        Some(before) => Some(format!("{conversation}{SEPARATOR}{before}")),
        None if index > 0 => Some(format!("{}{SEPARATOR}", ticket.conversations[index - 1])),
        None => None,
    };
    Ok(Json(TicketMessagesPage { conversation_id: Some(conversation), items: found.items, before: earlier }))
}

/// Which conversation, and which place in it.
fn place<'a>(
    conversations: &[ConversationId],
    before: Option<&'a str>,
) -> Result<Option<(usize, Option<&'a str>)>, EdgeError> {
    let Some(cursor) = before else {
        return Ok(conversations.len().checked_sub(1).map(|last| (last, None)));
    };
    let found = cursor.split_once(SEPARATOR).and_then(|(conversation, before)| {
        let index = conversations.iter().position(|id| id.as_str() == conversation)?;
        Some((index, Some(before).filter(|before| !before.is_empty())))
    });
    let invalid =
        || EdgeError::new(ErrorCode::Invalid, "the cursor is not one this hub gave out; begin without one");
    found.map(Some).ok_or_else(invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_names_a_conversation_of_the_ticket() {
        let ids: Vec<_> = ["c-1", "c-2"].map(|id| ConversationId::parse(id).expect("an id")).into();
        assert_eq!(place(&ids, None).expect("a place"), Some((1, None)));
        assert_eq!(place(&ids, Some("c-1~")).expect("a place"), Some((0, None)));
        assert_eq!(place(&ids, Some("c-2~x-9")).expect("a place"), Some((1, Some("x-9"))));
        assert_eq!(place(&[], None).expect("nowhere"), None);
        for wrong in ["c-3~", "c-1", "", "~"] {
            assert_eq!(place(&ids, Some(wrong)).expect_err(wrong).code, ErrorCode::Invalid);
        }
    }
}
