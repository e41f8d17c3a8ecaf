//! `POST /api/tickets`: makes a ticket without a conversation.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use confab_auth::permissions::{Action, Relation, authorize};
use confab_domain::{CommandKind, TicketEdit};
use confab_protocol::api::{CreateTicketRequest, Party, TicketView};
use confab_protocol::{ErrorCode, TicketId};
use http::{HeaderValue, StatusCode, header};

use super::{edit, shown};
use crate::commands;
use crate::error::EdgeError;
use crate::form;
use crate::http::etag::tagged;
use crate::http::extract::{Body, Caller, RequestKey};
use crate::identity::Identity;
use crate::state::EdgeState;

/// Make a ticket.
///
/// Customers make their own; staff name the customer.
/// With an `Idempotency-Key` a repeated request gets the ticket of the first.
#[utoipa::path(
    post,
    path = "/api/tickets",
    tag = "tickets",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes repeating the request safe.")),
    request_body = CreateTicketRequest,
    responses((status = 201, description = "The ticket; its address is in `Location`.", body = TicketView)),
)]
pub(crate) async fn create_ticket(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    RequestKey(key): RequestKey,
    Body(request): Body<CreateTicketRequest>,
) -> Result<Response, EdgeError> {
    let customer = customer(&who, &request)?;
    let relation = if customer.id == who.user_id { Relation::Own } else { Relation::Tenant };
    authorize(who.role, Action::CreateTicket, Some(relation))?;
    let kind = command(&state, request, customer)?;
    let id = commands::id_for(&state, &who, "create_ticket", "", key.as_deref());
    let view = commands::execute(&state, &who, kind, id).await?.into_ticket()?;
    let store = state.store.tenant(&who.tenant).await?;
    let mut shown = shown(&store, &who, vec![view]).await?;
    let view = shown.pop().ok_or_else(|| EdgeError::not_found("ticket"))?;
    let location = HeaderValue::try_from(format!("/api/tickets/{}", view.id));
    let mut response = (StatusCode::CREATED, tagged(view.version, view)).into_response();
    if let Ok(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

fn command(
    state: &EdgeState,
    request: CreateTicketRequest,
    customer: Party,
) -> Result<CommandKind, EdgeError> {
    form::text("description", &request.description, state.config.limits.max_message_chars)?;
    Ok(CommandKind::CreateTicket {
        ticket: TicketId::from_uuid(commands::new_uuid(&state.clock)),
        customer,
        subject: form::line("subject", &request.subject, edit::MAX_SUBJECT)?,
        description: request.description,
        edit: TicketEdit {
            priority: Some(request.priority),
            category: Some(request.category),
            assignee: request.assigned_agent.map(|agent| edit::assignee(Some(agent))),
            labels: Some(edit::labels("labels", &request.labels)?),
            ..TicketEdit::default()
        },
    })
}

/// Whose issue it is: what is the desk's is not for customers to say.
fn customer(who: &Identity, request: &CreateTicketRequest) -> Result<Party, EdgeError> {
    let invalid = |message| Err(EdgeError::new(ErrorCode::Invalid, message));
    if who.role.is_staff() {
        return match &request.customer {
            Some(party) => {
                Ok(Party { id: party.id.clone(), name: form::name("customer.name", &party.name)? })
            }
            None => invalid("customer is required: whose issue is it?"),
        };
    }
    if request.customer.as_ref().is_some_and(|party| party.id != who.user_id) {
        return invalid("customers make tickets of their own; leave customer out");
    }
    if request.assigned_agent.is_some() || !request.labels.is_empty() {
        return invalid("assigned_agent and labels are for staff");
    }
    Ok(Party { id: who.user_id.clone(), name: who.name.clone() })
}
