//! Bodies about customers: who they are, what is known of them, what they did before.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::{ConversationView, Priority};
use crate::ids::{TicketId, UnixMillis, UserId};

/// What is known of a customer by a name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum AttributeValue {
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
}

impl fmt::Display for AttributeValue {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => flag.fmt(out),
            Self::Number(number) => number.fmt(out),
            Self::Text(text) => out.write_str(text),
        }
    }
}

/// Attributes by their names.
pub type Attributes = BTreeMap<String, AttributeValue>;

/// The page that a customer is on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PageView {
    /// Its address.
    pub url: String,
    /// Its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Where they came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referrer: Option<String>,
}

/// The device that a customer uses, as their browser tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceView {
    /// The browser's name for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// Language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Size of the window, as `width x height`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<String>,
}

/// What a customer's browser tells of them: shown to the desk as told, not as known.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerDetails {
    /// Attributes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = Object)]
    pub attributes: Attributes,
    /// Page.
    #[serde(default, deserialize_with = "object", skip_serializing_if = "Option::is_none")]
    pub page: Option<PageView>,
    /// Device.
    #[serde(default, deserialize_with = "object", skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceView>,
}

/// Reads an object and nothing else: an array of the fields would do, too, and all of them may be missing.
fn object<'de, D: Deserializer<'de>, T: DeserializeOwned>(input: D) -> Result<Option<T>, D::Error> {
    let fields = Option::<serde_json::Map<String, serde_json::Value>>::deserialize(input)?;
    let read = fields.map(|fields| serde_json::from_value(serde_json::Value::Object(fields)));
    read.transpose().map_err(D::Error::custom)
}

/// `PUT /api/customer/{id}/attributes`: all of the customer's attributes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttributesRequest {
    /// Attributes by their names, 1 to 64 of `A-Z a-z 0-9 _ -`.
    #[schema(value_type = Object)]
    pub attributes: Attributes,
}

/// What is known of a customer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CustomerProfile {
    /// Id.
    pub id: UserId,
    /// Name to show.
    #[serde(default)]
    pub name: String,
    /// What the desk or the host's system said of them.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub attributes: Attributes,
    /// What the host site's server signed of them, when they came last.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = Object)]
    pub verified: Attributes,
    /// What their browser said of them: anybody can write there what they like.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub claimed: Attributes,
    /// The page they are on, or were on last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<PageView>,
    /// Their device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceView>,
    /// When they first began a conversation.
    #[serde(default)]
    pub first_seen_at: UnixMillis,
    /// When they were last here: connected, began a conversation, or turned to a page.
    #[serde(default)]
    pub last_seen_at: UnixMillis,
    /// How many conversations they have begun.
    #[serde(default)]
    pub conversations: u64,
    /// Grows with every change of the attributes; also the `ETag`.
    #[serde(default)]
    pub version: u64,
}

/// A ticket of a customer, in short.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TicketSummary {
    /// Id.
    pub id: TicketId,
    /// One line.
    pub subject: String,
    /// Where it stands: `OPEN`, `IN_PROGRESS`, `RESOLVED`, `CLOSED`.
    pub status: String,
    /// What it is about.
    pub category: String,
    /// Urgency.
    pub priority: Priority,
    /// Created.
    pub created_at: UnixMillis,
    /// Resolved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<UnixMillis>,
    /// What the customer said of how it was dealt with, 1 (bad) to 5 (good).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub satisfaction: Option<u8>,
}

/// How content a customer is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SatisfactionSummary {
    /// How often they said so.
    pub answers: u64,
    /// The mean of what they said, 1 (bad) to 5 (good).
    pub average: f64,
}

/// Answer to `GET /api/customer/{id}/context`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CustomerContext {
    /// Who they are.
    pub profile: CustomerProfile,
    /// Whether one of their devices is connected now.
    #[serde(default)]
    pub connected: bool,
    /// Their latest conversations, newest first.
    pub conversations: Vec<ConversationView>,
    /// Their latest tickets, newest first.
    pub tickets: Vec<TicketSummary>,
    /// How content they are; absent when they never said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub satisfaction: Option<SatisfactionSummary>,
}
