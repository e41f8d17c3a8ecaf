//! `POST /api/chat/start`: begins a conversation. The rest comes as events on the channels that the answer names.

use axum::Json;
use axum::extract::State;
use confab_auth::permissions::{Action, Relation, authorize};
use confab_domain::CommandKind;
use confab_protocol::api::{ConversationView, CustomerDetails, Party, StartRequest, StartResponse};
use confab_protocol::{
    Channel, ClientId, CommandId, ConversationId, ErrorCode, Role, TenantId, TicketId, UserId,
};
use http::StatusCode;

use crate::access::STORE_PATIENCE;
use crate::commands;
use crate::error::EdgeError;
use crate::form;
use crate::http::customers::check_details;
use crate::http::extract::{Address, Body, Caller, RequestKey};
use crate::http::tickets::permitted;
use crate::identity::Identity;
use crate::messages::Said;
use crate::state::EdgeState;

/// Name of customers who give none.
const NAMELESS: &str = "Visitor";
/// Shortest key of a caller without a token: whoever knows the key gets the conversation's token.
const MIN_ANONYMOUS_KEY: usize = 16;
/// Conversations that a customer's token is bound to at most; the oldest are left out.
const MAX_BOUND: usize = 20;

/// Begin a conversation.
///
/// With a customer's token the conversation is that customer's; without a token it is a new customer's, and `tenant`
/// is required.
/// Answers as soon as the request is durably on the work queue; what follows comes as events.
/// With an `Idempotency-Key`, or with a token and a `client_id`, the outcome is waited for, and a repeated request
/// gets the conversation of the first.
#[utoipa::path(
    post,
    path = "/api/chat/start",
    tag = "chat",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes repeating the request safe; without a token at least 16 characters that nobody can guess.")),
    request_body = StartRequest,
    responses((status = 202, description = "The conversation will begin; join its channel.", body = StartResponse)),
    security((), ("token" = [])),
)]
pub(crate) async fn start_chat(
    State(state): State<EdgeState>,
    Address(address): Address,
    caller: Option<Caller>,
    RequestKey(key): RequestKey,
    Body(mut request): Body<StartRequest>,
) -> Result<(StatusCode, Json<StartResponse>), EdgeError> {
    let state = &state;
    check_form(&request, state.config.limits.max_message_chars)?;
    let repeatable = repeatable_id(caller.as_ref(), &request, key.as_deref())?;
    let customer = customer(state, caller, &request)?;
    state.limits.start(address, &customer.tenant)?;
    require_tenant(state, &customer.tenant).await?;
    if let Some(ticket) = &request.ticket_id {
        permitted(state, &customer, Action::ReadTickets, ticket).await?;
    }
    if let Said::Text(text) = state.messages.filtered(&customer, Said::Text(request.message.clone())).await? {
        request.message = text;
    }

    let details = request.details.clone();
    let conversation = commands::new_conversation(state).await?;
    let command = start_command(state, &customer, &conversation, request);
    let (conversation, customer) = match repeatable {
        None => {
            commands::give(state, &customer, command, &commands::new_id(&state.clock)).await?;
            (conversation, customer)
        }
        Some(id) => {
            let done = commands::execute(state, &customer, command, id).await?;
            began(customer, done.into_conversation()?)
        }
    };
    if let Some(details) = &details {
        note(state, &customer, details).await;
    }
    Ok((StatusCode::ACCEPTED, Json(answer(state, customer, conversation)?)))
}

fn check_form(request: &StartRequest, max_chars: usize) -> Result<(), EdgeError> {
    form::word("issue_type", &request.issue_type)?;
    if let Some(team) = &request.team {
        form::word("team", team)?;
    }
    if let Some(name) = &request.name {
        form::name("name", name)?;
    }
    if let Some(details) = &request.details {
        check_details(details)?;
    }
    form::text("message", &request.message, max_chars)
}

