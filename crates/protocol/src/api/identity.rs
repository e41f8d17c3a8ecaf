//! Bodies of customers' identity as the host site says it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{TenantId, UnixMillis, UserId};

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
