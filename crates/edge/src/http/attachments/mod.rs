//! Files of conversations: upload, links, bytes.

pub(crate) mod links;
mod receive;
pub(crate) mod serve;
pub(crate) mod upload;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use confab_attachments::{AttachmentStore, Variant, is_picture};
use confab_auth::Purpose;
use confab_protocol::api::AttachmentLinks;
use confab_protocol::{Attachment, AttachmentId, ConversationId, ErrorCode, TenantId, UnixMillis};

use super::HttpState;
use crate::error::EdgeError;
use crate::state::EdgeState;

/// The routes whose bodies are streams, which have their own limits of time and size.
pub(super) fn router() -> Router<HttpState> {
    Router::new()
        .route("/api/conversations/{id}/attachments", post(upload::attach))
        .route("/api/files/{tenant}/{id}/{variant}", get(serve::get_file))
}

/// Where the bytes lie in the attachment store.
fn key(tenant: &TenantId, conversation: &ConversationId, id: &AttachmentId, variant: Variant) -> String {
    confab_attachments::key(tenant.as_str(), conversation.as_str(), id.as_str(), variant)
}

/// What the seal of a link stands for.
fn sealed_text(tenant: &TenantId, id: &AttachmentId, variant: Variant, expires_at: UnixMillis) -> String {
    format!("{tenant}/{id}/{}/{expires_at}", variant.as_str())
}

fn store(state: &EdgeState) -> Result<&Arc<dyn AttachmentStore>, EdgeError> {
    state.attachments.as_ref().ok_or_else(|| {
        EdgeError::new(
            ErrorCode::Invalid,
            "this hub takes no attachments; its operator can set attachments.url",
        )
    })
}

/// Links that are good from now on for as long as is configured.
fn links_to(state: &EdgeState, tenant: &TenantId, file: &Attachment) -> AttachmentLinks {
    let expires_at = state.clock.now() + state.config.attachments.link_seconds * 1000;
    let link = |variant: Variant| {
        let seal =
            state.tokens.seal(Purpose::Attachment, &sealed_text(tenant, &file.id, variant, expires_at));
        let (id, variant) = (&file.id, variant.as_str());
        format!("/api/files/{tenant}/{id}/{variant}?expires={expires_at}&seal={seal}")
    };
    let preview_url = is_picture(&file.media_type).then(|| link(Variant::Preview));
    AttachmentLinks { url: link(Variant::Original), preview_url, expires_at }
}
