//! `GET /api/admin/customers/{id}/export`, `DELETE /api/admin/customers/{id}`: a customer's right to know and to be
//! forgotten.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use confab_protocol::{ErrorCode, UserId};
use http::{HeaderValue, header};

use super::writer;
use crate::audit;
use crate::error::EdgeError;
use crate::http::extract::{At, Caller};
use crate::privacy::{self, Erased, PrivacyError};
use crate::state::EdgeState;

impl From<PrivacyError> for EdgeError {
    fn from(cause: PrivacyError) -> Self {
        match cause {
            PrivacyError::Store(cause) => cause.into(),
            PrivacyError::Bus(cause) => cause.into(),
            PrivacyError::Attachments(cause) => cause.into(),
            PrivacyError::Unknown(_) => Self::not_found("customer"),
            PrivacyError::Open(_) | PrivacyError::Staff(_) => {
                Self::new(ErrorCode::Conflict, cause.to_string())
            }
        }
    }
}

/// Everything that is kept of a customer: profile, conversations with all that was said, tickets, files by name.
#[utoipa::path(
    get,
    path = "/api/admin/customers/{id}/export",
    tag = "administration",
    params(("id" = UserId, Path, description = "The customer.")),
    responses((status = 200, description = "One JSON document.", body = serde_json::Value)),
)]
pub(crate) async fn export_customer(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(id): At<UserId>,
) -> Result<Response, EdgeError> {
    let store = writer(&state, &who).await?;
    let disposition = format!("attachment; filename=\"customer-{id}.json\"");
    let export = privacy::export(store, id.clone()).await?;
    audit::note(&state, &who, "export_customer", ("customer", &id)).await;
    let mut response = Body::from_stream(export).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// Erase a customer with all their conversations, which have to have ended: what was said, files, tickets, account.
///
/// It can't be undone. After a failure repeat it until it succeeds.
/// What feeds, streams of events and waiting deliveries tell of them is erased, too. The audit log keeps what staff did, with
/// the customer's id; backups are the operator's to delete.
#[utoipa::path(
    delete,
    path = "/api/admin/customers/{id}",
    tag = "administration",
    params(("id" = UserId, Path, description = "The customer.")),
    responses((status = 200, description = "How much was erased.", body = Erased)),
)]
pub(crate) async fn erase_customer(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(id): At<UserId>,
) -> Result<Json<Erased>, EdgeError> {
    let store = writer(&state, &who).await?;
    let erased = privacy::erase(&store, &state.bus, state.attachments.as_ref(), &id).await?;
    tracing::info!(tenant.id = %who.tenant, by = %who.user_id, "a customer was erased");
    audit::note(&state, &who, "erase_customer", ("customer", &id)).await;
    Ok(Json(erased))
}
