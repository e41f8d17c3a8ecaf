//! Body of `/api/admin/responder`: automatic replies while no agent is there.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where automatic replies come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReplySource {
    /// Nowhere: there are none.
    #[default]
    Off,
    /// The tenant's published articles, and the canned messages of the whole tenant.
    Library,
    /// An endpoint that speaks the API of chat completions, as OpenAI defined it.
    Endpoint,
}

/// The endpoint of automatic replies.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplyEndpoint {
    /// Base URL; `/v1/chat/completions` is added to it.
    pub url: String,
    /// Name of the model.
    pub model: String,
    /// Key, sent as bearer token. Never shown: leave it out to keep the one that is set, make it empty to remove it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Whether a key is set; told, not taken.
    #[serde(default)]
    pub has_key: bool,
    /// How long an answer may take, 100 to 60000 milliseconds.
    #[serde(default = "usual_timeout_ms")]
    pub timeout_ms: u64,
    /// What the model is told about its job, besides when to hand over.
    #[serde(default)]
    pub system_prompt: String,
    /// How many earlier messages of the conversation go along, up to 50.
    #[serde(default = "usual_earlier_messages")]
    pub earlier_messages: u32,
}

impl fmt::Debug for ReplyEndpoint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = out.debug_struct("ReplyEndpoint");
        shown.field("url", &self.url).field("model", &self.model).finish_non_exhaustive()
    }
}

fn usual_timeout_ms() -> u64 {
    20_000
}

fn usual_earlier_messages() -> u32 {
    10
}

/// `GET /api/admin/responder` and `PUT /api/admin/responder`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ResponderBody {
    /// Where replies come from.
    pub source: ReplySource,
    /// Name under which they appear.
    pub name: String,
    /// How sure an article or canned message has to be, 1 to 100 per cent.
    pub confidence_percent: u8,
    /// Words and phrases by which a customer asks for a person: at most 50, each at most 64 characters.
    pub hand_over_words: Vec<String>,
    /// What is said when a customer asked for a person; afterwards there are no more automatic replies.
    pub hand_over_text: String,
    /// What is said when there is no sure answer; afterwards there are no more automatic replies.
    pub unsure_text: String,
    /// The endpoint; needed when replies come from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<ReplyEndpoint>,
}

impl Default for ResponderBody {
    fn default() -> Self {
        let words = ["human", "agent", "person", "operator", "representative"];
        Self {
            source: ReplySource::Off,
            name: "Assistant".to_owned(),
            confidence_percent: 60,
            hand_over_words: words.map(str::to_owned).to_vec(),
            hand_over_text: "A person will answer as soon as somebody is free.".to_owned(),
            unsure_text: "I can't answer that. A person will, as soon as somebody is free.".to_owned(),
            endpoint: None,
        }
    }
}
