//! `POST /api/canned-messages/{id}/render`: the text of a canned message for one conversation.

use axum::Json;
use axum::extract::State;
use confab_auth::permissions::{Action, authorize};
use confab_domain::placeholders::{ATTRIBUTE, first_name, render};
use confab_protocol::CannedId;
use confab_protocol::api::{RenderRequest, RenderedText};

use super::visible;
use crate::error::EdgeError;
use crate::http::extract::{At, Body, Caller};
use crate::state::EdgeState;

/// Fill in the variables of a canned message for a conversation: the agent is the caller.
#[utoipa::path(
    post,
    path = "/api/canned-messages/{id}/render",
    tag = "library",
    params(("id" = CannedId, Path, description = "The canned message.")),
    request_body = RenderRequest,
    responses((status = 200, description = "The text to send.", body = RenderedText)),
)]
pub(crate) async fn render_canned(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(id): At<CannedId>,
    Body(request): Body<RenderRequest>,
) -> Result<Json<RenderedText>, EdgeError> {
    let store = state.store.tenant(&who.tenant).await?;
    let canned = visible(&store, &who, &id).await?;
    let relation = state.access.conversation(&who, &request.conversation_id).await?;
    authorize(who.role, Action::ReadHistory, Some(relation))?;
    let conversation = store.conversation(&request.conversation_id).await?;
    let conversation = conversation.ok_or_else(|| EdgeError::not_found("conversation"))?;
    let ticket = store.ticket(&conversation.ticket_id).await?;
    let profile = store.customer(&conversation.customer.id).await?;
    let customer = &conversation.customer;
    let value = |name: &str| match name {
        "customer.name" => Some(customer.name.clone()),
        "customer.first_name" => Some(first_name(&customer.name).to_owned()),
        "customer.id" => Some(customer.id.to_string()),
        "agent.name" => Some(who.name.clone()),
        "agent.first_name" => Some(first_name(&who.name).to_owned()),
        "conversation.id" => Some(conversation.id.to_string()),
        "ticket.id" => Some(conversation.ticket_id.to_string()),
        "ticket.subject" => ticket.as_ref().map(|ticket| ticket.subject.clone()),
        _ => {
            let (profile, name) = (profile.as_ref()?, name.strip_prefix(ATTRIBUTE)?);
            // What the browser claims is never said in an agent's name.
            profile.attributes.get(name).or_else(|| profile.verified.get(name)).map(ToString::to_string)
        }
    };
    let rendered = render(&canned.text, value);
    Ok(Json(RenderedText { text: rendered.text, missing: rendered.missing }))
}
