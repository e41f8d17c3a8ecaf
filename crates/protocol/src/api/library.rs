//! Bodies of what the desk keeps ready: canned messages and the articles of the knowledge base.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::search::Highlight;
use crate::ids::{ArticleId, CannedId, ConversationId, UnixMillis, UserId};

/// Who may use a canned message.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CannedScope {
    /// Everybody on the desk.
    #[default]
    Tenant,
    /// The agents of a team.
    Team {
        /// The team.
        team: String,
    },
    /// One person.
    Person {
        /// Who; the caller when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user_id: Option<UserId>,
    },
}

/// A canned message to create, or its new content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CannedRequest {
    /// Short code to type after `/`: 1 to 32 of `a-z 0-9 _ -`.
    pub code: String,
    /// One line to find it by.
    pub title: String,
    /// The text. May have variables such as `{{customer.name}}` or `{{customer.first_name|there}}`, the part behind `|`
    /// standing in for what isn't known.
    pub text: String,
    /// Who may use it.
    #[serde(default)]
    pub scope: CannedScope,
    /// Whether automatic replies may give it as an answer.
    #[serde(default)]
    pub answers: bool,
}

/// A canned message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CannedMessage {
    /// Id.
    pub id: CannedId,
    /// Short code.
    pub code: String,
    /// One line to find it by.
    pub title: String,
    /// The text, with its variables.
    pub text: String,
    /// Who may use it.
    pub scope: CannedScope,
    /// Whether automatic replies may give it as an answer.
    #[serde(default)]
    pub answers: bool,
    /// Who changed it last; absent when an operator did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_by: Option<UserId>,
    /// When it was changed last.
    pub updated_at: UnixMillis,
    /// Grows with every change; also its `ETag`.
    pub version: u64,
}

/// A page of canned messages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CannedPage {
    /// By code; those that fit a question better come first.
    pub items: Vec<CannedMessage>,
    /// Give it as `cursor` to get the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// `POST /api/canned-messages/{id}/render`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenderRequest {
    /// The conversation that it is for.
    pub conversation_id: ConversationId,
}

/// A text with its variables filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RenderedText {
    /// The text.
    pub text: String,
    /// Variables that nothing is known for and that have no stand-in; they are left in the text as they were written.
    pub missing: Vec<String>,
}

/// An article to create, or its new content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ArticleRequest {
    /// Title: best the question that it answers.
    pub title: String,
    /// The text; Markdown, which clients show as plain text where they can't do better.
    pub body: String,
    /// A short answer for automatic replies; the beginning of the text when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// Where it can be read on the web.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Labels, which are searched too.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Whether customers may see it and automatic replies may use it.
    #[serde(default)]
    pub published: bool,
}

/// An article of the knowledge base.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Article {
    /// Id.
    pub id: ArticleId,
    /// Title.
    pub title: String,
    /// The text.
    pub body: String,
    /// A short answer for automatic replies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// Where it can be read on the web.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Labels.
    #[serde(default)]
    pub labels: Vec<String>,
    /// Whether customers may see it and automatic replies may use it.
    #[serde(default)]
    pub published: bool,
    /// Who changed it last; absent when an operator did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_by: Option<UserId>,
    /// When it was changed last.
    pub updated_at: UnixMillis,
    /// Grows with every change; also its `ETag`.
    pub version: u64,
}

/// Articles: a page of the list, or the best of a search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ArticlePage {
    /// The latest changed first, or those that fit the question best.
    pub items: Vec<ArticleHit>,
    /// Give it as `cursor` to get the next page; absent on the last, and with a question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// An article in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ArticleHit {
    /// The article.
    #[serde(flatten)]
    pub article: Article,
    /// The part of the text around the first match, or its beginning.
    pub excerpt: String,
    /// Where the words stand in `excerpt`.
    pub highlights: Vec<Highlight>,
    /// How well it answers the question, from 0 to 1; absent without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
}
