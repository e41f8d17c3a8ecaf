//! `POST /api/canned-messages`: keeps a message ready.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use confab_auth::permissions::{Action, Relation, authorize};
use confab_protocol::CannedId;
use confab_protocol::api::{CannedMessage, CannedRequest};
use confab_store::StoreError;
use http::StatusCode;

use super::{checked, refused};
use crate::audit;
use crate::commands;
use crate::error::EdgeError;
use crate::http::conditional::Versioned;
use crate::http::extract::{Body, Caller, RequestKey};
use crate::state::EdgeState;

/// Keep a message ready: for yourself, or, if you lead, for a team or the tenant.
#[utoipa::path(
    post,
    path = "/api/canned-messages",
    tag = "library",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes repeating the request safe.")),
    request_body = CannedRequest,
    responses(
        (status = 201, description = "The canned message; its version is the `ETag`.", body = CannedMessage),
        (status = 200, description = "The canned message that an earlier request with this key created.", body = CannedMessage),
    ),
)]
pub(crate) async fn create_canned(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    RequestKey(key): RequestKey,
    Body(request): Body<CannedRequest>,
) -> Result<Response, EdgeError> {
    authorize(who.role, Action::UseCanned, Some(Relation::Tenant))?;
    let id = match &key {
        Some(key) => commands::id_of_key(who.user_id.as_str(), "create_canned", "", key),
        None => commands::new_id(&state.clock),
    };
    let id = CannedId::parse(id.as_str()).map_err(|_| EdgeError::not_found("canned message"))?;
    let store = state.store.tenant(&who.tenant).await?;
    let canned = checked(request, &who, id, 1, state.clock.now())?;
    match store.create_canned(&canned).await {
        Ok(()) => {
            audit::note(&state, &who, "create_canned", ("canned_message", &canned.id)).await;
            Ok((StatusCode::CREATED, Versioned(canned.version, canned)).into_response())
        }
        Err(error @ StoreError::Exists(_)) => match store.canned(&canned.id).await? {
            Some(first) => Ok(Versioned(first.version, first).into_response()),
            None => Err(refused(error)),
        },
        Err(error) => Err(refused(error)),
    }
}
