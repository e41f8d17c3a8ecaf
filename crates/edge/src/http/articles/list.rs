//! `GET /api/articles`: the knowledge base, the latest changed first, or what answers a question best.

use axum::Json;
use axum::extract::State;
use confab_auth::permissions::{Action, Relation, allowed, authorize};
use confab_protocol::ErrorCode;
use confab_protocol::api::{Article, ArticleHit, ArticlePage, Highlight};
use confab_store::{Terms, excerpt};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::error::EdgeError;
use crate::http::extract::{Caller, Parameters};
use crate::http::page;
use crate::http::search::highlights;
use crate::state::EdgeState;

/// Characters of an excerpt.
const EXCERPT: usize = 240;
/// Longest question, in characters.
const MAX_QUESTION: usize = 1000;

/// Which articles.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ArticleParameters {
    /// A question in a person's words.
    q: Option<String>,
    /// Only published ones; customers see no others.
    published: Option<bool>,
    /// Where the next page begins, from the page before; not with a question.
    cursor: Option<String>,
    /// Items on a page, 1 to 100; 50 when absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// List the knowledge base, or ask it a question.
#[utoipa::path(
    get,
    path = "/api/articles",
    tag = "library",
    params(ArticleParameters),
    responses((status = 200, description = "Articles.", body = ArticlePage)),
)]
pub(crate) async fn list_articles(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    Parameters(parameters): Parameters<ArticleParameters>,
) -> Result<Json<ArticlePage>, EdgeError> {
    authorize(who.role, Action::ReadArticles, Some(Relation::Tenant))?;
    let limit = page::limit(parameters.limit)?;
    let sees_all = who.role.is_staff();
    let published = !sees_all || parameters.published.unwrap_or(false);
    let store = state.store.tenant(&who.tenant).await?;
    let Some(question) = parameters.q else {
        let found = store.articles(published, parameters.cursor.as_deref(), limit).await?;
        let items = found.items.into_iter().map(|article| hit(article, None, None)).collect();
        return Ok(Json(ArticlePage { items, next_cursor: found.next_cursor }));
    };
    if question.chars().count() > MAX_QUESTION {
        return Err(EdgeError::new(ErrorCode::Invalid, format!("q has more than {MAX_QUESTION} characters")));
    }
    let terms = Terms::of_question(&question).or_else(|| Terms::of(&question));
    let terms = terms.ok_or_else(|| EdgeError::new(ErrorCode::Invalid, "q has no word to look for"))?;
    let found = store.search_articles(&terms, published, limit as usize).await?;
    let items =
        found.into_iter().map(|(confidence, article)| hit(article, Some(&terms), Some(confidence))).collect();
    Ok(Json(ArticlePage { items, next_cursor: None }))
}

/// Whether somebody may see an article.
pub(super) fn sees(role: confab_protocol::Role, article: &Article) -> bool {
    article.published || role.is_staff() || allowed(role, Action::EditArticles, Relation::Tenant)
}

fn hit(article: Article, terms: Option<&Terms>, confidence: Option<f64>) -> ArticleHit {
    let (excerpt, highlights): (String, Vec<Highlight>) = match terms {
        Some(terms) => {
            let excerpt = excerpt(&article.body, terms, EXCERPT);
            let highlights = highlights(terms.marks(&excerpt));
            (excerpt, highlights)
        }
        None => (article.body.chars().take(EXCERPT).collect(), Vec::new()),
    };
    ArticleHit { article, excerpt, highlights, confidence }
}
