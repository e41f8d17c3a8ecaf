//! `GET /api/canned-messages`: those that the caller may use, by code, or those that fit a question.

use axum::Json;
use axum::extract::State;
use confab_auth::permissions::{Action, Relation, authorize};
use confab_protocol::ErrorCode;
use confab_protocol::api::{CannedMessage, CannedPage, CannedScope};
use serde::Deserialize;
use utoipa::IntoParams;

use super::scopes_of;
use crate::error::EdgeError;
use crate::http::extract::{Caller, Parameters};
use crate::http::page;
use crate::state::EdgeState;

/// Which canned messages.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CannedParameters {
    /// Beginning of a code, or words of title and text.
    q: Option<String>,
    /// Only this scope: `tenant`, `team` or `person`.
    scope: Option<String>,
    /// Where the next page begins, from the page before.
    cursor: Option<String>,
    /// Items on a page, 1 to 100; 50 when absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// List the canned messages that you may use: the tenant's, your teams', your own.
#[utoipa::path(
    get,
    path = "/api/canned-messages",
    tag = "library",
    params(CannedParameters),
    responses((status = 200, description = "A page of canned messages.", body = CannedPage)),
)]
pub(crate) async fn list_canned(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    Parameters(parameters): Parameters<CannedParameters>,
) -> Result<Json<CannedPage>, EdgeError> {
    authorize(who.role, Action::UseCanned, Some(Relation::Tenant))?;
    let limit = page::limit(parameters.limit)? as usize;
    let offset = offset(parameters.cursor.as_deref())?;
    let store = state.store.tenant(&who.tenant).await?;
    let mut scopes = scopes_of(&store, &who).await?;
    if let Some(kind) = &parameters.scope {
        scopes.retain(|scope| kind_of(scope) == kind);
        if !matches!(kind.as_str(), "tenant" | "team" | "person") {
            return Err(EdgeError::new(ErrorCode::Invalid, "scope is tenant, team or person"));
        }
    }
    let found = fitting(store.canned_of(&scopes).await?, parameters.q.as_deref().unwrap_or_default());
    let next_cursor = (found.len() > offset + limit).then(|| (offset + limit).to_string());
    let items = found.into_iter().skip(offset).take(limit).collect();
    Ok(Json(CannedPage { items, next_cursor }))
}

fn kind_of(scope: &CannedScope) -> &'static str {
    match scope {
        CannedScope::Tenant => "tenant",
        CannedScope::Team { .. } => "team",
        CannedScope::Person { .. } => "person",
    }
}

fn offset(cursor: Option<&str>) -> Result<usize, EdgeError> {
    let read = |text: &str| {
        text.parse()
            .map_err(|_| EdgeError::new(ErrorCode::Invalid, "the cursor is not one this hub gave out"))
    };
    cursor.map_or(Ok(0), read)
}

/// Codes that begin with the question first, then those that have all its words in code, title or text.
fn fitting(all: Vec<CannedMessage>, question: &str) -> Vec<CannedMessage> {
    let question = question.trim().trim_start_matches('/').to_lowercase();
    if question.is_empty() {
        return all;
    }
    let rank = |canned: &CannedMessage| {
        if canned.code == question {
            return Some(0);
        }
        if canned.code.starts_with(&question) {
            return Some(1);
        }
        let title = canned.title.to_lowercase();
        let text = format!("{} {title} {}", canned.code, canned.text.to_lowercase());
        let in_all = |text: &str| question.split_whitespace().all(|word| text.contains(word));
        if in_all(&title) { Some(2) } else { in_all(&text).then_some(3) }
    };
    let mut ranked: Vec<_> = all.into_iter().filter_map(|one| rank(&one).map(|rank| (rank, one))).collect();
    // Stable: by code within a rank.
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, one)| one).collect()
}

#[cfg(test)]
mod tests {
    use confab_protocol::CannedId;

    use super::*;

    fn canned(code: &str, title: &str, text: &str) -> CannedMessage {
        CannedMessage {
            id: CannedId::parse(code).expect("an id"),
            code: code.into(),
            title: title.into(),
            text: text.into(),
            scope: CannedScope::Tenant,
            answers: false,
            updated_by: None,
            updated_at: 0,
            version: 1,
        }
    }

    #[test]
    fn codes_come_before_titles_and_titles_before_texts() {
        let all = vec![
            canned("bye", "Good bye", "hi and bye"),
            canned("hi", "Greeting", "Hello"),
            canned("hi-german", "Greeting in German", "Hallo"),
            canned("x", "Say hi", "-"),
        ];
        let codes = |question: &str| -> Vec<String> {
            fitting(all.clone(), question).into_iter().map(|one| one.code).collect()
        };
        assert_eq!(codes("/hi"), ["hi", "hi-german", "x", "bye"]);
        assert_eq!(codes("GREETING german"), ["hi-german"]);
        assert_eq!(codes("  ").len(), 4);
        assert_eq!(codes("nothing").len(), 0);
    }
}
