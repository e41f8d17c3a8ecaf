//! `POST /api/auth/customer`: the word of the host site for a customer's token.

use axum::Json;
use axum::extract::State;
use confab_auth::{AuthError, customer_identity};
use confab_protocol::ErrorCode;
use confab_protocol::api::{CustomerTokenRequest, CustomerTokenResponse};

use crate::error::EdgeError;
use crate::form;
use crate::http::admin::identity::{SETTING, Secret};
use crate::http::customers::check_attributes;
use crate::http::extract::{Address, Body};
use crate::state::EdgeState;

/// Name of customers whom the host gives none.
const NAMELESS: &str = "Visitor";

/// A token for a customer whom the host site knows.
///
/// The site's server signs a JSON Web Token (HS256) with the tenant's secret: `sub` is the customer's id, `name` their
/// name, `exp` at most a day away, `attributes` what else the desk should know: shown there as verified. With the token of the answer `POST /api/chat/start` begins a conversation as this
/// customer, and their earlier ones are theirs to read.
#[utoipa::path(
    post,
    path = "/api/auth/customer",
    tag = "auth",
    request_body = CustomerTokenRequest,
    responses((status = 200, description = "A token of the customer.", body = CustomerTokenResponse)),
    security(()),
)]
pub(crate) async fn exchange_identity(
    State(state): State<EdgeState>,
    Address(address): Address,
    Body(request): Body<CustomerTokenRequest>,
) -> Result<Json<CustomerTokenResponse>, EdgeError> {
    state.limits.login(address)?;
    let refused =
        || EdgeError::new(ErrorCode::Unauthenticated, "the host's token is not valid for this tenant");
    let store = match state.store.tenant(&request.tenant).await {
        Ok(store) => store,
        Err(error) if error.code() == ErrorCode::NotFound => return Err(refused()),
        Err(error) => return Err(error.into()),
    };
    let (secret, _) = store.setting::<Secret>(SETTING).await?;
    let secret = secret.ok_or_else(refused)?;
    let now = state.clock.now() / 1000;
    let identity =
        customer_identity::verify(secret.expose(), &request.token, now).map_err(|error| match error {
            AuthError::Expired => error.into(),
            _ => refused(),
        })?;
    // Whoever works here is not spoken for by a web site.
    if store.user(&identity.sub).await?.is_some_and(|user| user.role.is_staff() || user.disabled) {
        return Err(refused());
    }
    let name = form::name("name", identity.name.as_deref().unwrap_or(NAMELESS))?;
    let id = identity.sub;
    if !identity.attributes.is_empty() {
        check_attributes(&identity.attributes)?;
        store.put_verified(&id, &name, &identity.attributes, state.clock.now()).await?;
    }
    let issued = state.tokens.issue_customer(request.tenant, id.clone(), name.clone(), Vec::new(), now)?;
    Ok(Json(CustomerTokenResponse {
        token: issued.token,
        expires_at: issued.claims.exp * 1000,
        customer_id: id,
        name,
    }))
}
