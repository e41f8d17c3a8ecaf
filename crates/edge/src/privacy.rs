//! A customer's right to know and to be forgotten: everything that is kept of them, as JSON, and all of it erased.
//! Used by the HTTP API and by the operator's commands.

use std::sync::Arc;

use bytes::Bytes;
use confab_attachments::{AttachmentError, AttachmentStore, Variant, key};
use confab_bus::{Bus, BusError, Traces};
use confab_domain::Conversation;
use confab_domain::transcript::{Format, Transcript};
use confab_protocol::api::ConversationStatus;
use confab_protocol::{Channel, ConversationId, TicketId, UserId};
use confab_store::{StoreError, TenantStore};
use futures::stream::{self, Stream, StreamExt as _, TryStreamExt as _};
use serde_json::json;

/// Conversations read at a time.
const PAGE: u32 = 50;

/// Why a customer could not be exported or erased.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PrivacyError {
    /// The database refused or did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The bus refused or did not answer.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// The attachment store refused or did not answer.
    #[error(transparent)]
    Attachments(#[from] AttachmentError),
    /// A conversation of theirs goes on.
    #[error("the conversation {0} has not ended; close it first")]
    Open(ConversationId),
    /// Nothing is known of them.
    #[error("nothing is known of the customer {0}")]
    Unknown(UserId),
    /// They are staff, whose record is the tenant's.
    #[error("{0} is staff; disable them instead")]
    Staff(UserId),
}

/// How much was erased.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct Erased {
    /// Conversations with all that was said in them, and their tickets.
    pub conversations: u64,
    /// Attached files.
    pub files: u64,
}

/// Everything that is kept of a customer, as one JSON document, piece by piece. Private notes about them are in it.
pub async fn export(
    store: TenantStore,
    customer: UserId,
) -> Result<impl Stream<Item = Result<Bytes, StoreError>> + Send + 'static, PrivacyError> {
    let user = store.user(&customer).await?;
    let first = store.customer_conversations(&customer, None, PAGE).await?;
    if user.is_none() && first.items.is_empty() {
        return Err(PrivacyError::Unknown(customer));
    }
    let profile = user.map(|user| {
        json!({ "id": user.id, "name": user.name, "login": user.login, "role": user.role, "email": user.email })
    });
    let head = without_end(&json!({ "customer": customer, "profile": profile }).to_string());
    let head = format!("{head},\"conversations\":[");
    let pages = stream::try_unfold((store.clone(), Some(first)), move |(store, page)| {
        let customer = customer.clone();
        async move {
            let Some(page) = page else { return Ok::<_, StoreError>(None) };
            let next = match &page.next_cursor {
                Some(cursor) => Some(store.customer_conversations(&customer, Some(cursor), PAGE).await?),
                None => None,
            };
            Ok(Some((stream::iter(page.items.into_iter().map(Ok::<_, StoreError>)), (store, next))))
        }
    });
    let mut separator = "";
    let documents =
        pages.try_flatten().and_then(move |conversation| document(store.clone(), conversation)).map_ok(
            move |document| Bytes::from(format!("{}\n{document}", std::mem::replace(&mut separator, ","))),
        );
    let whole = |text: String| stream::once(async move { Ok::<_, StoreError>(Bytes::from(text)) });
    Ok(whole(head).chain(documents).chain(whole("\n]}\n".to_owned())))
}

/// A conversation with all that was said in it, its ticket and its files.
async fn document(store: TenantStore, conversation: Conversation) -> Result<String, StoreError> {
    let id = &conversation.id;
    let mut transcript = Transcript::new(Format::Json);
    let pieces = store.pieces(id).await?;
    let mut entries = String::new();
    for index in 0..pieces.len() {
        for item in store.piece(id, &pieces, index, true).await? {
            entries.push_str(&transcript.entry(&item));
        }
    }
    let ticket = store.ticket(&conversation.ticket_id).await?;
    let files: Vec<_> = store.attachments_of(id).await?.into_iter().map(|record| record.file).collect();
    let head =
        json!({ "conversation": conversation.view(), "ticket": ticket, "attachments": files }).to_string();
    Ok(format!("{},\"entries\":[{entries}\n]}}", without_end(&head)))
}

/// A JSON object that goes on.
fn without_end(object: &str) -> String {
    object.strip_suffix('}').unwrap_or(object).to_owned()
}

