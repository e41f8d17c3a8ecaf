//! What tenants have set about what the hub does by itself, as it was read lately: messages must not cost a query each.

use std::sync::Arc;
use std::time::Duration;

use confab_domain::notice;
use confab_domain::responder::{self, ResponderSettings};
use confab_protocol::TenantId;
use confab_protocol::api::MailBody;
use confab_store::{StoreError, TenantStore};
use dashmap::DashMap;
use tokio::time::Instant;

use crate::context::Context;
use crate::error::WorkerError;

/// How long what was read is taken for current.
const FRESH: Duration = Duration::from_secs(2);

/// What a tenant has set.
#[derive(Debug, Default)]
pub(crate) struct Automation {
    pub(crate) responder: ResponderSettings,
    pub(crate) mail: MailBody,
}

/// What was read of all tenants.
#[derive(Debug, Default)]
pub(crate) struct Automations(DashMap<TenantId, (Instant, Arc<Automation>)>);

impl Context {
    /// What the tenant has set, at most [`FRESH`] ago.
    pub(crate) async fn automation(&self, store: &TenantStore) -> Result<Arc<Automation>, WorkerError> {
        if let Some(known) = self.automations.0.get(store.id())
            && known.0.elapsed() < FRESH
        {
            return Ok(Arc::clone(&known.1));
        }
        let read = || async {
            let (responder, _) = store.setting::<ResponderSettings>(responder::SETTING).await?;
            let (mail, _) = store.setting::<MailBody>(notice::SETTING).await?;
            Ok::<_, StoreError>(Automation {
                responder: responder.unwrap_or_default(),
                mail: mail.unwrap_or_default(),
            })
        };
        let read = Arc::new(self.persist("reading what a tenant has set", read).await?);
        self.automations.0.insert(store.id().clone(), (Instant::now(), Arc::clone(&read)));
        Ok(read)
    }
}
