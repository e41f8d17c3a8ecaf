//! `/unsubscribe/…`: ends e-mail of a kind, for whoever has the link. Reading the page ends nothing, because programs that
//! look at e-mail follow links; a request by POST does, from the page or from a mail program (RFC 8058).

use axum::Router;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use confab_auth::Purpose;
use confab_domain::notice::Notice;
use confab_protocol::{TenantId, UserId};
use confab_store::{StoreError, TenantStore};

use super::super::HttpState;
use super::super::extract::At;
use crate::error::EdgeError;
use crate::state::EdgeState;

/// How often a change is tried again because somebody else changed the same.
const ATTEMPTS: u32 = 5;

/// Whose e-mail of which kind, and the hub's seal on it.
type Link = (TenantId, UserId, String, String);

pub(super) fn router() -> Router<HttpState> {
    Router::new().route("/unsubscribe/{tenant}/{user}/{notice}/{seal}", get(show).post(unsubscribe))
}

async fn show(State(state): State<EdgeState>, At(link): At<Link>) -> Result<Response, EdgeError> {
    let (.., notice) = check(&state, &link)?;
    Ok(page(&format!(
        "<p>End e-mail {}?</p><form method=\"post\"><button>No more of these e-mails</button></form>",
        about(notice)
    )))
}

async fn unsubscribe(State(state): State<EdgeState>, At(link): At<Link>) -> Result<Response, EdgeError> {
    let (tenant, user, notice) = check(&state, &link)?;
    let store = state.store.tenant(tenant).await?;
    forget(&store, user, notice).await?;
    Ok(page(&format!("<p>You get no more e-mail {}.</p>", about(notice))))
}

async fn forget(store: &TenantStore, user: &UserId, notice: Notice) -> Result<(), StoreError> {
    for _ in 0..ATTEMPTS {
        let (wants, version) = store.notifications(user).await?;
        if !notice.is_wanted(&wants) {
            return Ok(());
        }
        match store.put_notifications(user, &notice.unwanted(wants), version).await {
            Err(StoreError::Conflict) => {}
            outcome => return outcome,
        }
    }
    Err(StoreError::Conflict)
}

fn check<'a>(state: &EdgeState, link: &'a Link) -> Result<(&'a TenantId, &'a UserId, Notice), EdgeError> {
    let (tenant, user, name, seal) = link;
    let sealed = state.tokens.is_sealed(Purpose::Unsubscribe, &format!("{tenant}/{user}/{name}"), seal);
    let notice = Notice::parse(name).filter(|_| sealed);
    let notice = notice.ok_or_else(|| EdgeError::not_found("link: take it from the e-mail as it is"))?;
    Ok((tenant, user, notice))
}

fn about(notice: Notice) -> &'static str {
    match notice {
        Notice::Unread => "about messages that you have not read",
        Notice::Mention => "about notes that name you",
        Notice::Assignment => "about what is given to you",
    }
}

fn page(content: &str) -> Response {
    let page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><meta name=\"robots\" content=\"noindex\"><title>E-mail</title></head>\n\
         <body><main><h1>E-mail</h1>{content}</main></body></html>\n"
    );
    Html(page).into_response()
}
