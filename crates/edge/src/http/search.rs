//! `GET /api/search`: messages, tickets and customers by their words. Customers find what is their own, never notes.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use confab_auth::permissions::{Action, Relation, allowed, authorize};
use confab_protocol::api::{
    CustomerHit, CustomerHits, Highlight, MessageHit, MessageHits, Party, SearchResponse, TicketHit,
    TicketHits,
};
use confab_protocol::{ConversationId, ErrorCode, UnixMillis, UserId};
use confab_store::{Mark, MessageSearch, Scope, TenantStore, Terms, TicketSearch, excerpt};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::error::EdgeError;
use crate::http::extract::{Caller, Parameters};
use crate::identity::Identity;
use crate::state::EdgeState;

/// Items of a kind when the caller does not say, and most of them.
const DEFAULT_LIMIT: u32 = 20;
const MAX_LIMIT: u32 = 100;
/// Longest question, in characters.
const MAX_QUESTION: usize = 200;
/// Characters of an excerpt.
const EXCERPT: usize = 240;
/// A customer's conversations that are looked through: the latest.
const OWN_CONVERSATIONS: u32 = 50;
/// Later than any time.
const END_OF_TIME: UnixMillis = 999_999_999_999_999;

/// What to look for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchParameters {
    /// Words, all of which have to be there; of customers' names, beginnings of words.
    q: String,
    /// Kinds to search, separated by commas: `messages`, `tickets`, `customers` (staff only). All when absent.
    r#in: Option<String>,
    /// Messages of this conversation only.
    conversation: Option<ConversationId>,
    /// Messages of this author only; `me` for oneself.
    author: Option<String>,
    /// Written (tickets: created) at this time or later.
    from: Option<UnixMillis>,
    /// Written (tickets: created) at this time or earlier.
    to: Option<UnixMillis>,
    /// Items of each kind, 1 to 100; 20 when absent.
    limit: Option<u32>,
}

/// Which kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Kinds {
    messages: bool,
    tickets: bool,
    customers: bool,
}

/// What to look for, checked.
struct Question<'a> {
    who: &'a Identity,
    terms: Terms,
    kinds: Kinds,
    author: Option<UserId>,
    since: UnixMillis,
    until: UnixMillis,
    now: UnixMillis,
    limit: usize,
}

/// Find messages, tickets and customers: ranked, with the places of the words; what the caller may see.
///
/// Of a common word the most recent matches are ranked, and `is_bounded` says so.
#[utoipa::path(
    get,
    path = "/api/search",
    tag = "search",
    params(SearchParameters),
    responses((status = 200, description = "What was found, a group for each kind.", body = SearchResponse)),
)]
pub(crate) async fn search(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    Parameters(parameters): Parameters<SearchParameters>,
) -> Result<Json<SearchResponse>, EdgeError> {
    let relation = if who.role.is_staff() { Relation::Tenant } else { Relation::Own };
    authorize(who.role, Action::Search, Some(relation))?;
    let question = question(&who, &parameters, state.clock.now())?;
    if question.kinds.customers {
        authorize(who.role, Action::SearchCustomers, Some(relation))?;
    }
    if let Some(id) = &parameters.conversation {
        authorize(who.role, Action::ReadHistory, Some(state.access.conversation(&who, id).await?))?;
    }
    let store = state.store.tenant(&who.tenant).await?;
    let mut answer = SearchResponse::default();
    if question.kinds.messages {
        answer.messages = Some(messages(&store, &question, parameters.conversation).await?);
    }
    if question.kinds.tickets {
        answer.tickets = Some(tickets(&store, &question).await?);
    }
    if question.kinds.customers {
        answer.customers = Some(customers(&store, &question).await?);
    }
    Ok(Json(answer))
}

fn invalid(message: impl Into<String>) -> EdgeError {
    EdgeError::new(ErrorCode::Invalid, message)
}

