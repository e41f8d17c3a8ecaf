//! `GET /api/tickets`: tickets, filtered and in order. Customers see their own, staff the tenant's.

use axum::Json;
use axum::extract::State;
use confab_auth::permissions::{Action, Relation, authorize};
use confab_domain::Ticket;
use confab_protocol::api::{Category, Priority, TicketPage, TicketSort, TicketStatus};
use confab_protocol::{ErrorCode, UserId};
use confab_store::TicketFilter;
use serde::Deserialize;
use utoipa::IntoParams;

use super::shown;
use crate::error::EdgeError;
use crate::http::extract::{Caller, Parameters};
use crate::http::page;
use crate::identity::Identity;
use crate::state::EdgeState;

/// Longest text to look for in subjects, in characters.
const MAX_TEXT: usize = 100;

/// Which tickets, in which order.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListParameters {
    /// Only those with this status.
    status: Option<TicketStatus>,
    /// Only those of this urgency.
    priority: Option<Priority>,
    /// Only those about this.
    category: Option<Category>,
    /// Only those of this customer. Staff only.
    customer: Option<UserId>,
    /// Only those on which this agent works; `me` for oneself. Staff only.
    agent: Option<String>,
    /// Only those on which nobody works. Staff only.
    unassigned: Option<bool>,
    /// Only those with this label. Staff only.
    label: Option<String>,
    /// Only those that are put aside, or with `false` those that are not. Staff only.
    snoozed: Option<bool>,
    /// Only those whose subject has this in it.
    q: Option<String>,
    /// The order; `created` when absent.
    sort: Option<TicketSort>,
    /// Where the next page begins, from the page before, in the same order.
    cursor: Option<String>,
    /// Items on a page, 1 to 100; 50 when absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// Tickets, newest or most urgent first: customers see their own, staff the tenant's.
#[utoipa::path(
    get,
    path = "/api/tickets",
    tag = "tickets",
    params(ListParameters),
    responses((status = 200, description = "A page of tickets.", body = TicketPage)),
)]
pub(crate) async fn list_tickets(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    Parameters(parameters): Parameters<ListParameters>,
) -> Result<Json<TicketPage>, EdgeError> {
    let relation = if who.role.is_staff() { Relation::Tenant } else { Relation::Own };
    authorize(who.role, Action::ReadTickets, Some(relation))?;
    let filter = filter(&who, &parameters)?;
    let limit = page::limit(parameters.limit)?;
    let sort = parameters.sort.unwrap_or_default();
    let store = state.store.tenant(&who.tenant).await?;
    let found = store.tickets(&filter, sort, parameters.cursor.as_deref(), limit).await?;
    let items = shown(&store, &who, found.items.iter().map(Ticket::view).collect()).await?;
    Ok(Json(TicketPage { items, next_cursor: found.next_cursor }))
}

fn filter(who: &Identity, asked: &ListParameters) -> Result<TicketFilter, EdgeError> {
    if let Some(text) = asked.q.as_ref().filter(|text| text.is_empty() || text.chars().count() > MAX_TEXT) {
        let message = format!("q has {} characters; it has to be 1 to {MAX_TEXT}", text.chars().count());
        return Err(EdgeError::new(ErrorCode::Invalid, message));
    }
    let filter = TicketFilter {
        status: asked.status,
        priority: asked.priority,
        category: asked.category,
        subject: asked.q.clone(),
        ..TicketFilter::default()
    };
    if !who.role.is_staff() {
        let of_staff = asked.customer.is_some()
            || asked.agent.is_some()
            || asked.unassigned.is_some()
            || asked.label.is_some()
            || asked.snoozed.is_some();
        if of_staff {
            let message = "customer, agent, unassigned, label and snoozed are for staff";
            return Err(EdgeError::new(ErrorCode::Invalid, message));
        }
        return Ok(TicketFilter { customer: Some(who.user_id.clone()), ..filter });
    }
    let agent = match asked.agent.as_deref() {
        None => None,
        Some("me") => Some(who.user_id.clone()),
        Some(id) => Some(id.parse::<UserId>().map_err(|error| {
            EdgeError::new(ErrorCode::Invalid, format!("agent is `me` or an id: {error}"))
        })?),
    };
    let unassigned = asked.unassigned.unwrap_or(false);
    if unassigned && agent.is_some() {
        return Err(EdgeError::new(ErrorCode::Invalid, "unassigned and agent exclude each other"));
    }
    Ok(TicketFilter {
        customer: asked.customer.clone(),
        agent,
        unassigned,
        label: asked.label.clone(),
        snoozed: asked.snoozed,
        ..filter
    })
}

#[cfg(test)]
mod tests {
    use confab_protocol::{Role, TenantId};

    use super::*;

    fn who(role: Role) -> Identity {
        Identity {
            tenant: TenantId::parse("demo").expect("an id"),
            user_id: UserId::parse("asha").expect("an id"),
            name: "Asha".into(),
            role,
            conversations: Vec::new(),
            expires_at: 0,
        }
    }

    #[test]
    fn a_customer_sees_their_own_and_asks_for_nothing_of_the_desk() {
        let found = filter(&who(Role::Customer), &ListParameters::default()).expect("a filter");
        assert_eq!(found.customer, Some(who(Role::Customer).user_id));
        for asked in [
            ListParameters { customer: UserId::parse("mohan").ok(), ..Default::default() },
            ListParameters { agent: Some("me".into()), ..Default::default() },
            ListParameters { label: Some("vip".into()), ..Default::default() },
            ListParameters { snoozed: Some(true), ..Default::default() },
        ] {
            assert!(filter(&who(Role::Customer), &asked).is_err(), "{asked:?}");
        }
    }

    #[test]
    fn what_contradicts_itself_or_is_too_long_is_refused() {
        for asked in [
            ListParameters { agent: Some("me".into()), unassigned: Some(true), ..Default::default() },
            ListParameters { agent: Some("a.b".into()), ..Default::default() },
            ListParameters { q: Some(String::new()), ..Default::default() },
            ListParameters { q: Some("x".repeat(101)), ..Default::default() },
        ] {
            let refused = filter(&who(Role::Agent), &asked).expect_err("no filter");
            assert_eq!(refused.code, ErrorCode::Invalid);
        }
    }
}
