//! Identifiers: short tokens that are safe in subjects, URLs and record ids.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Longest identifier, in bytes.
pub const MAX_ID_BYTES: usize = 64;

/// Milliseconds since the Unix epoch.
pub type UnixMillis = u64;

/// The text is no identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an id is 1 to {MAX_ID_BYTES} of A-Z a-z 0-9 _ -; this one has {length} bytes or other characters")]
pub struct InvalidId {
    /// Length of the refused text in bytes.
    pub length: usize,
}

fn check(text: &str) -> Result<(), InvalidId> {
    let fits = (1..=MAX_ID_BYTES).contains(&text.len());
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    if fits && plain { Ok(()) } else { Err(InvalidId { length: text.len() }) }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schema(value_type = String, pattern = "^[A-Za-z0-9_-]{1,64}$")]
        pub struct $name(String);

        impl $name {
            /// Checks the text: 1 to 64 of `A-Z a-z 0-9 _ -`.
            pub fn parse(text: impl Into<String>) -> Result<Self, InvalidId> {
                let text = text.into();
                check(&text)?;
                Ok(Self(text))
            }

            /// The id of a UUID, in its hyphenated form.
            pub fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid.hyphenated().to_string())
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::parse(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::parse(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}

id!(
    /// A tenant: one customer of the hub, with its own database.
    TenantId
);
id!(
    /// A person: customer, agent, supervisor or admin of a tenant.
    UserId
);
id!(
    /// A conversation, one live session on a ticket. New ones are UUIDs of version 7, so they sort by creation.
    ConversationId
);
id!(
    /// A ticket: the issue behind one or more conversations.
    TicketId
);
id!(
    /// A canned message.
    CannedId
);
id!(
    /// An article of the knowledge base.
    ArticleId
);
id!(
    /// The sender's own id of a message: sending it again never makes a second message.
    ClientId
);
id!(
    /// A file that somebody attached.
    AttachmentId
);
id!(
    /// A command on the work queue: carried out once, however often it is delivered.
    CommandId
);

impl ConversationId {
    /// Creation time inside the id, when it is a UUID of version 7.
    pub fn created_at(&self) -> Option<UnixMillis> {
        let (seconds, nanos) = Uuid::parse_str(&self.0).ok()?.get_timestamp()?.to_unix();
        Some(seconds * 1000 + u64::from(nanos) / 1_000_000)
    }
}

/// What a person is to their tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Asks for help.
    Customer,
    /// Answers.
    Agent,
    /// Leads agents.
    Supervisor,
    /// Runs the tenant.
    Admin,
}

impl Role {
    /// Agents, supervisors and admins: those who may see the desk.
    pub fn is_staff(self) -> bool {
        self != Self::Customer
    }

    /// The role's name as it stands in tokens and frames.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
            Self::Admin => "admin",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_could_break_a_subject_are_refused() {
        for text in ["", "a.b", "a b", "a*", ">", "ä", &"x".repeat(65)] {
            assert!(UserId::parse(text).is_err(), "{text:?} was taken");
        }
        assert!(UserId::parse("x".repeat(64)).is_ok());
    }

    #[test]
    fn a_conversation_id_knows_when_it_was_made() {
        let uuid = Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, 1_700_000_000, 5_000_000));
        assert_eq!(ConversationId::from_uuid(uuid).created_at(), Some(1_700_000_000_005));
        let foreign = ConversationId::parse("ticket-7").expect("a plain id");
        assert_eq!(foreign.created_at(), None);
    }
}
