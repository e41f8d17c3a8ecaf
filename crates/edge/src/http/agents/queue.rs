//! `GET /api/agent/queue`: who waits, in the order in which they will be served.

use axum::Json;
use axum::extract::State;
use confab_auth::permissions::{Action, Relation, authorize};
use confab_domain::queue::{self, Throughput};
use confab_protocol::api::QueueSnapshot;
use confab_store::TenantStore;

use crate::error::EdgeError;
use crate::http::extract::Caller;
use crate::http::page::MAX_LIMIT;
use crate::state::EdgeState;

/// Who waits: how many, and the first of them in the order in which they will be served.
#[utoipa::path(
    get,
    path = "/api/agent/queue",
    tag = "agents",
    responses((status = 200, description = "The tenant's waiting queue.", body = QueueSnapshot)),
)]
pub(crate) async fn get_queue(
    State(state): State<EdgeState>,
    Caller(who): Caller,
) -> Result<Json<QueueSnapshot>, EdgeError> {
    authorize(who.role, Action::ViewQueue, Some(Relation::Tenant))?;
    let store = state.store.tenant(&who.tenant).await?;
    let waiting = store.waiting(None, MAX_LIMIT).await?;
    let length = store.waiting_count().await?;
    let throughput = throughput(&state, &store).await?;
    let entries = queue::entries(&waiting, throughput);
    Ok(Json(QueueSnapshot { length, entries, at: state.clock.now() }))
}

/// What the tenant's recent assignments say about the time to the next one.
pub(in crate::http) async fn throughput(
    state: &EdgeState,
    store: &TenantStore,
) -> Result<Throughput, EdgeError> {
    let window_ms = store.settings().await?.estimate_window_ms;
    Ok(store.throughput(window_ms, state.clock.now()).await?)
}
