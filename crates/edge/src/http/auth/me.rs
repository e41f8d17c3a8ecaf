//! `GET /api/auth/me`: who the token says one is.

use axum::Json;
use confab_protocol::api::UserView;

use crate::http::extract::Caller;

/// Who the token says you are.
#[utoipa::path(
    get,
    path = "/api/auth/me",
    tag = "auth",
    responses((status = 200, description = "The person the token was issued to.", body = UserView)),
)]
pub(crate) async fn me(Caller(who): Caller) -> Json<UserView> {
    Json(UserView { id: who.user_id, tenant: who.tenant, name: who.name, role: who.role })
}
