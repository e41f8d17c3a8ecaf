//! `PUT /api/admin/users/{id}/password`: sets somebody's password anew.

use axum::extract::State;
use confab_protocol::UserId;
use confab_protocol::api::PasswordBody;
use http::StatusCode;
use secrecy::SecretString;

use super::{check_password, get, hash};
use crate::audit;
use crate::error::EdgeError;
use crate::http::HttpState;
use crate::http::admin::writer;
use crate::http::extract::{At, Body, Caller};

/// Set a person's password. Their refresh tokens are good for nothing afterwards.
#[utoipa::path(
    put,
    path = "/api/admin/users/{id}/password",
    tag = "administration",
    params(("id" = UserId, Path, description = "The person.")),
    request_body = PasswordBody,
    responses((status = 204, description = "It is set.")),
)]
pub(crate) async fn set_password(
    State(http): State<HttpState>,
    Caller(who): Caller,
    At(id): At<UserId>,
    Body(request): Body<PasswordBody>,
) -> Result<StatusCode, EdgeError> {
    let store = writer(&http.edge, &who).await?;
    get::find(&store, &id).await?;
    let password = SecretString::from(request.password);
    check_password(&password)?;
    let hash = hash(&http, password).await?;
    store.set_password(&id, &hash, http.edge.clock.now()).await?;
    audit::note(&http.edge, &who, "set_password", ("user", &id)).await;
    Ok(StatusCode::NO_CONTENT)
}