/// Keeps what the browser tells. A chat begins without it, too, when the database does not answer.
async fn note(state: &EdgeState, customer: &Identity, details: &CustomerDetails) {
    let write = async {
        let store = state.store.tenant(&customer.tenant).await?;
        store.note_customer(&customer.user_id, details, state.clock.now()).await
    };
    if let Ok(Err(error)) = tokio::time::timeout(STORE_PATIENCE, write).await {
        tracing::warn!(%error, "what a customer's browser told is not kept");
    }
}

/// The command's id when the caller can repeat the request.
fn repeatable_id(
    caller: Option<&Caller>,
    request: &StartRequest,
    key: Option<&str>,
) -> Result<Option<CommandId>, EdgeError> {
    let id = |who: &str, scope: &str, key: &str| commands::id_of_key(who, "start", scope, key);
    match (caller, key, &request.client_id) {
        (Some(Caller(who)), Some(key), _) => Ok(Some(id(who.user_id.as_str(), "key", key))),
        (Some(Caller(who)), None, Some(client_id)) => {
            Ok(Some(id(who.user_id.as_str(), "client_id", client_id.as_str())))
        }
        (None, Some(key), _) if key.len() < MIN_ANONYMOUS_KEY => {
            let message = format!(
                "without a token, Idempotency-Key needs {MIN_ANONYMOUS_KEY} characters that nobody can guess"
            );
            Err(EdgeError::new(ErrorCode::Invalid, message))
        }
        // No user has an empty id, so nobody's key meets that of a caller without a token.
        (None, Some(key), _) => Ok(Some(id("", "key", key))),
        (_, None, _) => Ok(None),
    }
}

/// Whose conversation it will be.
fn customer(
    state: &EdgeState,
    caller: Option<Caller>,
    request: &StartRequest,
) -> Result<Identity, EdgeError> {
    let given = request.name.as_deref().map(|name| form::name("name", name)).transpose()?;
    if let Some(Caller(who)) = caller {
        authorize(who.role, Action::StartChat, Some(Relation::Own))?;
        if request.tenant.as_ref().is_some_and(|tenant| *tenant != who.tenant) {
            return Err(EdgeError::new(
                ErrorCode::Invalid,
                "tenant is another than your token's; leave it out",
            ));
        }
        return Ok(Identity { name: given.unwrap_or_else(|| who.name.clone()), ..who });
    }
    let tenant = request.tenant.clone();
    let tenant =
        tenant.ok_or_else(|| EdgeError::new(ErrorCode::Invalid, "tenant is required without a token"))?;
    let user_id = format!("c-{}", commands::new_uuid(&state.clock).simple());
    Ok(Identity {
        tenant,
        user_id: UserId::parse(user_id).expect("a letter, a hyphen and hexadecimal digits are an id"),
        name: given.unwrap_or_else(|| NAMELESS.to_owned()),
        role: Role::Customer,
        conversations: Vec::new(),
        expires_at: 0,
    })
}

/// The store remembers tenants that it has seen, so that this asks the database once only.
async fn require_tenant(state: &EdgeState, tenant: &TenantId) -> Result<(), EdgeError> {
    match state.store.tenant(tenant).await {
        Ok(_) => Ok(()),
        Err(error) if error.code() == ErrorCode::NotFound => Err(EdgeError::not_found("tenant")),
        Err(error) => Err(error.into()),
    }
}

fn start_command(
    state: &EdgeState,
    customer: &Identity,
    conversation: &ConversationId,
    request: StartRequest,
) -> CommandKind {
    let new_uuid = || commands::new_uuid(&state.clock);
    CommandKind::Start {
        conversation: conversation.clone(),
        continues: request.ticket_id.is_some(),
        ticket: request.ticket_id.unwrap_or_else(|| TicketId::from_uuid(new_uuid())),
        customer: Party { id: customer.user_id.clone(), name: customer.name.clone() },
        issue_type: request.issue_type,
        team: request.team,
        priority: request.priority,
        client_id: request.client_id.unwrap_or_else(|| ClientId::from_uuid(new_uuid())),
        message: request.message,
    }
}

/// The conversation that the command began, now or when it was given first, and its customer.
fn began(customer: Identity, view: ConversationView) -> (ConversationId, Identity) {
    (view.id, Identity { user_id: view.customer.id, name: view.customer.name, ..customer })
}

