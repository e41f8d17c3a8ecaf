//! Tells people that a private note names them: an entry on their own feed for each note, however often it is read.

use bytes::Bytes;
use confab_bus::LogEntry;
use confab_domain::{mentions, message_id};
use confab_protocol::codec::encode_entry;
use confab_protocol::{Body, Channel, Entry, TenantId};
use confab_store::{StoredEntry, TenantStore, User};

use crate::context::Context;
use crate::error::WorkerError;
use crate::mail;

/// Tells whoever these entries name: on their feed, and by e-mail who is not there.
pub(crate) async fn tell(
    context: &Context,
    tenant: &TenantId,
    store: &TenantStore,
    entries: &[StoredEntry],
) -> Result<(), WorkerError> {
    for stored in entries.iter().filter(|stored| stored.note) {
        let Body::Note { text } = &stored.entry.body else { continue };
        for login in mentions::logins(text) {
            let named = context
                .persist("telling who is named", || tell_one(context, tenant, store, stored, login))
                .await?;
            if let Some((named, id)) = named {
                mail::mentioned(context, tenant, &named, stored, &id).await;
            }
        }
    }
    Ok(())
}

async fn tell_one(
    context: &Context,
    tenant: &TenantId,
    store: &TenantStore,
    stored: &StoredEntry,
    login: &str,
) -> Result<Option<(User, String)>, WorkerError> {
    let named = store.user_by_login(login).await?;
    let author = &stored.entry.author;
    let Some(named) = named.filter(|named| named.role.is_staff() && author.id.as_ref() != Some(&named.id))
    else {
        return Ok(None);
    };
    let channel = Channel::UserFeed(tenant.clone(), named.id.clone());
    let body = Body::Mentioned {
        conversation_id: stored.conversation.clone(),
        by: author.clone(),
        text: stored.entry.body.text().unwrap_or_default().to_owned(),
    };
    // The place of the note makes a repetition the same entry, which the log drops.
    let id = format!("mention-{}-{}-{}", stored.conversation, stored.epoch, stored.seq);
    let message_id = message_id(&channel, author.id.as_ref(), &id);
    let entry = Entry { id: id.clone(), author: author.clone(), at: stored.entry.at, body };
    let payload = Bytes::from(encode_entry(&entry));
    let publish = LogEntry { channel: &channel, tenant, message_id: &message_id, payload, customer: None };
    context.bus.log().publish(publish).await?.await?;
    Ok(Some((named, id)))
}
