//! The knowledge base: articles, listed by their last change, and found by the words of a question.

use confab_protocol::ArticleId;
use confab_protocol::api::Article;
use surrealdb::types::{Object, Variables};

use crate::conversations::Page;
use crate::error::StoreError;
use crate::inverted::inverted;
use crate::records::content_with;
use crate::rows::variables;
use crate::search::{Terms, answers};
use crate::tenant::TenantStore;

const TABLE: &str = "article";
/// Articles that are ranked for one question.
const CANDIDATES: u64 = 300;

fn listed(article: &Article) -> String {
    format!("{}-{}", inverted(article.updated_at), article.id)
}

fn content(article: &Article) -> Result<Object, StoreError> {
    let words = format!("{}\n{}\n{}", article.title, article.labels.join(" "), article.body);
    content_with(article, &[("listed", listed(article)), ("words", words)])
}

impl TenantStore {
    /// Articles, the latest changed first.
    pub async fn articles(
        &self,
        published: bool,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<Page<Article>, StoreError> {
        let variables = variables! { "cursor": cursor.unwrap_or_default(), "limit": u64::from(limit) + 1 };
        let only = if published { " AND published = true" } else { "" };
        let select = format!(
            "SELECT * FROM article WITH INDEX article_listed WHERE listed > $cursor{only} ORDER BY listed LIMIT $limit"
        );
        let mut items: Vec<Article> = self.database.query("articles", select, variables).await?.rows(0)?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let has_more = items.len() > limit;
        items.truncate(limit);
        let next_cursor = if has_more { items.last().map(listed) } else { None };
        Ok(Page { items, next_cursor })
    }

    /// The articles that have words of the question, those that answer it best first, each with how well it does.
    pub async fn search_articles(
        &self,
        terms: &Terms,
        published: bool,
        limit: usize,
    ) -> Result<Vec<(f64, Article)>, StoreError> {
        let variables = variables! { "words": terms.with(&[]), "limit": CANDIDATES };
        let only = if published { " AND published = true" } else { "" };
        let select = format!("SELECT * FROM article WHERE words @OR@ $words{only} LIMIT $limit");
        let found: Vec<Article> = self.database.query("search_articles", select, variables).await?.rows(0)?;
        let count =
            self.database.query("count_articles", "SELECT count() FROM article GROUP ALL", Variables::new());
        let total = count.await?.count(0)?;
        let text = |article: &Article| {
            (format!("{}\n{}", article.title, article.labels.join(" ")), article.body.clone())
        };
        let mut ranked = answers(terms, found, text, usize::try_from(total).unwrap_or(usize::MAX));
        ranked.truncate(limit);
        Ok(ranked)
    }

    /// An article.
    pub async fn article(&self, id: &ArticleId) -> Result<Option<Article>, StoreError> {
        self.one(TABLE, id.as_str()).await
    }

    /// Creates an article.
    pub async fn create_article(&self, article: &Article) -> Result<(), StoreError> {
        self.create_record(TABLE, article.id.as_str(), content(article)?).await
    }

    /// Replaces an article that is in the version before.
    pub async fn replace_article(&self, article: &Article) -> Result<(), StoreError> {
        self.replace_record(TABLE, article.id.as_str(), content(article)?, article.version - 1).await
    }

    /// Removes an article that is in this version.
    pub async fn remove_article(&self, id: &ArticleId, version: u64) -> Result<(), StoreError> {
        self.remove_record(TABLE, id.as_str(), version).await
    }
}
