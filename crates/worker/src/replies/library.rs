//! Answers from what a tenant has written down: published articles, and the canned messages of the whole tenant.

use confab_domain::placeholders::{first_name, render};
use confab_protocol::api::{Article, CannedMessage};
use confab_store::{StoreError, TenantStore, Terms};
use futures::future::BoxFuture;

use super::responder::{Question, Reply, Responder, ResponderError};

/// Longest part of an article that is sent, in characters.
const MAX_CHARS: usize = 1500;
/// Texts of each kind that are looked at.
const BEST: usize = 5;

/// Finds the text that answers a question best, and says nothing of what is less sure than that.
#[derive(Debug)]
pub(super) struct Library {
    store: TenantStore,
    /// From 0 to 1.
    confidence: f64,
}

impl Library {
    pub(super) fn new(store: TenantStore, confidence_percent: u8) -> Self {
        Self { store, confidence: f64::from(confidence_percent) / 100.0 }
    }

    async fn find(&self, question: &Question) -> Result<Reply, StoreError> {
        let Some(terms) = Terms::of_question(&question.text).or_else(|| Terms::of(&question.text)) else {
            return Ok(Reply::Unsure);
        };
        let articles = self.store.search_articles(&terms, true, BEST).await?;
        let canned = self.store.search_canned(&terms, BEST).await?;
        let articles = articles.into_iter().map(|(sure, article)| (sure, of_article(&article)));
        let canned =
            canned.into_iter().filter_map(|(sure, canned)| Some((sure, of_canned(&canned, question)?)));
        let best = articles.chain(canned).max_by(|one, other| one.0.total_cmp(&other.0));
        Ok(match best {
            Some((sure, text)) if sure >= self.confidence => Reply::Text(text),
            _ => Reply::Unsure,
        })
    }
}

impl Responder for Library {
    fn reply<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Reply, ResponderError>> {
        Box::pin(async move { self.find(question).await.map_err(ResponderError::failed) })
    }
}

/// The short answer that somebody wrote for this, or else the beginning of the article; and where the rest is.
fn of_article(article: &Article) -> String {
    let beginning = || format!("{}\n\n{}", article.title, shortened(&article.body, MAX_CHARS));
    let text = article.answer.clone().unwrap_or_else(beginning);
    article.url.as_ref().map_or_else(|| text.clone(), |url| format!("{text}\n{url}"))
}

/// A canned message with its variables filled in; nothing when it needs an agent to be said.
fn of_canned(canned: &CannedMessage, question: &Question) -> Option<String> {
    let conversation = &question.conversation;
    let value = |name: &str| match name {
        "customer.name" => Some(conversation.customer.name.clone()),
        "customer.first_name" => Some(first_name(&conversation.customer.name).to_owned()),
        "customer.id" => Some(conversation.customer.id.to_string()),
        "conversation.id" => Some(conversation.id.to_string()),
        "ticket.id" => Some(conversation.ticket_id.to_string()),
        _ => None,
    };
    let rendered = render(&canned.text, value);
    rendered.missing.is_empty().then_some(rendered.text)
}

/// The beginning of a text, cut between words.
fn shortened(text: &str, most: usize) -> String {
    let text = text.trim();
    let Some((end, _)) = text.char_indices().nth(most) else { return text.to_owned() };
    let cut = text[..end].rfind(char::is_whitespace).unwrap_or(end);
    format!("{} …", text[..cut].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_words() {
        assert_eq!(shortened(" one two three ", 40), "one two three");
        assert_eq!(shortened("one two three", 9), "one two …");
        assert_eq!(shortened("ééééé", 3), "ééé …");
    }
}
