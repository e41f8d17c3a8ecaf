//! `GET /api/articles/{id}`: one article. Customers find only what is published.

use axum::extract::State;
use confab_auth::permissions::{Action, Relation, authorize};
use confab_protocol::ArticleId;
use confab_protocol::api::Article;

use super::list::sees;
use super::missing;
use crate::error::EdgeError;
use crate::http::conditional::Versioned;
use crate::http::extract::{At, Caller};
use crate::state::EdgeState;

/// Read an article.
#[utoipa::path(
    get,
    path = "/api/articles/{id}",
    tag = "library",
    params(("id" = ArticleId, Path, description = "The article.")),
    responses((status = 200, description = "The article; its version is the `ETag`.", body = Article)),
)]
pub(crate) async fn get_article(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(id): At<ArticleId>,
) -> Result<Versioned<Article>, EdgeError> {
    authorize(who.role, Action::ReadArticles, Some(Relation::Tenant))?;
    let article = state.store.tenant(&who.tenant).await?.article(&id).await?;
    let article = article.filter(|article| sees(who.role, article)).ok_or_else(missing)?;
    Ok(Versioned(article.version, article))
}
