//! Who is speaking: the verified content of a token.

use confab_auth::Claims;
use confab_domain::Actor;
use confab_protocol::{Author, Channel, ConversationId, Member, Role, TenantId, UnixMillis, UserId};

/// A verified person.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Their tenant.
    pub tenant: TenantId,
    /// Who.
    pub user_id: UserId,
    /// Name to show.
    pub name: String,
    /// Role.
    pub role: Role,
    /// The conversations a customer's token is bound to.
    pub conversations: Vec<ConversationId>,
    /// When the token runs out.
    pub expires_at: UnixMillis,
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
    pub fn author(&self) -> Author {
        Author { id: Some(self.user_id.clone()), name: self.name.clone(), role: Some(self.role) }
    }

    /// As somebody in a channel.
    pub fn member(&self) -> Member {
        Member { id: self.user_id.clone(), name: self.name.clone(), role: self.role }
    }

    /// As the giver of a command.
    pub fn actor(&self) -> Actor {
        Actor::User { id: self.user_id.clone(), name: self.name.clone(), role: self.role }
    }

    /// Their personal channel.
    pub fn feed(&self) -> Channel {
        Channel::UserFeed(self.tenant.clone(), self.user_id.clone())
    }
}
