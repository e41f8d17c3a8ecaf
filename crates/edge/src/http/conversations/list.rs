//! `GET /api/conversations`: conversations, newest first. Customers see their own, staff the tenant's.

use axum::Json;
use axum::extract::State;
use confab_auth::permissions::{Action, Relation, authorize};
use confab_domain::Conversation;
use confab_protocol::api::{ActivityView, ConversationPage, ConversationStatus};
use confab_protocol::{ErrorCode, UserId};
use confab_store::{ConversationFilter, TenantStore};
use serde::Deserialize;
use utoipa::IntoParams;

use super::shown;
use crate::error::EdgeError;
use crate::http::extract::{Caller, Parameters};
use crate::http::page;
use crate::identity::Identity;
use crate::state::EdgeState;

/// Which conversations.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListParameters {
    /// Only those with this status.
    status: Option<ConversationStatus>,
    /// Only those of this agent; `me` for oneself. Staff only.
    agent: Option<String>,
    /// Only those without an agent. Staff only.
    unassigned: Option<bool>,
    /// Where the next page begins, from the page before.
    cursor: Option<String>,
    /// Items on a page, 1 to 100; 50 when absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// Conversations, newest first: customers see their own, staff the tenant's.
#[utoipa::path(
    get,
    path = "/api/conversations",
    tag = "conversations",
    params(ListParameters),
    responses((status = 200, description = "A page of conversations.", body = ConversationPage)),
)]
pub(crate) async fn list_conversations(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    Parameters(parameters): Parameters<ListParameters>,
) -> Result<Json<ConversationPage>, EdgeError> {
    let relation = if who.role.is_staff() { Relation::Tenant } else { Relation::Own };
    authorize(who.role, Action::ListConversations, Some(relation))?;
    let filter = filter(&who, &parameters)?;
    let limit = page::limit(parameters.limit)?;
    list(&state, &who, filter, parameters.cursor.as_deref(), limit).await.map(Json)
}

fn filter(who: &Identity, parameters: &ListParameters) -> Result<ConversationFilter, EdgeError> {
    let status = parameters.status;
    if !who.role.is_staff() {
        if parameters.agent.is_some() || parameters.unassigned.is_some() {
            return Err(EdgeError::new(ErrorCode::Invalid, "agent and unassigned are for staff"));
        }
        return Ok(ConversationFilter { status, customer: Some(who.user_id.clone()), ..Default::default() });
    }
    let agent = match parameters.agent.as_deref() {
        None => None,
        Some("me") => Some(who.user_id.clone()),
        Some(id) => Some(id.parse::<UserId>().map_err(|error| {
            EdgeError::new(ErrorCode::Invalid, format!("agent is `me` or an id: {error}"))
        })?),
    };
    let unassigned = parameters.unassigned.unwrap_or(false);
    if unassigned && agent.is_some() {
        return Err(EdgeError::new(ErrorCode::Invalid, "unassigned and agent exclude each other"));
    }
    Ok(ConversationFilter { status, agent, unassigned, ..Default::default() })
}

/// One page with its activity, as the caller sees it.
pub(in crate::http) async fn list(
    state: &EdgeState,
    who: &Identity,
    filter: ConversationFilter,
    cursor: Option<&str>,
    limit: u32,
) -> Result<ConversationPage, EdgeError> {
    let store = state.store.tenant(&who.tenant).await?;
    let found = store.conversations(&filter, cursor, limit).await?;
    let ids: Vec<_> = found.items.iter().map(|conversation| conversation.id.clone()).collect();
    let mut activity = store.activity(&ids, &who.user_id).await?;
    let with_activity = |conversation: &Conversation| {
        let mut view = shown(who, conversation.view());
        view.activity = Some(activity.remove(&view.id).unwrap_or_else(|| silence(conversation)));
        view
    };
    let items = found.items.iter().map(with_activity).collect();
    let unread_total = unread_total(&store, who).await?;
    Ok(ConversationPage { items, unread_total, next_cursor: found.next_cursor })
}

/// The activity of a conversation of which nothing is stored yet.
pub(super) fn silence(conversation: &Conversation) -> ActivityView {
    ActivityView { last_activity_at: conversation.started_at, ..ActivityView::default() }
}

/// Unread messages in all open conversations that are the caller's: as customer, or as the agent who has them.
async fn unread_total(store: &TenantStore, who: &Identity) -> Result<u64, EdgeError> {
    let mut total = 0;
    for filter in open_ones(who) {
        let mut cursor = None;
        loop {
            let found = store.conversations(&filter, cursor.as_deref(), page::MAX_LIMIT).await?;
            let ids: Vec<_> = found.items.into_iter().map(|conversation| conversation.id).collect();
            let activity = store.activity(&ids, &who.user_id).await?;
            total += activity.values().map(|activity| activity.unread).sum::<u64>();
            cursor = found.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
    }
    Ok(total)
}

fn open_ones(who: &Identity) -> Vec<ConversationFilter> {
    let of = |status| {
        let me = Some(who.user_id.clone());
        let status = Some(status);
        if who.role.is_staff() {
            ConversationFilter { status, agent: me, ..Default::default() }
        } else {
            ConversationFilter { status, customer: me, ..Default::default() }
        }
    };
    if who.role.is_staff() {
        vec![of(ConversationStatus::Active)]
    } else {
        vec![of(ConversationStatus::Waiting), of(ConversationStatus::Active)]
    }
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
    fn a_customer_sees_their_own_whatever_they_ask_for() {
        let found = filter(&who(Role::Customer), &ListParameters::default()).expect("a filter");
        assert_eq!(found.customer, Some(who(Role::Customer).user_id));
        let asked = ListParameters { agent: Some("me".into()), ..Default::default() };
        assert!(filter(&who(Role::Customer), &asked).is_err());
    }

    #[test]
    fn me_is_the_caller() {
        let asked = ListParameters { agent: Some("me".into()), ..Default::default() };
        let found = filter(&who(Role::Agent), &asked).expect("a filter");
        assert_eq!(found.agent, Some(who(Role::Agent).user_id));
        assert_eq!(found.customer, None);
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let with = |agent: &str, unassigned| ListParameters {
            agent: Some(agent.into()),
            unassigned: Some(unassigned),
            ..Default::default()
        };
        for asked in [with("me", true), with("a.b", false), with("", false)] {
            let refused = filter(&who(Role::Agent), &asked).expect_err("no filter");
            assert_eq!(refused.code, ErrorCode::Invalid);
        }
    }
}
