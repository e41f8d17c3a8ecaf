//! Channels: the one thing a client follows. Their names are the public subjects of the log.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::ids::{ConversationId, TenantId, UserId};
use crate::shard::shard_of;

/// A channel's name, parsed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Channel {
    /// `conv.<id>`: everyone in the conversation.
    Conversation(ConversationId),
    /// `conv.<id>.notes`: private notes, agents only.
    Notes(ConversationId),
    /// `feed.user.<tenant>.<user>`: one person, all their devices.
    UserFeed(TenantId, UserId),
    /// `feed.desk.<tenant>`: the live lists of the tenant's agents.
    DeskFeed(TenantId),
}

/// The text names no channel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no channel has this name; channels are conv.<id>, conv.<id>.notes, feed.user.<tenant>.<user> and feed.desk.<tenant>"
)]
pub struct ChannelError;

impl Channel {
    /// The conversation, when the channel is one of its two.
    pub fn conversation(&self) -> Option<&ConversationId> {
        match self {
            Self::Conversation(id) | Self::Notes(id) => Some(id),
            Self::UserFeed(..) | Self::DeskFeed(_) => None,
        }
    }

    /// Shard of a log that has always had so many, for conversations; feeds have a stream of their own.
    pub fn shard(&self, shards: u16) -> Option<u16> {
        self.conversation().map(|id| shard_of(id.as_str(), shards))
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conversation(id) => write!(out, "conv.{id}"),
            Self::Notes(id) => write!(out, "conv.{id}.notes"),
            Self::UserFeed(tenant, user) => write!(out, "feed.user.{tenant}.{user}"),
            Self::DeskFeed(tenant) => write!(out, "feed.desk.{tenant}"),
        }
    }
}

impl FromStr for Channel {
    type Err = ChannelError;

    fn from_str(text: &str) -> Result<Self, ChannelError> {
        let mut tokens = text.split('.');
        let mut next = || tokens.next();
        let channel = match (next(), next(), next(), next(), next()) {
            (Some("conv"), Some(id), None, ..) => Self::Conversation(id.parse().map_err(|_| ChannelError)?),
            (Some("conv"), Some(id), Some("notes"), None, _) => {
                Self::Notes(id.parse().map_err(|_| ChannelError)?)
            }
            (Some("feed"), Some("user"), Some(tenant), Some(user), None) => Self::UserFeed(
                tenant.parse().map_err(|_| ChannelError)?,
                user.parse().map_err(|_| ChannelError)?,
            ),
            (Some("feed"), Some("desk"), Some(tenant), None, _) => {
                Self::DeskFeed(tenant.parse().map_err(|_| ChannelError)?)
            }
            _ => return Err(ChannelError),
        };
        Ok(channel)
    }
}

impl TryFrom<String> for Channel {
    type Error = ChannelError;
    fn try_from(text: String) -> Result<Self, ChannelError> {
        text.parse()
    }
}

impl From<Channel> for String {
    fn from(channel: Channel) -> String {
        channel.to_string()
    }
}

impl PartialSchema for Channel {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String).description(Some(
            "A channel's name: `conv.<id>`, `conv.<id>.notes`, `feed.user.<tenant>.<user>` or `feed.desk.<tenant>`.",
        ));
        text.into()
    }
}

impl ToSchema for Channel {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_a_round_trip() {
        for name in ["conv.c-1", "conv.c-1.notes", "feed.user.acme.mohan", "feed.desk.acme"] {
            let channel: Channel = name.parse().expect(name);
            assert_eq!(channel.to_string(), name);
        }
    }

    #[test]
    fn wildcards_and_foreign_names_are_refused() {
        for name in [
            "",
            "conv",
            "conv.",
            "conv.*",
            "conv.>",
            "conv.a.b",
            "conv.a.notes.b",
            "feed.desk",
            "feed.user.acme",
            "feed.user.acme.>",
            "feed.desk.acme.x",
            "in.0.conv.a",
            "$JS.API.>",
        ] {
            assert!(name.parse::<Channel>().is_err(), "{name:?} was taken");
        }
    }

    #[test]
    fn notes_live_beside_their_conversation() {
        let conversation: Channel = "conv.abc".parse().expect("a channel");
        let notes: Channel = "conv.abc.notes".parse().expect("a channel");
        assert_eq!(conversation.shard(16), notes.shard(16));
        assert_eq!("feed.desk.acme".parse::<Channel>().expect("a channel").shard(16), None);
    }
}
