//! What all tasks of a worker share.

use std::sync::Arc;

use bytes::Bytes;
use confab_attachments::AttachmentStore;
use confab_auth::Tokens;
use confab_bus::{Bus, BusError, LogEntry};
use confab_config::Config;
use confab_domain::{Actor, Clock, Command, CommandKind, message_id};
use confab_protocol::codec::encode_entry;
use confab_protocol::{Author, Body, Channel, CommandId, Entry, TenantId};
use confab_store::{Store, StoreError, TenantStore};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::automation::Automations;
use crate::error::WorkerError;
use crate::extensions::Extensions;
use crate::lanes::Lanes;
use crate::mail::Mailer;
use crate::retry;
use crate::snapshots::Snapshots;

/// Shared by everything a worker does.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) config: Arc<Config>,
    pub(crate) bus: Bus,
    pub(crate) store: Store,
    pub(crate) attachments: Option<Arc<dyn AttachmentStore>>,
    pub(crate) clock: Clock,
    pub(crate) extensions: Extensions,
    /// Seals links.
    pub(crate) tokens: Arc<Tokens>,
    /// Sends e-mail; none when none is to be sent.
    pub(crate) mailer: Option<Arc<dyn Mailer>>,
    /// Makes requests that tenants cause; none when there can't be one.
    pub(crate) outward: Option<reqwest::Client>,
    pub(crate) automations: Automations,
    pub(crate) lanes: Lanes,
    pub(crate) snapshots: Snapshots,
    /// This node's id.
    pub(crate) node: String,
    /// There may be something to send to webhooks.
    pub(crate) deliveries: Notify,
    /// Nothing new is taken up.
    pub(crate) stop: CancellationToken,
    /// What is in flight is left to another worker.
    pub(crate) abandon: CancellationToken,
}

impl Context {
    /// Repeats what fails for reasons that pass, until the worker abandons what is in flight.
    pub(crate) async fn persist<T, E, Attempt>(
        &self,
        what: &'static str,
        operation: impl FnMut() -> Attempt,
    ) -> Result<T, WorkerError>
    where
        WorkerError: From<E>,
        Attempt: Future<Output = Result<T, E>>,
    {
        retry::until_done(what, &self.abandon, operation).await
    }

    /// The tenant's part of the database; `None` when there is no such tenant.
    pub(crate) async fn tenant(&self, tenant: &TenantId) -> Result<Option<TenantStore>, WorkerError> {
        match self.persist("the tenant's database", || self.store.tenant(tenant)).await {
            Ok(store) => Ok(Some(store)),
            Err(WorkerError::Store(StoreError::NotFound(_))) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Puts a command of the hub itself on the work queue.
    pub(crate) async fn submit(
        &self,
        tenant: &TenantId,
        id: CommandId,
        kind: CommandKind,
    ) -> Result<(), BusError> {
        let name = kind.name();
        let command =
            Command { id, tenant: tenant.clone(), at: self.clock.now(), actor: Actor::System, kind };
        let payload = encode(&command);
        self.bus.work().submit(tenant, name, &command.id, payload, None).await?;
        Ok(())
    }

    /// Writes an entry of the hub itself into a channel, once for each id within the log's window.
    pub(crate) async fn tell(
        &self,
        tenant: &TenantId,
        channel: &Channel,
        id: String,
        author: Author,
        body: Body,
    ) -> Result<(), BusError> {
        let entry = Entry { id, author, at: self.clock.now(), body };
        let message_id = message_id(channel, None, &entry.id);
        let payload = Bytes::from(encode_entry(&entry));
        let entry = LogEntry { channel, tenant, message_id: &message_id, payload, customer: None };
        self.bus.log().publish(entry).await?.await.map(drop)
    }

    /// The time within which the log itself knows an entry it has seen, as far as it can be relied on.
    pub(crate) fn safe_duplicate_window_ms(&self) -> u64 {
        self.config.nats.duplicate_window_seconds.saturating_mul(500)
    }
}

/// As commands, outcomes and timers lie on the bus.
pub(crate) fn encode(value: &impl serde::Serialize) -> Bytes {
    Bytes::from(rmp_serde::to_vec_named(value).expect("writing to memory does not fail"))
}
