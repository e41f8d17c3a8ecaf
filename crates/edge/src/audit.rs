//! The audit log of what is done without a command: log-ins and writes of configuration.

use confab_protocol::api::AuditItem;
use confab_protocol::{Author, TenantId};
use confab_store::AuditEntry;

use crate::commands;
use crate::identity::Identity;
use crate::state::EdgeState;

/// What somebody did.
#[derive(Debug, Clone)]
pub(crate) struct Deed {
    /// What, as `update_settings`.
    pub(crate) action: &'static str,
    /// On what kind of thing.
    pub(crate) target_kind: &'static str,
    /// On which.
    pub(crate) target_id: String,
    /// More, in words; no secrets.
    pub(crate) detail: Option<String>,
}

/// Notes what the caller did to a thing of this kind and id.
pub(crate) async fn note(
    state: &EdgeState,
    who: &Identity,
    action: &'static str,
    (target_kind, target_id): (&'static str, &(impl ToString + Sync)),
) {
    let deed = Deed { action, target_kind, target_id: target_id.to_string(), detail: None };
    record(state, &who.tenant, who.author(), deed).await;
}

/// Notes what was done. Called after the fact, so that a failure is logged and does not undo it.
pub(crate) async fn record(state: &EdgeState, tenant: &TenantId, by: Author, deed: Deed) {
    let Deed { action, target_kind, target_id, detail } = deed;
    let item = AuditItem {
        at: state.clock.now(),
        by,
        action: action.to_owned(),
        target_kind: Some(target_kind.to_owned()),
        target_id: Some(target_id),
        outcome: "done".to_owned(),
        detail,
    };
    let entry = AuditEntry { id: commands::new_uuid(&state.clock).to_string(), item };
    let written = async { state.store.tenant(tenant).await?.append_audit(&[entry]).await };
    if let Err(error) = written.await {
        tracing::error!(%error, action, "what was done is missing in the audit log");
    }
}
