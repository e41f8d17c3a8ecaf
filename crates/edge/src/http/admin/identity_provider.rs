//! `GET`, `PUT` and `DELETE /api/admin/identity-provider`: through whom the tenant's staff may log in.

use axum::extract::State;
use confab_protocol::ErrorCode;
use confab_protocol::api::IdentityProvider;
use http::StatusCode;

use super::{reader, writer};
use crate::audit;
use crate::authentication::check_place;
use crate::authentication::oidc::SETTING;
use crate::error::EdgeError;
use crate::form;
use crate::http::etag::{IfMatch, Tagged, edited, tagged};
use crate::http::extract::{Body, Caller};
use crate::state::EdgeState;

/// Longest issuer and address, in bytes; longest client id and claim, in characters.
const MAX_URL: usize = 2048;
const MAX_CLAIM: usize = 200;
/// Most words that stand for roles.
const MAX_ROLES: usize = 100;

/// The tenant's identity provider.
#[utoipa::path(
    get,
    path = "/api/admin/identity-provider",
    tag = "administration",
    responses((status = 200, description = "The provider; its version as `ETag`. `not_found` when there is none.", body = IdentityProvider)),
)]
pub(crate) async fn get_identity_provider(
    State(state): State<EdgeState>,
    Caller(who): Caller,
) -> Result<Tagged<IdentityProvider>, EdgeError> {
    let store = reader(&state, &who).await?;
    let (provider, version) = store.setting::<Option<IdentityProvider>>(SETTING).await?;
    let provider = provider.flatten().ok_or_else(|| EdgeError::not_found("identity provider"))?;
    Ok(tagged(version, provider))
}

/// Let staff log in through an identity provider.
#[utoipa::path(
    put,
    path = "/api/admin/identity-provider",
    tag = "administration",
    params(("If-Match" = Option<String>, Header, description = "The `ETag` that was read.")),
    request_body = IdentityProvider,
    responses((status = 200, description = "The provider as it is now.", body = IdentityProvider)),
)]
pub(crate) async fn put_identity_provider(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    if_match: IfMatch,
    Body(request): Body<IdentityProvider>,
) -> Result<Tagged<IdentityProvider>, EdgeError> {
    let store = writer(&state, &who).await?;
    check(&request, state.config.events.allow_private_addresses)?;
    let (_, version) = store.setting::<Option<IdentityProvider>>(SETTING).await?;
    let version = if_match.check(version)?;
    store.put_setting(SETTING, &Some(&request), version).await.map_err(edited)?;
    audit::note(&state, &who, "put_identity_provider", ("tenant", &who.tenant)).await;
    Ok(tagged(version + 1, request))
}

/// No longer let staff log in through an identity provider. Who is logged in stays so; passwords go on working.
#[utoipa::path(
    delete,
    path = "/api/admin/identity-provider",
    tag = "administration",
    params(("If-Match" = Option<String>, Header, description = "The `ETag` that was read.")),
    responses((status = 204, description = "There is none any more.")),
)]
pub(crate) async fn delete_identity_provider(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    if_match: IfMatch,
) -> Result<StatusCode, EdgeError> {
    let store = writer(&state, &who).await?;
    let (_, version) = store.setting::<Option<IdentityProvider>>(SETTING).await?;
    let version = if_match.check(version)?;
    store.put_setting(SETTING, &None::<IdentityProvider>, version).await.map_err(edited)?;
    audit::note(&state, &who, "delete_identity_provider", ("tenant", &who.tenant)).await;
    Ok(StatusCode::NO_CONTENT)
}

fn check(provider: &IdentityProvider, private_too: bool) -> Result<(), EdgeError> {
    let invalid = |message: String| EdgeError::new(ErrorCode::Invalid, message);
    let places = [("issuer", Some(&provider.issuer)), ("jwks_url", provider.jwks_url.as_ref())];
    for (field, place) in places.into_iter().filter_map(|(field, place)| Some((field, place?))) {
        if place.len() > MAX_URL {
            return Err(invalid(format!("{field} is longer than {MAX_URL} bytes")));
        }
        check_place(place, private_too).map_err(|problem| {
            invalid(format!(
                "{field} has to be a public https URL, such as https://id.example.org: {problem}"
            ))
        })?;
    }
    let texts = [
        ("client_id", Some(&provider.client_id)),
        ("user_claim", Some(&provider.user_claim)),
        ("name_claim", Some(&provider.name_claim)),
        ("role_claim", provider.role_claim.as_ref()),
        ("team_claim", provider.team_claim.as_ref()),
    ];
    for (field, text) in texts.into_iter().filter_map(|(field, text)| Some((field, text?))) {
        form::line(field, text, MAX_CLAIM)?;
    }
    if provider.roles.len() > MAX_ROLES {
        return Err(invalid(format!("roles has more than {MAX_ROLES} items")));
    }
    for word in provider.roles.keys() {
        form::line("a word in roles", word, MAX_CLAIM)?;
    }
    if provider.roles.values().chain(provider.default_role.as_ref()).any(|role| !role.is_staff()) {
        return Err(invalid("roles and default_role have to be agent, supervisor or admin".to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use confab_protocol::Role;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_provider_is_checked_before_it_is_kept() {
        let good = || {
            let body = json!({ "issuer": "https://id.example.org/realms/x", "client_id": "confab" });
            serde_json::from_value::<IdentityProvider>(body).expect("a provider")
        };
        assert!(check(&good(), false).is_ok());
        assert_eq!((good().user_claim.as_str(), good().require_nonce), ("sub", true));
        let customer = [("x".to_owned(), Role::Customer)];
        let wrong = [
            IdentityProvider { issuer: "http://id.example.org".into(), ..good() },
            IdentityProvider { issuer: "https://127.0.0.1".into(), ..good() },
            IdentityProvider { jwks_url: Some("nonsense".into()), ..good() },
            IdentityProvider { client_id: String::new(), ..good() },
            IdentityProvider { role_claim: Some("a\nb".into()), ..good() },
            IdentityProvider { roles: customer.into(), ..good() },
            IdentityProvider { default_role: Some(Role::Customer), ..good() },
        ];
        for provider in wrong {
            assert_eq!(check(&provider, false).expect_err("refused").code, ErrorCode::Invalid);
        }
    }
}
