//! Bodies of identity that others vouch for: customers' by the host site, staff's by the tenant's identity provider.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{Role, TenantId, UnixMillis, UserId};

/// `POST /api/auth/customer`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerTokenRequest {
    /// The tenant.
    pub tenant: TenantId,
    /// What the host's server signed.
    pub token: String,
}

/// A token of a customer whom the host knows.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CustomerTokenResponse {
    /// For `Authorization: Bearer` and for the `hello` frame.
    pub token: String,
    /// When it runs out.
    pub expires_at: UnixMillis,
    /// The customer.
    pub customer_id: UserId,
    /// Name to show.
    pub name: String,
}

/// `/api/admin/identity`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IdentityView {
    /// Whether the host site may say who customers are.
    pub enabled: bool,
    /// What the host's server signs with; only in the answer that makes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// Who gets an account by the word of an identity provider.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Provisioning {
    /// Nobody: only those log in whom an admin has created.
    #[default]
    Known,
    /// Whoever the provider gives a role that is let in: an account is made at first sight.
    Create,
}

fn sub() -> String {
    "sub".to_owned()
}

fn name() -> String {
    "name".to_owned()
}

fn yes() -> bool {
    true
}

/// `/api/admin/identity-provider`: through whom staff may log in (OIDC).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentityProvider {
    /// The provider, as its tokens name it: `https://id.example.org/realms/support`.
    pub issuer: String,
    /// The hub's client id there, for which tokens are issued.
    pub client_id: String,
    /// Where its keys are; found by discovery when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_url: Option<String>,
    /// The claim that is somebody's login here: `sub`, `preferred_username`, or `email`, which has to be verified.
    #[serde(default = "sub")]
    pub user_claim: String,
    /// The claim that is their name.
    #[serde(default = "name")]
    pub name_claim: String,
    /// The claim that says their roles, as `groups` or `realm_access.roles`. Where it is set, the role follows it at each
    /// log-in; elsewhere it is the admins' to change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_claim: Option<String>,
    /// What the words of that claim stand for: `agent`, `supervisor`, `admin`. The highest counts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub roles: BTreeMap<String, Role>,
    /// Role of those for whom no word stands; without it they are not let in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_role: Option<Role>,
    /// The claim that says their teams. Where it is set, they follow it at each log-in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team_claim: Option<String>,
    /// Who gets an account.
    #[serde(default)]
    pub provisioning: Provisioning,
    /// Whether only tokens are taken that were asked for with a nonce of this hub.
    #[serde(default = "yes")]
    pub require_nonce: bool,
}

/// `POST /api/auth/oidc/begin`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OidcBeginRequest {
    /// The tenant.
    pub tenant: TenantId,
    /// SHA-256 of a `code_verifier` that the client keeps, in base64url (RFC 7636). Without it the answer sets a cookie,
    /// which browsers bring along by themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_challenge: Option<String>,
}

/// Where somebody goes to log in, and with what.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OidcBeginResponse {
    /// The provider.
    pub issuer: String,
    /// The hub's client id there.
    pub client_id: String,
    /// Where a browser is sent; absent when the provider doesn't say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization_endpoint: Option<String>,
    /// What to ask for.
    pub scope: String,
    /// To be put into the question, and found in the token.
    pub nonce: String,
    /// When the nonce runs out.
    pub expires_at: UnixMillis,
}

/// `POST /api/auth/oidc`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OidcRequest {
    /// The tenant.
    pub tenant: TenantId,
    /// The ID token that the provider signed.
    pub token: String,
    /// What the `code_challenge` of the beginning was made from, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_verifier: Option<String>,
}