fn kinds(who: &Identity, parameters: &SearchParameters) -> Result<Kinds, EdgeError> {
    let may = allowed(who.role, Action::SearchCustomers, Relation::Tenant);
    // A conversation or an author says that messages are meant.
    let narrow = parameters.conversation.is_some() || parameters.author.is_some();
    let Some(list) = &parameters.r#in else {
        return Ok(Kinds { messages: true, tickets: !narrow, customers: may && !narrow });
    };
    let mut kinds = Kinds { messages: false, tickets: false, customers: false };
    for kind in list.split(',').map(str::trim) {
        match kind {
            "messages" => kinds.messages = true,
            "tickets" => kinds.tickets = true,
            "customers" => kinds.customers = true,
            _ => return Err(invalid("in is a list of messages, tickets and customers")),
        }
    }
    Ok(kinds)
}

fn question<'a>(
    who: &'a Identity,
    parameters: &SearchParameters,
    now: UnixMillis,
) -> Result<Question<'a>, EdgeError> {
    if parameters.q.chars().count() > MAX_QUESTION {
        return Err(invalid(format!("q has more than {MAX_QUESTION} characters")));
    }
    let terms = Terms::of(&parameters.q).ok_or_else(|| invalid("q has no word to look for"))?;
    let author = match parameters.author.as_deref() {
        None => None,
        Some("me") => Some(who.user_id.clone()),
        Some(id) => {
            Some(UserId::parse(id).map_err(|error| invalid(format!("author is `me` or an id: {error}")))?)
        }
    };
    let (since, until) =
        (parameters.from.unwrap_or(0), parameters.to.unwrap_or(END_OF_TIME).min(END_OF_TIME));
    if since > until {
        return Err(invalid("from is later than to"));
    }
    let limit = parameters.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(invalid(format!("limit has to be 1 to {MAX_LIMIT}")));
    }
    let kinds = kinds(who, parameters)?;
    Ok(Question { who, terms, kinds, author, since, until, now, limit: limit as usize })
}

async fn messages(
    store: &TenantStore,
    question: &Question<'_>,
    conversation: Option<ConversationId>,
) -> Result<MessageHits, EdgeError> {
    let who = question.who;
    let mut own = Vec::new();
    let scope = match conversation {
        Some(id) => Scope::Conversations(vec![id]),
        None if who.role.is_staff() => Scope::Tenant,
        None => {
            own = store.customer_conversations(&who.user_id, None, OWN_CONVERSATIONS).await?.items;
            Scope::Conversations(own.iter().map(|conversation| conversation.id.clone()).collect())
        }
    };
    let search = MessageSearch {
        terms: question.terms.clone(),
        scope,
        notes: allowed(who.role, Action::JoinNotes, Relation::Tenant),
        author: question.author.clone(),
        since: question.since,
        until: question.until,
        now: question.now,
        limit: question.limit,
    };
    let found = store.search_messages(&search).await?;
    if who.role.is_staff() {
        let mut ids: Vec<_> = found.items.iter().map(|item| item.conversation.clone()).collect();
        ids.sort();
        ids.dedup();
        own = store.conversations_of(&ids).await?;
    }
    let customers: HashMap<ConversationId, Party> =
        own.into_iter().map(|conversation| (conversation.id, conversation.customer)).collect();
    let terms = &question.terms;
    let hit = |item: confab_store::MessageMatch| {
        let excerpt = excerpt(&item.text, terms, EXCERPT);
        MessageHit {
            customer: customers.get(&item.conversation).cloned(),
            conversation_id: item.conversation,
            epoch: item.epoch,
            seq: item.seq,
            note: item.note,
            author: item.author,
            at: item.at,
            highlights: highlights(terms.marks(&excerpt)),
            excerpt,
            score: item.score,
        }
    };
    Ok(MessageHits {
        candidates: found.candidates as u64,
        is_bounded: found.is_bounded,
        items: found.items.into_iter().map(hit).collect(),
    })
}

