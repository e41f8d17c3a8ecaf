//! `GET /api/customer/{id}/context`: who somebody is and what they did before, for the one who answers them.

use axum::extract::State;
use confab_auth::permissions::{Action, Relation, authorize};
use confab_bus::PresenceKind;
use confab_domain::Conversation;
use confab_protocol::UserId;
use confab_protocol::api::{CustomerContext, SatisfactionSummary, TicketSummary};

use crate::error::EdgeError;
use crate::http::conditional::Versioned;
use crate::http::extract::{At, Caller};
use crate::state::EdgeState;

/// Conversations and tickets that are shown: the latest.
const CONVERSATIONS: u32 = 20;
const TICKETS: usize = 100;
const TICKETS_SHOWN: usize = 20;

/// Read what is known of a customer: profile, attributes, page and device, earlier conversations and tickets.
#[utoipa::path(
    get,
    path = "/api/customer/{id}/context",
    tag = "customers",
    params(("id" = UserId, Path, description = "The customer.")),
    responses((status = 200, description = "The customer; the profile's version is the `ETag`.", body = CustomerContext)),
)]
pub(crate) async fn get_context(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(id): At<UserId>,
) -> Result<Versioned<CustomerContext>, EdgeError> {
    authorize(who.role, Action::ViewCustomers, Some(Relation::Tenant))?;
    let store = state.store.tenant(&who.tenant).await?;
    let profile = store.customer(&id).await?.ok_or_else(|| EdgeError::not_found("customer"))?;
    let (conversations, mut tickets) = tokio::try_join!(
        store.customer_conversations(&id, None, CONVERSATIONS),
        store.customer_tickets(&id, TICKETS),
    )?;
    let satisfaction = satisfaction(&tickets);
    tickets.truncate(TICKETS_SHOWN);
    let presence = state.bus.presence();
    let connected = presence.is_connected(PresenceKind::Customer, &who.tenant, &id).await?;
    let conversations = conversations.items.iter().map(Conversation::view).collect();
    Ok(Versioned(
        profile.version,
        CustomerContext { profile, connected, conversations, tickets, satisfaction },
    ))
}

fn satisfaction(tickets: &[TicketSummary]) -> Option<SatisfactionSummary> {
    let said: Vec<u64> = tickets.iter().filter_map(|ticket| ticket.satisfaction.map(u64::from)).collect();
    let answers = said.len() as u64;
    #[expect(clippy::cast_precision_loss, reason = "a hundred tickets of five points each")]
    let average = said.iter().sum::<u64>() as f64 / answers as f64;
    (answers > 0).then_some(SatisfactionSummary { answers, average })
}
