//! `DELETE /api/articles/{id}`: removes an article from the knowledge base.

use axum::extract::State;
use confab_auth::permissions::{Action, Relation, authorize};
use confab_protocol::ArticleId;
use http::StatusCode;

use super::{missing, refused};
use crate::audit;
use crate::error::EdgeError;
use crate::http::conditional::IfMatch;
use crate::http::extract::{At, Caller};
use crate::state::EdgeState;

/// Remove an article.
#[utoipa::path(
    delete,
    path = "/api/articles/{id}",
    tag = "library",
    params(
        ("id" = ArticleId, Path, description = "The article."),
        ("If-Match" = Option<String>, Header, description = "The `ETag` that was read; refused with 412 when it has changed."),
    ),
    responses((status = 204, description = "It is gone.")),
)]
pub(crate) async fn delete_article(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(id): At<ArticleId>,
    IfMatch(version): IfMatch,
) -> Result<StatusCode, EdgeError> {
    authorize(who.role, Action::EditArticles, Some(Relation::Tenant))?;
    let store = state.store.tenant(&who.tenant).await?;
    let article = store.article(&id).await?.ok_or_else(missing)?;
    store.remove_article(&id, version.unwrap_or(article.version)).await.map_err(refused)?;
    audit::note(&state, &who, "delete_article", ("article", &id)).await;
    Ok(StatusCode::NO_CONTENT)
}
