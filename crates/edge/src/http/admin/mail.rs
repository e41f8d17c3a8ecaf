//! `/api/admin/mail`: which e-mail the tenant sends, and the addresses that took none.

use axum::Json;
use axum::extract::State;
use confab_domain::notice::SETTING;
use confab_protocol::ErrorCode;
use confab_protocol::api::{MailBody, RefusedAddresses};
use http::StatusCode;

use super::{reader, writer};
use crate::audit::{self, Deed};
use crate::error::EdgeError;
use crate::form;
use crate::http::etag::{IfMatch, Tagged, edited, tagged};
use crate::http::extract::{At, Body, Caller};
use crate::state::EdgeState;

/// Seconds after which customers may be written to.
const SECONDS: std::ops::RangeInclusive<u32> = 1..=86_400;

/// Which e-mail the tenant sends.
#[utoipa::path(
    get,
    path = "/api/admin/mail",
    tag = "administration",
    responses((status = 200, description = "What is set; its version as `ETag`.", body = MailBody)),
)]
pub(crate) async fn get_mail(
    State(state): State<EdgeState>,
    Caller(who): Caller,
) -> Result<Tagged<MailBody>, EdgeError> {
    let (settings, version) = reader(&state, &who).await?.setting::<MailBody>(SETTING).await?;
    Ok(tagged(version, settings.unwrap_or_default()))
}

/// Set which e-mail the tenant sends. Workers go by it within seconds, if the operator has configured a server.
#[utoipa::path(
    put,
    path = "/api/admin/mail",
    tag = "administration",
    params(("If-Match" = Option<String>, Header, description = "The `ETag` that was read.")),
    request_body = MailBody,
    responses((status = 200, description = "What is set now.", body = MailBody)),
)]
pub(crate) async fn put_mail(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    if_match: IfMatch,
    Body(request): Body<MailBody>,
) -> Result<Tagged<MailBody>, EdgeError> {
    let store = writer(&state, &who).await?;
    form::name("from_name", &request.from_name)?;
    if request.customers_after_seconds.is_some_and(|seconds| !SECONDS.contains(&seconds)) {
        let message = format!("customers_after_seconds has to be {} to {}", SECONDS.start(), SECONDS.end());
        return Err(EdgeError::new(ErrorCode::Invalid, message));
    }
    let (_, version) = store.setting::<MailBody>(SETTING).await?;
    let version = if_match.check(version)?;
    store.put_setting(SETTING, &request, version).await.map_err(edited)?;
    let deed =
        Deed { action: "set_mail", target_kind: "tenant", target_id: who.tenant.to_string(), detail: None };
    audit::record(&state, &who.tenant, who.author(), deed).await;
    Ok(tagged(version + 1, request))
}

/// Addresses that took no e-mail.
#[utoipa::path(
    get,
    path = "/api/admin/mail/refused",
    tag = "administration",
    responses((status = 200, description = "The latest first, with what their servers said.", body = RefusedAddresses)),
)]
pub(crate) async fn list_refused(
    State(state): State<EdgeState>,
    Caller(who): Caller,
) -> Result<Json<RefusedAddresses>, EdgeError> {
    Ok(Json(RefusedAddresses { items: reader(&state, &who).await?.refused_addresses().await? }))
}

/// Let an address be written to again.
#[utoipa::path(
    delete,
    path = "/api/admin/mail/refused/{address}",
    tag = "administration",
    params(("address" = String, Path, description = "The address.")),
    responses((status = 204, description = "It is tried again with the next e-mail.")),
)]
pub(crate) async fn forgive_address(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(address): At<String>,
) -> Result<StatusCode, EdgeError> {
    if !writer(&state, &who).await?.forgive_address(&address).await? {
        return Err(EdgeError::not_found("address among those that took no e-mail"));
    }
    let deed = Deed { action: "forgive_address", target_kind: "address", target_id: address, detail: None };
    audit::record(&state, &who.tenant, who.author(), deed).await;
    Ok(StatusCode::NO_CONTENT)
}
