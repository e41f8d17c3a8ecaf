//! `POST /api/articles`: adds an article to the knowledge base.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use confab_auth::permissions::{Action, Relation, authorize};
use confab_protocol::ArticleId;
use confab_protocol::api::{Article, ArticleRequest};
use confab_store::StoreError;
use http::StatusCode;

use super::{checked, missing};
use crate::audit;
use crate::commands;
use crate::error::EdgeError;
use crate::http::conditional::Versioned;
use crate::http::extract::{Body, Caller, RequestKey};
use crate::state::EdgeState;

/// Add an article to the knowledge base.
#[utoipa::path(
    post,
    path = "/api/articles",
    tag = "library",
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes repeating the request safe.")),
    request_body = ArticleRequest,
    responses(
        (status = 201, description = "The article; its version is the `ETag`.", body = Article),
        (status = 200, description = "The article that an earlier request with this key created.", body = Article),
    ),
)]
pub(crate) async fn create_article(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    RequestKey(key): RequestKey,
    Body(request): Body<ArticleRequest>,
) -> Result<Response, EdgeError> {
    authorize(who.role, Action::EditArticles, Some(Relation::Tenant))?;
    let id = match &key {
        Some(key) => commands::id_of_key(who.user_id.as_str(), "create_article", "", key),
        None => commands::new_id(&state.clock),
    };
    let id = ArticleId::parse(id.as_str()).map_err(|_| missing())?;
    let article = checked(request, &who, id, 1, state.clock.now())?;
    let store = state.store.tenant(&who.tenant).await?;
    match store.create_article(&article).await {
        Ok(()) => {
            audit::note(&state, &who, "create_article", ("article", &article.id)).await;
            Ok((StatusCode::CREATED, Versioned(article.version, article)).into_response())
        }
        Err(StoreError::Exists(_)) => {
            let first = store.article(&article.id).await?.ok_or_else(missing)?;
            Ok(Versioned(first.version, first).into_response())
        }
        Err(error) => Err(error.into()),
    }
}