/// Erases a customer: what they and others said in their conversations, files, tickets, what the streams tell of those, and
/// themselves. Can be repeated after a failure until it succeeds: what others are found by goes last.
pub async fn erase(
    store: &TenantStore,
    bus: &Bus,
    attachments: Option<&Arc<dyn AttachmentStore>>,
    customer: &UserId,
) -> Result<Erased, PrivacyError> {
    let user = store.user(customer).await?;
    if user.as_ref().is_some_and(|user| user.role.is_staff()) {
        return Err(PrivacyError::Staff(customer.clone()));
    }
    let profile = store.customer(customer).await?;
    let conversations = conversations_of(store, customer).await?;
    let tickets = store.tickets_to_erase(customer).await?;
    if user.is_none() && profile.is_none() && conversations.is_empty() && tickets.is_empty() {
        return Err(PrivacyError::Unknown(customer.clone()));
    }
    if let Some(open) = conversations.iter().find(|one| one.status != ConversationStatus::Closed) {
        return Err(PrivacyError::Open(open.id.clone()));
    }
    let mut erased = Erased::default();
    for some in conversations.chunks(PAGE as usize) {
        erased.files += erase_conversations(store, bus, attachments, some).await?;
        erased.conversations += some.len() as u64;
    }
    for some in tickets.chunks(PAGE as usize) {
        let since = some.iter().map(|(_, created_at)| *created_at).min().unwrap_or_default();
        let tickets: Vec<TicketId> = some.iter().map(|(ticket, _)| ticket.clone()).collect();
        erase_told(store, bus, Traces { conversations: Vec::new(), tickets: tickets.clone(), since }).await?;
        for ticket in &tickets {
            store.erase_ticket(ticket).await?;
        }
    }
    bus.erase(store.id(), &Channel::UserFeed(store.id().clone(), customer.clone())).await?;
    let known = profile.iter().flat_map(|known| [&known.attributes, &known.verified, &known.claimed]);
    let known = known.filter_map(|attributes| attributes.get("email")).map(ToString::to_string);
    let addresses: Vec<String> =
        known.chain(user.and_then(|user| user.email)).map(|address| address.to_lowercase()).collect();
    store.erase_person(customer, &addresses).await?;
    Ok(erased)
}

async fn conversations_of(store: &TenantStore, customer: &UserId) -> Result<Vec<Conversation>, StoreError> {
    let mut conversations = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let page = store.customer_conversations(customer, cursor.as_deref(), PAGE).await?;
        conversations.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(conversations);
        }
    }
}

/// Erases conversations that have ended, with their tickets and files; how many files those were. The log goes before the
/// database, so that nothing is written down again, and the records last, by which the rest is found.
async fn erase_conversations(
    store: &TenantStore,
    bus: &Bus,
    attachments: Option<&Arc<dyn AttachmentStore>>,
    conversations: &[Conversation],
) -> Result<u64, PrivacyError> {
    let mut erased = 0;
    for Conversation { id, .. } in conversations {
        for record in store.attachments_of(id).await? {
            if let Some(files) = attachments {
                for variant in Variant::ALL {
                    files.delete(&key(store.id().as_str(), id.as_str(), record.id.as_str(), variant)).await?;
                }
            }
            erased += 1;
        }
        for channel in [Channel::Conversation(id.clone()), Channel::Notes(id.clone())] {
            bus.erase(store.id(), &channel).await?;
        }
    }
    let since = conversations.iter().map(|one| one.started_at).min().unwrap_or_default();
    let ids = conversations.iter().map(|one| one.id.clone()).collect();
    let tickets = conversations.iter().map(|one| one.ticket_id.clone()).collect();
    erase_told(store, bus, Traces { conversations: ids, tickets, since }).await?;
    for Conversation { id, ticket_id, .. } in conversations {
        store.erase_conversation(id, ticket_id).await?;
    }
    Ok(erased)
}

/// Erases what was told of conversations and tickets: in the streams, and in what commands leave behind.
async fn erase_told(store: &TenantStore, bus: &Bus, traces: Traces) -> Result<(), PrivacyError> {
    bus.erase_traces(store.id(), &traces).await?;
    let Traces { conversations, tickets, since } = &traces;
    store.erase_commands(*since, conversations, tickets).await?;
    Ok(())
}
