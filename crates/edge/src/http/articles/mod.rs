//! The knowledge base: everybody reads what is published, those who lead write it.

pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod get;
pub(crate) mod list;
pub(crate) mod update;

use confab_domain::library;
use confab_protocol::api::{Article, ArticleRequest};
use confab_protocol::{ArticleId, ErrorCode, UnixMillis};
use confab_store::StoreError;

use crate::error::EdgeError;
use crate::identity::Identity;

/// What was sent as an article of this id and version.
fn checked(
    request: ArticleRequest,
    who: &Identity,
    id: ArticleId,
    version: u64,
    now: UnixMillis,
) -> Result<Article, EdgeError> {
    library::check_article(&request).map_err(|problem| EdgeError::new(ErrorCode::Invalid, problem))?;
    let ArticleRequest { title, body, answer, url, labels, published } = request;
    let labels = labels.iter().map(|label| label.trim().to_owned()).collect();
    let updated_by = Some(who.user_id.clone());
    Ok(Article { id, title, body, answer, url, labels, published, updated_by, updated_at: now, version })
}

fn missing() -> EdgeError {
    EdgeError::not_found("article")
}

/// What the store refused, in the caller's words.
fn refused(error: StoreError) -> EdgeError {
    match error {
        StoreError::Conflict => EdgeError::new(
            ErrorCode::PreconditionFailed,
            "the article was changed or removed meanwhile; read it again",
        ),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use confab_protocol::{Role, TenantId, UserId};

    use super::*;

    #[test]
    fn every_field_is_checked() {
        let who = Identity {
            tenant: TenantId::parse("demo").expect("an id"),
            user_id: UserId::parse("ravi").expect("an id"),
            name: "Ravi".into(),
            role: Role::Admin,
            conversations: Vec::new(),
            expires_at: 0,
        };
        let good = || ArticleRequest {
            title: "Refunds".into(),
            body: "Five days.".into(),
            answer: None,
            url: Some("https://example.org/refunds".into()),
            labels: vec![" money ".into()],
            published: true,
        };
        let check = |request| checked(request, &who, ArticleId::parse("a").expect("an id"), 1, 5);
        assert_eq!(check(good()).expect("taken").labels, ["money"]);
        let wrong = [
            ArticleRequest { title: String::new(), ..good() },
            ArticleRequest { body: " ".into(), ..good() },
            ArticleRequest { answer: Some("\u{0}".into()), ..good() },
            ArticleRequest { url: Some("javascript:alert(1)".into()), ..good() },
            ArticleRequest { labels: vec!["x".into(); 21], ..good() },
        ];
        for request in wrong {
            assert_eq!(check(request).expect_err("refused").code, ErrorCode::Invalid);
        }
    }
}
