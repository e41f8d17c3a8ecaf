//! `POST /api/conversations/{id}/attachments`: a file and the message that bears it.

use std::time::Duration;

use axum::Json;
use axum::extract::{Request, State};
use confab_protocol::api::AttachResponse;
use confab_protocol::{AttachmentId, Channel, ClientId, ConversationId, ErrorCode};
use confab_store::AttachmentRecord;
use http::{StatusCode, header};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{links_to, receive, store};
use crate::access;
use crate::commands;
use crate::error::EdgeError;
use crate::form;
use crate::http::HttpState;
use crate::http::extract::{At, Caller, Parameters};
use crate::messages::{Outgoing, Said};

/// Longest file name, in characters.
const MAX_NAME: usize = 200;

/// What goes with the bytes.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AttachParameters {
    /// The client's own id of the message; makes repeating the request safe.
    #[param(value_type = String)]
    client_id: ClientId,
    /// The file's name.
    name: String,
    /// What to say with it.
    text: Option<String>,
    /// Whether it is for agents only.
    #[serde(default)]
    note: bool,
    /// On a resend: the highest sequence known at the first try.
    known: Option<u64>,
}

/// Attach a file: the body is its bytes, whatever the content type says.
///
/// Answered when file and message are stored. What the file is, is told by its bytes; what isn't allowed, too large,
/// or a picture that can't be read is refused.
#[utoipa::path(
    post,
    path = "/api/conversations/{id}/attachments",
    tag = "conversations",
    params(("id" = ConversationId, Path, description = "The conversation."), AttachParameters),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 201, description = "Stored.", body = AttachResponse),
        (status = 200, description = "It had been stored before.", body = AttachResponse),
    ),
)]
pub(crate) async fn attach(
    State(http): State<HttpState>,
    Caller(who): Caller,
    At(conversation): At<ConversationId>,
    Parameters(parameters): Parameters<AttachParameters>,
    request: Request,
) -> Result<(StatusCode, Json<AttachResponse>), EdgeError> {
    let state = &http.edge;
    let files = store(state)?;
    let AttachParameters { client_id, name, text, note, known } = parameters;
    let name = file_name(&name)?;
    if let Some(text) = &text {
        form::text("text", text, state.config.limits.max_message_chars)?;
    }
    let channel =
        if note { Channel::Notes(conversation.clone()) } else { Channel::Conversation(conversation.clone()) };
    let is_closed = state.messages.is_closed_to(&who, &channel).await?;
    // The same message of the same person bears the same file, however often it is sent.
    let id = commands::id_of_key(who.user_id.as_str(), "attach", &channel.to_string(), client_id.as_str());
    let id = AttachmentId::parse(id.as_str()).map_err(|_| EdgeError::not_found("attachment"))?;
    let tenant = state.store.tenant(&who.tenant).await?;
    let record = if let Some(record) = tenant.attachment(&id).await? {
        record
    } else {
        if is_closed {
            return Err(access::closed());
        }
        check_length(&request, state.config.attachments.max_bytes)?;
        let limit = Duration::from_secs(state.config.attachments.upload_timeout_seconds);
        let receiving =
            receive::receive(&http, files.as_ref(), &who.tenant, &conversation, id.clone(), name, request);
        let file = tokio::time::timeout(limit, receiving).await.map_err(|_| too_slow())??;
        let at = state.clock.now();
        let record = AttachmentRecord { id, file, conversation, author: who.user_id.clone(), note, at };
        tenant.add_attachment(&record).await?;
        record
    };
    let links = links_to(state, &who.tenant, &record.file);
    let said = Said::Attached(record.file.clone(), text);
    let stored = state.messages.send(&who, Outgoing { channel, client_id, said, known }).await?;
    let status = if stored.duplicate { StatusCode::OK } else { StatusCode::CREATED };
    let answer =
        AttachResponse { attachment: record.file, seq: stored.seq, duplicate: stored.duplicate, links };
    Ok((status, Json(answer)))
}

/// Who says beforehand that it is too much is spared the sending.
fn check_length(request: &Request, max: u64) -> Result<(), EdgeError> {
    let length =
        request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: u64| length > max) { Err(too_large(max)) } else { Ok(()) }
}

pub(super) fn too_large(max: u64) -> EdgeError {
    EdgeError::new(ErrorCode::TooLarge, format!("the file is larger than {max} bytes"))
}

pub(super) fn too_slow() -> EdgeError {
    EdgeError::new(
        ErrorCode::Timeout,
        "the file took too long to arrive; the same request with the same client_id is safe",
    )
}

/// The last part of the name, without what could mean something to a file system or a display.
fn file_name(name: &str) -> Result<String, EdgeError> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.chars().filter(|sign| !sign.is_control()).take(MAX_NAME).collect();
    let plain = plain.trim().trim_start_matches('.').to_owned();
    if plain.is_empty() {
        return Err(EdgeError::new(ErrorCode::Invalid, "name has to be a file name, such as invoice.pdf"));
    }
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_what_could_mean_something_elsewhere() {
        for (given, kept) in [
            ("invoice.pdf", "invoice.pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\temp\\größe.png", "größe.png"),
            ("a\r\nSet-Cookie: x", "aSet-Cookie: x"),
            (".htaccess", "htaccess"),
        ] {
            assert_eq!(file_name(given).expect(given), kept);
        }
        for refused in ["", "/", "...", "\u{0}"] {
            assert!(file_name(refused).is_err(), "{refused:?}");
        }
        assert_eq!(file_name(&"x".repeat(500)).expect("cut").len(), MAX_NAME);
    }
}
