//! `GET /api/conversations/{id}/transcript`: the whole conversation as a file, read and sent piece by piece.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use confab_auth::permissions::{Action, Relation, allowed};
use confab_domain::transcript::{Format, Transcript};
use confab_protocol::api::HistoryItem;
use confab_protocol::{ConversationId, ErrorCode};
use confab_store::{Pieces, StoreError, TenantStore};
use futures::stream::{self, StreamExt as _};
use http::{HeaderValue, header};
use serde::Deserialize;
use utoipa::IntoParams;

use super::history::Seam;
use super::permitted;
use crate::error::EdgeError;
use crate::http::extract::{At, Caller, Parameters};
use crate::state::EdgeState;

/// A page may have its own style and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'";

/// How it should look.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TranscriptParameters {
    /// `text`, `json` or `html`; `text` when absent.
    format: Option<String>,
    /// Whether private notes are in it; for agents.
    #[serde(default)]
    notes: bool,
}

/// The conversation as a file: what was said, and the steps of its life, from the beginning.
#[utoipa::path(
    get,
    path = "/api/conversations/{id}/transcript",
    tag = "conversations",
    params(("id" = ConversationId, Path, description = "The conversation."), TranscriptParameters),
    responses((status = 200, description = "The transcript.", body = String, content_type = "text/plain")),
)]
pub(crate) async fn get_transcript(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(id): At<ConversationId>,
    Parameters(parameters): Parameters<TranscriptParameters>,
) -> Result<Response, EdgeError> {
    let name = parameters.format.as_deref().unwrap_or("text");
    let format = Format::parse(name)
        .ok_or_else(|| EdgeError::new(ErrorCode::Invalid, "format has to be text, json or html"))?;
    let conversation = permitted(&state, &who, Action::ReadHistory, &id).await?;
    if parameters.notes && !allowed(who.role, Action::JoinNotes, Relation::Tenant) {
        return Err(EdgeError::forbidden());
    }
    let store = state.store.tenant(&who.tenant).await?;
    let (seam, fresh) = Seam::find(&state, &id, parameters.notes, None).await?;
    let pieces = store.pieces(&id).await?;
    let transcript = Transcript::new(format);
    let head = transcript.begin(&conversation.view());
    let reading =
        Reading { store, id: id.clone(), pieces, next: 0, notes: parameters.notes, seam, fresh, transcript };
    let rest = stream::unfold(Some(reading), |reading| async move {
        let mut reading = reading?;
        let piece = reading.piece().await;
        let goes_on = piece.is_ok() && reading.next <= reading.pieces.len();
        Some((piece, goes_on.then_some(reading)))
    });
    let head = stream::once(async move { Ok::<_, StoreError>(Bytes::from(head)) });
    let mut response = Body::from_stream(head.chain(rest)).into_response();
    let extension = if format == Format::Text { "txt" } else { format.as_str() };
    let disposition = format!("attachment; filename=\"conversation-{id}.{extension}\"");
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// Where the reading is.
struct Reading {
    store: TenantStore,
    id: ConversationId,
    pieces: Pieces,
    next: usize,
    notes: bool,
    seam: Seam,
    /// What the log has.
    fresh: Vec<HistoryItem>,
    transcript: Transcript,
}

impl Reading {
    async fn piece(&mut self) -> Result<Bytes, StoreError> {
        let is_last = self.next + 1 >= self.pieces.len();
        let mut items =
            self.store.piece(&self.id, &self.pieces, self.next, self.notes).await.inspect_err(|error| {
                tracing::warn!(%error, "a transcript is broken off");
            })?;
        self.next += 1;
        items.retain(|item| !self.seam.is_in_log(item));
        if is_last {
            items.append(&mut self.fresh);
            self.next = self.pieces.len() + 1;
        }
        let mut text: String = items.iter().map(|item| self.transcript.entry(item)).collect();
        if is_last {
            text.push_str(self.transcript.end());
        }
        Ok(Bytes::from(text))
    }
}
