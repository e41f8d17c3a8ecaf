//! The form of what the desk keeps ready, whoever writes it: canned messages and articles.

use confab_protocol::api::{ArticleRequest, CannedRequest, CannedScope};

use crate::placeholders;

/// Longest parts of a canned message, in characters.
const MAX_CODE: usize = 32;
const MAX_CANNED_TITLE: usize = 120;
const MAX_TEXT: usize = 8000;
/// Longest parts of an article, in characters; most labels.
const MAX_TITLE: usize = 200;
const MAX_BODY: usize = 50_000;
const MAX_ANSWER: usize = 2000;
const MAX_URL: usize = 500;
const MAX_LABELS: usize = 20;
const MAX_LABEL: usize = 80;

fn text(field: &str, text: &str, max: usize) -> Result<(), String> {
    if text.trim().is_empty() {
        return Err(format!("{field} is empty"));
    }
    if text.chars().count() > max {
        return Err(format!("{field} has more than {max} characters"));
    }
    if text.chars().any(|sign| sign.is_control() && !matches!(sign, '\n' | '\r' | '\t')) {
        return Err(format!("{field} has control characters other than tab and line end"));
    }
    Ok(())
}

/// What is wrong with a canned message, as a sentence that says what to do.
pub fn check_canned(request: &CannedRequest) -> Result<(), String> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'-';
    if !(1..=MAX_CODE).contains(&request.code.len()) || !request.code.bytes().all(plain) {
        return Err(format!("code has to be 1 to {MAX_CODE} of a-z 0-9 _ -"));
    }
    text("title", &request.title, MAX_CANNED_TITLE)?;
    text("text", &request.text, MAX_TEXT)?;
    if let Some(name) = placeholders::unknown_variable(&request.text) {
        let known = placeholders::VARIABLES.join(", ");
        let attribute = placeholders::ATTRIBUTE;
        return Err(format!("there is no variable {name:?}; there are {known} and {attribute}<name>"));
    }
    if request.answers && request.scope != CannedScope::Tenant {
        return Err("only canned messages of the tenant can be answers of automatic replies".to_owned());
    }
    Ok(())
}

/// What is wrong with an article, as a sentence that says what to do.
pub fn check_article(request: &ArticleRequest) -> Result<(), String> {
    text("title", &request.title, MAX_TITLE)?;
    text("body", &request.body, MAX_BODY)?;
    if let Some(answer) = &request.answer {
        text("answer", answer, MAX_ANSWER)?;
    }
    if let Some(url) = &request.url {
        text("url", url, MAX_URL)?;
        if !(url.starts_with("https://") || url.starts_with("http://")) {
            return Err("url has to begin with https:// or http://".to_owned());
        }
    }
    if request.labels.len() > MAX_LABELS {
        return Err(format!("more than {MAX_LABELS} labels"));
    }
    request.labels.iter().try_for_each(|label| text("labels", label, MAX_LABEL))
}