fn answer(
    state: &EdgeState,
    customer: Identity,
    conversation: ConversationId,
) -> Result<StartResponse, EdgeError> {
    let feed = customer.feed().to_string();
    let bound = bound(customer.conversations, &conversation);
    let now = state.clock.now() / 1000;
    let id = customer.user_id.clone();
    let issued = state.tokens.issue_customer(customer.tenant, customer.user_id, customer.name, bound, now)?;
    Ok(StartResponse {
        customer_id: id,
        token: issued.token,
        expires_at: issued.claims.exp * 1000,
        channel: Channel::Conversation(conversation.clone()).to_string(),
        conversation_id: conversation,
        feed,
    })
}

/// What the token is bound to: the new conversation, and the latest of the earlier ones.
fn bound(mut earlier: Vec<ConversationId>, conversation: &ConversationId) -> Vec<ConversationId> {
    earlier.retain(|one| one != conversation);
    earlier.push(conversation.clone());
    earlier.split_off(earlier.len().saturating_sub(MAX_BOUND))
}

#[cfg(test)]
mod tests {
    use confab_protocol::api::Priority;

    use super::*;

    fn request() -> StartRequest {
        StartRequest {
            details: None,
            tenant: None,
            issue_type: "PAYMENT".into(),
            message: "My payment is stuck".into(),
            client_id: None,
            name: None,
            team: None,
            priority: Priority::Medium,
            ticket_id: None,
        }
    }

    fn caller(user: &str) -> Caller {
        Caller(Identity {
            tenant: TenantId::parse("demo").expect("an id"),
            user_id: UserId::parse(user).expect("an id"),
            name: "Mohan".into(),
            role: Role::Customer,
            conversations: Vec::new(),
            expires_at: 0,
        })
    }

    #[test]
    fn every_field_is_checked() {
        assert!(check_form(&request(), 100).is_ok());
        let wrong = [
            StartRequest { issue_type: "a b".into(), ..request() },
            StartRequest { team: Some(String::new()), ..request() },
            StartRequest { name: Some("x".repeat(81)), ..request() },
            StartRequest { message: " ".into(), ..request() },
        ];
        for request in wrong {
            assert_eq!(check_form(&request, 100).expect_err("refused").code, ErrorCode::Invalid);
        }
        assert_eq!(check_form(&request(), 5).expect_err("refused").code, ErrorCode::TooLarge);
    }

    #[test]
    fn only_who_can_repeat_a_request_gets_the_same_command() {
        let with_id = StartRequest { client_id: ClientId::parse("m-1").ok(), ..request() };
        let id = |caller: Option<&str>, request: &StartRequest, key: Option<&str>| {
            repeatable_id(caller.map(self::caller).as_ref(), request, key)
        };
        assert_eq!(id(None, &with_id, None).expect("taken"), None, "anybody may have this client id");
        assert_eq!(id(Some("mohan"), &request(), None).expect("taken"), None);
        let mohans = id(Some("mohan"), &with_id, None).expect("taken").expect("repeatable");
        assert_eq!(id(Some("mohan"), &with_id, None).expect("taken"), Some(mohans.clone()));
        assert_ne!(id(Some("asha"), &with_id, None).expect("taken"), Some(mohans.clone()));
        assert_ne!(id(Some("mohan"), &with_id, Some("m-1")).expect("taken"), Some(mohans));
        assert!(id(None, &request(), Some("short")).is_err());
        assert!(id(None, &request(), Some("0123456789abcdef")).expect("taken").is_some());
    }

    #[test]
    fn a_token_stays_small_however_many_conversations_there_were() {
        let conversation = |number: usize| ConversationId::parse(format!("c-{number}")).expect("an id");
        let bound = bound((0..30).map(conversation).collect(), &conversation(7));
        assert_eq!(bound.len(), MAX_BOUND);
        assert_eq!(bound.last(), Some(&conversation(7)));
        assert_eq!(bound.iter().filter(|id| **id == conversation(7)).count(), 1);
    }
}
