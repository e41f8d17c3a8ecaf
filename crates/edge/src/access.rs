//! Who may enter which conversation. Asks the log before the database, so that running conversations go on without the latter.

use std::time::Duration;

use confab_auth::permissions::{Action, Relation, authorize};
use confab_bus::Bus;
use confab_protocol::api::ConversationStatus;
use confab_protocol::{Channel, ConversationId, ErrorCode, Role, TenantId, UserId};
use confab_store::Store;
use dashmap::DashMap;

use crate::error::EdgeError;
use crate::identity::Identity;

/// Conversations whose tenant and customer are remembered; beyond it all are forgotten and asked for again.
const MAX_REMEMBERED: usize = 200_000;

/// How long an answer of the database is waited for where the conversation can go on without it.
pub(crate) const STORE_PATIENCE: Duration = Duration::from_millis(250);

/// Answers who may enter which conversation, remembering what cannot change.
pub(crate) struct Access {
    bus: Bus,
    store: Store,
    tenants: DashMap<ConversationId, TenantId>,
    customers: DashMap<ConversationId, UserId>,
}

impl Access {
    pub(crate) fn new(bus: Bus, store: Store) -> Self {
        Self { bus, store, tenants: DashMap::new(), customers: DashMap::new() }
    }

    /// How this person stands to the conversation. `NotFound` when it does not exist, is another tenant's, or
    /// another customer's.
    pub(crate) async fn conversation(
        &self,
        who: &Identity,
        id: &ConversationId,
    ) -> Result<Relation, EdgeError> {
        let own = match who.role {
            Role::Customer => self.is_customers_own(who, id).await?,
            Role::Agent | Role::Supervisor | Role::Admin => false,
        };
        if own {
            return Ok(Relation::Own);
        }
        if who.role == Role::Customer || self.tenant_of(&who.tenant, id).await?.as_ref() != Some(&who.tenant)
        {
            return Err(EdgeError::not_found("conversation"));
        }
        Ok(Relation::Tenant)
    }

    /// Whether this person may follow the channel.
    pub(crate) async fn join(&self, who: &Identity, channel: &Channel) -> Result<(), EdgeError> {
        let (action, relation) = match channel {
            Channel::Conversation(id) => (Action::JoinConversation, Some(self.conversation(who, id).await?)),
            Channel::Notes(id) => (Action::JoinNotes, Some(self.conversation(who, id).await?)),
            Channel::UserFeed(tenant, user) => {
                (Action::JoinUserFeed, Relation::of(&who.tenant, tenant, *user == who.user_id))
            }
            Channel::DeskFeed(tenant) => (Action::JoinDeskFeed, Relation::of(&who.tenant, tenant, false)),
        };
        Ok(authorize(who.role, action, relation)?)
    }

    /// The conversation's status by the database, for those who have no room to tell them. `None` when it does not answer.
    pub(crate) async fn status(&self, tenant: &TenantId, id: &ConversationId) -> Option<ConversationStatus> {
        let read = async { self.store.tenant(tenant).await.ok()?.conversation(id).await.ok()? };
        let conversation = tokio::time::timeout(STORE_PATIENCE, read).await.ok()??;
        Some(conversation.status)
    }

    async fn is_customers_own(&self, who: &Identity, id: &ConversationId) -> Result<bool, EdgeError> {
        if who.conversations.contains(id) {
            return Ok(true);
        }
        if let Some(customer) = self.customers.get(id) {
            return Ok(*customer == who.user_id);
        }
        let Some(conversation) = self.store.tenant(&who.tenant).await?.conversation(id).await? else {
            return Ok(false);
        };
        let own = conversation.customer.id == who.user_id;
        remember(&self.customers, id, conversation.customer.id);
        Ok(own)
    }

    /// The tenant that the conversation belongs to, as far as `caller`'s database or the log can tell.
    async fn tenant_of(&self, caller: &TenantId, id: &ConversationId) -> Result<Option<TenantId>, EdgeError> {
        if let Some(tenant) = self.tenants.get(id) {
            return Ok(Some(tenant.clone()));
        }
        let first = self.bus.log().first(&Channel::Conversation(id.clone())).await?;
        let tenant = if let Some(entry) = first {
            Some(entry.tenant)
        } else {
            let read = self.store.tenant(caller).await?.conversation(id).await?;
            read.map(|_| caller.clone())
        };
        if let Some(tenant) = &tenant {
            remember(&self.tenants, id, tenant.clone());
        }
        Ok(tenant)
    }
}

fn remember<T>(known: &DashMap<ConversationId, T>, id: &ConversationId, value: T) {
    if known.len() >= MAX_REMEMBERED {
        known.clear();
    }
    known.insert(id.clone(), value);
}

/// The refusal for conversations that have ended.
pub(crate) fn closed() -> EdgeError {
    EdgeError::new(ErrorCode::ConversationClosed, "the conversation has ended; reopen it or start another")
}
