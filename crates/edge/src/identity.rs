//! Who is speaking: the verified content of a token.

use confab_auth::Claims;
use confab_domain::Actor;
use confab_protocol::{Author, Channel, ConversationId, Member, Role, TenantId, UnixMillis, UserId};

/// A verified person.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    /// Their tenant.
    pub(crate) tenant: TenantId,
    /// Who.
    pub(crate) user_id: UserId,
    /// Name to show.
    pub(crate) name: String,
    /// Role.
    pub(crate) role: Role,
    /// The conversations a customer's token is bound to.
    pub(crate) conversations: Vec<ConversationId>,
    /// When the token runs out.
    pub(crate) expires_at: UnixMillis,
}

impl From<Claims> for Identity {
    fn from(claims: Claims) -> Self {
        Self {
            tenant: claims.tenant,
            user_id: claims.sub,
            name: claims.name,
            role: claims.role,
            conversations: claims.conversations,
            expires_at: claims.exp * 1000,
        }
    }
}

impl Identity {
    /// As author of an entry.
    pub(crate) fn author(&self) -> Author {
        Author { id: Some(self.user_id.clone()), name: self.name.clone(), role: Some(self.role) }
    }

    /// As somebody in a channel.
    pub(crate) fn member(&self) -> Member {
        Member { id: self.user_id.clone(), name: self.name.clone(), role: self.role }
    }

    /// As the giver of a command.
    pub(crate) fn actor(&self) -> Actor {
        Actor::User { id: self.user_id.clone(), name: self.name.clone(), role: self.role }
    }

    /// Their personal channel.
    pub(crate) fn feed(&self) -> Channel {
        Channel::UserFeed(self.tenant.clone(), self.user_id.clone())
    }
}