async fn tickets(store: &TenantStore, question: &Question<'_>) -> Result<TicketHits, EdgeError> {
    let who = question.who;
    let search = TicketSearch {
        terms: question.terms.clone(),
        customer: (!who.role.is_staff()).then(|| who.user_id.clone()),
        since: question.since,
        until: question.until,
        now: question.now,
        limit: question.limit,
    };
    let found = store.search_tickets(&search).await?;
    let terms = &question.terms;
    let hit = |item: confab_store::TicketMatch| {
        let excerpt = excerpt(&item.description, terms, EXCERPT);
        TicketHit {
            id: item.id,
            subject_highlights: highlights(terms.marks(&item.subject)),
            subject: item.subject,
            highlights: highlights(terms.marks(&excerpt)),
            excerpt,
            status: item.status,
            category: item.category,
            priority: item.priority,
            customer: item.customer,
            created_at: item.created_at,
            updated_at: item.updated_at,
            score: item.score,
        }
    };
    Ok(TicketHits {
        candidates: found.candidates as u64,
        is_bounded: found.is_bounded,
        items: found.items.into_iter().map(hit).collect(),
    })
}

async fn customers(store: &TenantStore, question: &Question<'_>) -> Result<CustomerHits, EdgeError> {
    let terms = question.terms.clone().as_beginnings();
    let found = store.search_customers(&terms, question.limit).await?;
    let hit = |item: confab_store::CustomerMatch| CustomerHit {
        highlights: highlights(terms.marks(&item.name)),
        customer: Party { id: item.id, name: item.name },
        last_seen_at: item.last_seen_at,
    };
    Ok(CustomerHits {
        candidates: found.candidates as u64,
        is_bounded: found.is_bounded,
        items: found.items.into_iter().map(hit).collect(),
    })
}

/// Marks as they are sent.
pub(super) fn highlights(marks: Vec<Mark>) -> Vec<Highlight> {
    let unit = |unit: usize| u32::try_from(unit).unwrap_or(u32::MAX);
    marks.into_iter().map(|mark| Highlight { start: unit(mark.start), end: unit(mark.end) }).collect()
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

    fn asked(q: &str, kinds: Option<&str>) -> SearchParameters {
        SearchParameters { q: q.into(), r#in: kinds.map(str::to_owned), ..SearchParameters::default() }
    }

    #[test]
    fn the_kinds_are_those_asked_for_or_all_that_the_role_permits() {
        let of = |role, parameters: &SearchParameters| kinds(&who(role), parameters).expect("kinds");
        let all = Kinds { messages: true, tickets: true, customers: true };
        assert_eq!(of(Role::Agent, &asked("x", None)), all);
        assert_eq!(of(Role::Customer, &asked("x", None)), Kinds { customers: false, ..all });
        let tickets = Kinds { messages: false, tickets: true, customers: false };
        assert_eq!(of(Role::Agent, &asked("x", Some("tickets"))), tickets);
        let by_author = SearchParameters { author: Some("me".into()), ..asked("x", None) };
        assert!(!of(Role::Agent, &by_author).tickets);
        assert!(kinds(&who(Role::Agent), &asked("x", Some("messages,nonsense"))).is_err());
    }

    #[test]
    fn what_cannot_be_searched_for_is_refused() {
        let wrong = [
            asked(" …!", None),
            asked(&"x".repeat(201), None),
            SearchParameters { limit: Some(0), ..asked("x", None) },
            SearchParameters { limit: Some(101), ..asked("x", None) },
            SearchParameters { from: Some(2), to: Some(1), ..asked("x", None) },
            SearchParameters { author: Some("a.b".into()), ..asked("x", None) },
        ];
        for parameters in wrong {
            let refused = question(&who(Role::Agent), &parameters, 0).err().expect("refused");
            assert_eq!(refused.code, ErrorCode::Invalid);
        }
        assert!(question(&who(Role::Agent), &asked("where is my parcel?", None), 0).is_ok());
    }
}
