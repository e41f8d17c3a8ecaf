//! What a token says about its bearer.

use confab_protocol::{ConversationId, Role, TenantId, UserId};
use serde::{Deserialize, Serialize};

/// What a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenKind {
    /// Requests and sessions.
    Access,
    /// Nothing but getting a new access token.
    Refresh,
}

/// The person a token is issued to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Their id.
    pub user: UserId,
    /// Their tenant.
    pub tenant: TenantId,
    /// Their role in it.
    pub role: Role,
    /// The name that others see.
    pub name: String,
}

/// The claims of a token. Times are seconds since the Unix epoch (RFC 7519, `NumericDate`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who issued it.
    pub iss: String,
    /// Whom it is about.
    pub sub: UserId,
    /// Their tenant.
    pub tenant: TenantId,
    /// Their role.
    pub role: Role,
    /// The name that others see.
    pub name: String,
    /// What it is good for.
    pub kind: TokenKind,
    /// The conversations that a customer's token is bound to; empty for staff.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conversations: Vec<ConversationId>,
    /// When it was issued.
    pub iat: u64,
    /// Before this it is not valid.
    pub nbf: u64,
    /// From this on it is not valid.
    pub exp: u64,
    /// Its own id.
    pub jti: String,
}

impl Claims {
    /// The person it was issued to, for issuing another token.
    pub fn subject(&self) -> Subject {
        Subject {
            user: self.sub.clone(),
            tenant: self.tenant.clone(),
            role: self.role,
            name: self.name.clone(),
        }
    }

    /// Whether it is a customer's token for this conversation.
    pub fn is_bound_to(&self, conversation: &ConversationId) -> bool {
        self.conversations.contains(conversation)
    }
}
