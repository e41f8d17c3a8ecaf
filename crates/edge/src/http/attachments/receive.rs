//! Takes a file in as it arrives: told by its first bytes, counted, stored part by part, never whole in memory unless
//! it is a picture.

use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::Request;
use confab_attachments::{
    AttachmentStore, HEAD_BYTES, Preview, PreviewLimits, Variant, is_allowed, is_picture, media_type, preview,
};
use confab_protocol::{Attachment, AttachmentId, ConversationId, ErrorCode, TenantId};
use futures::{StreamExt as _, TryStreamExt as _};

use super::key;
use super::upload::{too_large, too_slow};
use crate::error::EdgeError;
use crate::http::HttpState;

/// How long the next bytes may take.
const SILENCE: Duration = Duration::from_secs(30);

/// A file that arrives.
struct Arriving {
    body: BodyDataStream,
    size: u64,
    max: u64,
}

impl Arriving {
    async fn next(&mut self) -> Result<Option<Bytes>, EdgeError> {
        let next = tokio::time::timeout(SILENCE, self.body.next()).await.map_err(|_| too_slow())?;
        let Some(bytes) = next else { return Ok(None) };
        let bytes =
            bytes.map_err(|_| EdgeError::new(ErrorCode::Malformed, "the file did not arrive whole"))?;
        self.size += bytes.len() as u64;
        if self.size > self.max {
            return Err(too_large(self.max));
        }
        Ok(Some(bytes))
    }

    /// Enough to tell what it is.
    async fn head(&mut self) -> Result<Vec<Bytes>, EdgeError> {
        let (mut pieces, mut length) = (Vec::new(), 0);
        while length < HEAD_BYTES {
            let Some(bytes) = self.next().await? else { break };
            length += bytes.len();
            pieces.push(bytes);
        }
        Ok(pieces)
    }
}

/// Stores the body as a file, with a small picture where it is one.
pub(super) async fn receive(
    http: &HttpState,
    files: &dyn AttachmentStore,
    tenant: &TenantId,
    conversation: &ConversationId,
    id: AttachmentId,
    name: String,
    request: Request<Body>,
) -> Result<Attachment, EdgeError> {
    let config = &http.edge.config.attachments;
    let busy = || EdgeError::new(ErrorCode::Unavailable, "too many files arrive at this moment; try again");
    let _place = http.uploads.try_acquire().map_err(|_| busy())?;
    let mut arriving =
        Arriving { body: request.into_body().into_data_stream(), size: 0, max: config.max_bytes };
    let head = arriving.head().await?;
    let first: Vec<u8> = head.concat();
    if first.is_empty() {
        return Err(EdgeError::new(ErrorCode::Invalid, "the file is empty"));
    }
    let media_type = media_type(&first[..first.len().min(HEAD_BYTES)]);
    if !is_allowed(media_type, &config.allowed_types) {
        return Err(EdgeError::new(
            ErrorCode::Invalid,
            format!("files of the type {media_type} are not taken here"),
        ));
    }
    let original = key(tenant, conversation, &id, Variant::Original);
    store(files, &original, head, &mut arriving).await?;
    let mut file = Attachment {
        id,
        name,
        media_type: media_type.to_owned(),
        size: arriving.size,
        width: None,
        height: None,
    };
    if is_picture(media_type) {
        match make_preview(http, files, tenant, conversation, &file, &original).await {
            Ok(made) => (file.width, file.height) = (Some(made.width), Some(made.height)),
            Err(error) => {
                files.delete(&original).await?;
                return Err(error);
            }
        }
    }
    Ok(file)
}

async fn store(
    files: &dyn AttachmentStore,
    key: &str,
    head: Vec<Bytes>,
    arriving: &mut Arriving,
) -> Result<(), EdgeError> {
    let mut upload = files.begin(key).await?;
    let writing = async {
        for bytes in head {
            upload.write(bytes).await?;
        }
        while let Some(bytes) = arriving.next().await? {
            upload.write(bytes).await?;
        }
        Ok::<(), EdgeError>(())
    };
    match writing.await {
        Ok(()) => Ok(upload.finish().await?),
        Err(error) => {
            if let Err(cause) = upload.abort().await {
                tracing::debug!(%cause, "parts of a file that was given up may be left");
            }
            Err(error)
        }
    }
}

/// The picture is read back whole, one at a time, decoded within limits, and its small copy stored.
async fn make_preview(
    http: &HttpState,
    files: &dyn AttachmentStore,
    tenant: &TenantId,
    conversation: &ConversationId,
    file: &Attachment,
    original: &str,
) -> Result<Preview, EdgeError> {
    let config = &http.edge.config.attachments;
    let busy =
        || EdgeError::new(ErrorCode::Unavailable, "too many pictures arrive at this moment; try again");
    let place = http.pictures.clone().acquire_owned().await.map_err(|_| busy())?;
    let bytes: Vec<Bytes> = files.read(original).await?.bytes.try_collect().await?;
    let bytes = bytes.concat();
    let limits = PreviewLimits { max_pixels: config.max_pixels, max_side: config.preview_side };
    let media_type = file.media_type.clone();
    let making = http.edge.tasks.spawn_blocking(move || {
        // The place is given back when the work is done, not when the sender stops waiting for it.
        let _place = place;
        preview(&media_type, &bytes, &limits)
    });
    let made = making.await.map_err(|_| EdgeError::new(ErrorCode::Invalid, "the picture can't be read"))?;
    let mut made = made.map_err(|error| EdgeError::new(ErrorCode::Invalid, error.to_string()))?;
    let mut upload = files.begin(&key(tenant, conversation, &file.id, Variant::Preview)).await?;
    upload.write(Bytes::from(std::mem::take(&mut made.jpeg))).await?;
    upload.finish().await?;
    Ok(made)
}
