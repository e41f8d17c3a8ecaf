//! `GET /api/admin/audit`: who did what.

use axum::Json;
use axum::extract::State;
use confab_auth::permissions::{Action, Relation, authorize};
use confab_protocol::api::AuditPage;
use confab_protocol::{UnixMillis, UserId};
use confab_store::AuditFilter;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::error::EdgeError;
use crate::form;
use crate::http::extract::{Caller, Parameters};
use crate::http::page;
use crate::state::EdgeState;

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditParameters {
    /// Only what this person did.
    actor: Option<UserId>,
    /// Only this action, as `close` or `update_ticket`.
    action: Option<String>,
    /// Nothing before this time, in milliseconds.
    since: Option<UnixMillis>,
    /// Nothing after this time, in milliseconds.
    until: Option<UnixMillis>,
    /// Where the next page begins, from the page before.
    cursor: Option<String>,
    /// Items on a page, 1 to 100; 50 when absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// Who did what, newest first; for admins.
#[utoipa::path(
    get,
    path = "/api/admin/audit",
    tag = "administration",
    params(AuditParameters),
    responses((status = 200, description = "A page of the audit log.", body = AuditPage)),
)]
pub(crate) async fn list_audit(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    Parameters(parameters): Parameters<AuditParameters>,
) -> Result<Json<AuditPage>, EdgeError> {
    authorize(who.role, Action::ReadAudit, Some(Relation::Tenant))?;
    let limit = page::limit(parameters.limit)?;
    form::moment("since", parameters.since)?;
    form::moment("until", parameters.until)?;
    if let Some(action) = &parameters.action {
        form::word("action", action)?;
    }
    let filter = AuditFilter {
        actor: parameters.actor,
        action: parameters.action,
        since: parameters.since,
        until: parameters.until,
    };
    let store = state.store.tenant(&who.tenant).await?;
    let found = store.audit(&filter, parameters.cursor.as_deref(), limit).await?;
    Ok(Json(AuditPage { items: found.items, next_cursor: found.next_cursor }))
}
