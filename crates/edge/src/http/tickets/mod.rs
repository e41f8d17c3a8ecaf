//! Tickets: the issues behind conversations. Customers see their own, without what is the desk's.

pub(crate) mod bulk;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod edit;
pub(crate) mod get;
pub(crate) mod history;
pub(crate) mod list;
pub(crate) mod merge;
pub(crate) mod messages;
pub(crate) mod send;
pub(crate) mod update;

use confab_auth::permissions::{Action, Relation, authorize};
use confab_domain::{CommandKind, Ticket, model};
use confab_protocol::TicketId;
use confab_protocol::api::TicketView;
use confab_store::TenantStore;

use crate::commands;
use crate::error::EdgeError;
use crate::identity::Identity;
use crate::state::EdgeState;

/// The ticket, for somebody who may do `action` with it. Others' tickets don't exist for a customer.
pub(in crate::http) async fn permitted(
    state: &EdgeState,
    who: &Identity,
    action: Action,
    id: &TicketId,
) -> Result<Ticket, EdgeError> {
    let ticket = state.store.tenant(&who.tenant).await?.ticket(id).await?;
    let is_customers_own = |ticket: &Ticket| ticket.customer.id == who.user_id;
    let ticket = ticket
        .filter(|ticket| who.role.is_staff() || is_customers_own(ticket))
        .ok_or_else(|| EdgeError::not_found("ticket"))?;
    authorize(who.role, action, Some(relation(who, &ticket)))?;
    Ok(ticket)
}

fn relation(who: &Identity, ticket: &Ticket) -> Relation {
    let own = if who.role.is_staff() {
        ticket.assigned_agent.as_ref().is_some_and(|agent| agent.id == who.user_id)
    } else {
        ticket.customer.id == who.user_id
    };
    if own { Relation::Own } else { Relation::Tenant }
}

/// Gives a command on a ticket and answers with the ticket after it.
async fn change(
    state: &EdgeState,
    who: &Identity,
    key: Option<&str>,
    kind: CommandKind,
) -> Result<TicketView, EdgeError> {
    let target = kind.ticket().map_or("", TicketId::as_str);
    let id = commands::id_for(state, who, kind.name(), target, key);
    let view = commands::execute(state, who, kind, id).await?.into_ticket()?;
    let store = state.store.tenant(&who.tenant).await?;
    shown(&store, who, vec![view]).await?.pop().ok_or_else(|| EdgeError::not_found("ticket"))
}

/// The tickets with what was said on them in figures, as the caller may see them.
async fn shown(
    store: &TenantStore,
    who: &Identity,
    views: Vec<TicketView>,
) -> Result<Vec<TicketView>, EdgeError> {
    let ids: Vec<_> = views.iter().flat_map(|view| view.conversations.iter().cloned()).collect();
    let activity = store.activity(&ids, &who.user_id).await?;
    let with_figures = |mut view: TicketView| {
        let figures: Vec<_> = view.conversations.iter().filter_map(|id| activity.get(id)).collect();
        view.message_count = Some(figures.iter().map(|figures| figures.message_count).sum());
        let last = figures.iter().filter(|figures| figures.last_message.is_some());
        if let Some(last) = last.max_by_key(|figures| figures.last_activity_at) {
            view.last_message.clone_from(&last.last_message);
            view.last_message_at = Some(last.last_activity_at);
        }
        if who.role.is_staff() { view } else { model::public(view) }
    };
    Ok(views.into_iter().map(with_figures).collect())
}
