//! `GET /api/admin/responder`, `PUT /api/admin/responder`: automatic replies of the tenant.

use axum::extract::State;
use confab_domain::responder::{ResponderSettings, SETTING};
use confab_protocol::ErrorCode;
use confab_protocol::api::{ReplyEndpoint, ReplySource, ResponderBody};

use super::{reader, webhooks, writer};
use crate::audit::{self, Deed};
use crate::error::EdgeError;
use crate::form;
use crate::http::etag::{IfMatch, Tagged, edited, tagged};
use crate::http::extract::{Body, Caller};
use crate::state::EdgeState;

/// Words and phrases that ask for a person.
const MAX_WORDS: usize = 50;
/// Longest of them, and longest name of a model, in characters.
const MAX_WORD: usize = 64;
/// Longest text that is said, in characters.
const MAX_TEXT: usize = 1000;
/// Longest system prompt, in characters.
const MAX_PROMPT: usize = 8000;
/// Longest key, in bytes.
const MAX_KEY: usize = 512;

/// The tenant's automatic replies.
#[utoipa::path(
    get,
    path = "/api/admin/responder",
    tag = "administration",
    responses((status = 200, description = "What is set; its version as `ETag`.", body = ResponderBody)),
)]
pub(crate) async fn get_responder(
    State(state): State<EdgeState>,
    Caller(who): Caller,
) -> Result<Tagged<ResponderBody>, EdgeError> {
    let (settings, version) = reader(&state, &who).await?.setting::<ResponderSettings>(SETTING).await?;
    Ok(tagged(version, settings.unwrap_or_default().view()))
}

/// Set automatic replies. Workers go by it within seconds.
#[utoipa::path(
    put,
    path = "/api/admin/responder",
    tag = "administration",
    params(("If-Match" = Option<String>, Header, description = "The `ETag` that was read.")),
    request_body = ResponderBody,
    responses((status = 200, description = "What is set now; never the key.", body = ResponderBody)),
)]
pub(crate) async fn put_responder(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    if_match: IfMatch,
    Body(request): Body<ResponderBody>,
) -> Result<Tagged<ResponderBody>, EdgeError> {
    let store = writer(&state, &who).await?;
    check(&request, state.config.replies.allow_private_addresses)?;
    let (before, version) = store.setting::<ResponderSettings>(SETTING).await?;
    let version = if_match.check(version)?;
    let settings = before.unwrap_or_default().edited(request);
    store.put_setting(SETTING, &settings, version).await.map_err(edited)?;
    let deed = Deed {
        action: "set_responder",
        target_kind: "tenant",
        target_id: who.tenant.to_string(),
        detail: Some(format!("{:?}", settings.body.source).to_lowercase()),
    };
    audit::record(&state, &who.tenant, who.author(), deed).await;
    Ok(tagged(version + 1, settings.view()))
}

fn check(body: &ResponderBody, private_too: bool) -> Result<(), EdgeError> {
    form::line("name", &body.name, MAX_WORD)?;
    form::text("hand_over_text", &body.hand_over_text, MAX_TEXT)?;
    form::text("unsure_text", &body.unsure_text, MAX_TEXT)?;
    in_range("confidence_percent", body.confidence_percent.into(), 1, 100)?;
    if body.hand_over_words.len() > MAX_WORDS {
        return Err(invalid(format!("hand_over_words has more than {MAX_WORDS} words")));
    }
    for word in &body.hand_over_words {
        form::line("hand_over_words", word, MAX_WORD)?;
    }
    match &body.endpoint {
        Some(endpoint) => check_endpoint(endpoint, private_too),
        None if body.source == ReplySource::Endpoint => {
            Err(invalid("endpoint is needed when replies come from it".to_owned()))
        }
        None => Ok(()),
    }
}

fn check_endpoint(endpoint: &ReplyEndpoint, private_too: bool) -> Result<(), EdgeError> {
    webhooks::check_url("endpoint.url", &endpoint.url, private_too, "replies")?;
    form::line("endpoint.model", &endpoint.model, MAX_WORD)?;
    in_range("endpoint.timeout_ms", endpoint.timeout_ms, 100, 60_000)?;
    in_range("endpoint.earlier_messages", endpoint.earlier_messages.into(), 0, 50)?;
    if endpoint.system_prompt.chars().count() > MAX_PROMPT {
        return Err(invalid(format!("endpoint.system_prompt is longer than {MAX_PROMPT} characters")));
    }
    let is_key = |key: &String| key.len() <= MAX_KEY && key.bytes().all(|byte| byte.is_ascii_graphic());
    if !endpoint.key.as_ref().is_none_or(is_key) {
        return Err(invalid(format!("endpoint.key has to be at most {MAX_KEY} visible ASCII characters")));
    }
    Ok(())
}

fn in_range(field: &str, value: u64, least: u64, most: u64) -> Result<(), EdgeError> {
    if (least..=most).contains(&value) {
        Ok(())
    } else {
        Err(invalid(format!("{field} has to be {least} to {most}")))
    }
}

fn invalid(message: String) -> EdgeError {
    EdgeError::new(ErrorCode::Invalid, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(url: &str) -> ReplyEndpoint {
        serde_json::from_value(serde_json::json!({ "url": url, "model": "m" })).expect("an endpoint")
    }

    #[test]
    fn what_can_not_work_is_refused() {
        let usual = ResponderBody::default();
        assert!(check(&usual, false).is_ok());
        let to = |url: &str| ResponderBody {
            source: ReplySource::Endpoint,
            endpoint: Some(endpoint(url)),
            ..ResponderBody::default()
        };
        assert!(check(&to("https://models.example.org"), false).is_ok());
        assert!(check(&to("http://127.0.0.1:9"), true).is_ok());
        let slow = ReplyEndpoint { timeout_ms: 60_001, ..endpoint("https://models.example.org") };
        for wrong in [
            ResponderBody { source: ReplySource::Endpoint, ..usual.clone() },
            ResponderBody { name: String::new(), ..usual.clone() },
            ResponderBody { confidence_percent: 0, ..usual.clone() },
            ResponderBody { hand_over_words: vec!["x".repeat(65)], ..usual.clone() },
            ResponderBody { unsure_text: " ".into(), ..usual.clone() },
            ResponderBody { endpoint: Some(slow), ..usual },
            to("http://127.0.0.1:9"),
            to("file:///etc/passwd"),
        ] {
            assert_eq!(check(&wrong, false).expect_err("refused").code, ErrorCode::Invalid, "{wrong:?}");
        }
    }
}
