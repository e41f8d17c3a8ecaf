//! `PUT /api/articles/{id}`: gives an article other content.

use axum::extract::State;
use confab_auth::permissions::{Action, Relation, authorize};
use confab_protocol::ArticleId;
use confab_protocol::api::{Article, ArticleRequest};

use super::{checked, missing, refused};
use crate::audit;
use crate::error::EdgeError;
use crate::http::conditional::{IfMatch, Versioned};
use crate::http::extract::{At, Body, Caller};
use crate::state::EdgeState;

/// Replace the content of an article.
#[utoipa::path(
    put,
    path = "/api/articles/{id}",
    tag = "library",
    params(
        ("id" = ArticleId, Path, description = "The article."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that was read; refused with 412 when it has changed."),
    ),
    request_body = ArticleRequest,
    responses((status = 200, description = "The article after it.", body = Article)),
)]
pub(crate) async fn update_article(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(id): At<ArticleId>,
    IfMatch(version): IfMatch,
    Body(request): Body<ArticleRequest>,
) -> Result<Versioned<Article>, EdgeError> {
    authorize(who.role, Action::EditArticles, Some(Relation::Tenant))?;
    let store = state.store.tenant(&who.tenant).await?;
    let before = store.article(&id).await?.ok_or_else(missing)?;
    let version = version.unwrap_or(before.version);
    let article = checked(request, &who, id, version.saturating_add(1), state.clock.now())?;
    store.replace_article(&article).await.map_err(refused)?;
    audit::note(&state, &who, "update_article", ("article", &article.id)).await;
    Ok(Versioned(article.version, article))
}
