//! `GET /api/admin/widget`, `PUT /api/admin/widget`: the form that customers see before a chat.

use axum::extract::State;
use confab_protocol::ErrorCode;
use confab_protocol::api::{Topic, WidgetBody};

use super::{reader, writer};
use crate::audit;
use crate::error::EdgeError;
use crate::form;
use crate::http::etag::{IfMatch, Tagged, edited, tagged};
use crate::http::extract::{Body, Caller};
use crate::state::EdgeState;

/// Name of the setting in a tenant's database.
pub(crate) const SETTING: &str = "widget";
const MAX_TOPICS: usize = 20;
const MAX_TITLE: usize = 80;
const MAX_TEXT: usize = 300;

/// The form before a chat.
#[utoipa::path(
    get,
    path = "/api/admin/widget",
    tag = "administration",
    responses((status = 200, description = "The form; its version as `ETag`.", body = WidgetBody)),
)]
pub(crate) async fn get_widget(
    State(state): State<EdgeState>,
    Caller(who): Caller,
) -> Result<Tagged<WidgetBody>, EdgeError> {
    let (body, version) = reader(&state, &who).await?.setting::<WidgetBody>(SETTING).await?;
    Ok(tagged(version, body.unwrap_or_default()))
}

/// Replace the form before a chat. Widgets that are opened afterwards show it.
#[utoipa::path(
    put,
    path = "/api/admin/widget",
    tag = "administration",
    params(("If-Match" = Option<String>, Header, description = "The `ETag` that was read.")),
    request_body = WidgetBody,
    responses((status = 200, description = "The form as it is now.", body = WidgetBody)),
)]
pub(crate) async fn put_widget(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    if_match: IfMatch,
    Body(request): Body<WidgetBody>,
) -> Result<Tagged<WidgetBody>, EdgeError> {
    let store = writer(&state, &who).await?;
    let form = checked(request)?;
    let (_, version) = store.setting::<WidgetBody>(SETTING).await?;
    let version = if_match.check(version)?;
    store.put_setting(SETTING, &form, version).await.map_err(edited)?;
    audit::note(&state, &who, "update_widget", ("tenant", &who.tenant)).await;
    Ok(tagged(version + 1, form))
}

/// What is written in one line of text each, without what is empty.
fn checked(request: WidgetBody) -> Result<WidgetBody, EdgeError> {
    if request.topics.len() > MAX_TOPICS {
        return Err(EdgeError::new(ErrorCode::Invalid, format!("topics has at most {MAX_TOPICS} entries")));
    }
    let topic = |topic: Topic| {
        form::word("topics.value", &topic.value)?;
        Ok(Topic { label: form::name("topics.label", &topic.label)?, ..topic })
    };
    let topics = request.topics.into_iter().map(topic).collect::<Result<Vec<_>, EdgeError>>()?;
    if topics.iter().enumerate().any(|(at, one)| topics[..at].iter().any(|other| other.value == one.value)) {
        return Err(EdgeError::new(ErrorCode::Invalid, "topics has two entries of one value; leave one"));
    }
    let line = |field: &str, text: Option<String>, max: usize| {
        text.filter(|text| !text.trim().is_empty()).map(|text| form::line(field, &text, max)).transpose()
    };
    Ok(WidgetBody {
        title: line("title", request.title, MAX_TITLE)?,
        greeting: line("greeting", request.greeting, MAX_TEXT)?,
        closed_message: line("closed_message", request.closed_message, MAX_TEXT)?,
        ask_name: request.ask_name,
        topics,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_topics(topics: &[(&str, &str)]) -> WidgetBody {
        let topic = |&(value, label): &(&str, &str)| Topic { value: value.into(), label: label.into() };
        WidgetBody { topics: topics.iter().map(topic).collect(), ..WidgetBody::default() }
    }

    #[test]
    fn what_is_empty_is_absent_and_the_rest_is_held_to_its_limits() {
        let form =
            WidgetBody { greeting: Some("  ".into()), title: Some(" Shop ".into()), ..WidgetBody::default() };
        let form = checked(form).expect("a form");
        assert_eq!((form.greeting, form.title.as_deref()), (None, Some("Shop")));
        assert!(checked(with_topics(&[("payment", "Payment"), ("other", "Something else")])).is_ok());
        for wrong in [
            with_topics(&[("payment", "Payment"), ("payment", "Bills")]),
            with_topics(&[("two words", "Payment")]),
            with_topics(&[("payment", "")]),
            with_topics(&[("payment", "Payment"); MAX_TOPICS + 1]),
            WidgetBody { title: Some("x".repeat(MAX_TITLE + 1)), ..WidgetBody::default() },
        ] {
            assert_eq!(checked(wrong).expect_err("refused").code, ErrorCode::Invalid);
        }
    }
}
