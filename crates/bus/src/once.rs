//! Words that are good for one use in the whole hub, such as the nonce of a log-in. The server holds the second use against
//! the first, so that no two nodes can both be told that they were first; a used word is forgotten when its time is over.

use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::header::{NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, NATS_MESSAGE_TTL};
use async_nats::jetstream::context::PublishErrorKind;
use bytes::Bytes;
use confab_protocol::TenantId;

use crate::bus::Bus;
use crate::error::BusError;
use crate::subjects;

impl Bus {
    /// Uses up a word of a tenant's: whether this was its first use. `lasting` is how long it has to be known afterwards,
    /// at most an hour; the caller refuses the word by itself from then on. The word is 1 to 128 of `A-Z a-z 0-9 _ -`.
    ///
    /// After a failure the word may be used up or not.
    pub async fn use_up(&self, tenant: &TenantId, word: &str, lasting: Duration) -> Result<bool, BusError> {
        let seconds = lasting.as_secs() + u64::from(lasting.subsec_nanos() > 0);
        let mut headers = HeaderMap::new();
        headers.insert(NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, "0");
        headers.insert(NATS_MESSAGE_TTL, seconds.max(1).to_string());
        let subject = subjects::once(tenant, word)?;
        let context = self.jetstream();
        let stored = self.bounded("a publish", async {
            match context.publish_with_headers(subject, headers, Bytes::new()).await {
                Ok(sent) => Ok(sent.await),
                Err(error) => Ok(Err(error)),
            }
        });
        match stored.await? {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == PublishErrorKind::WrongLastSequence => Ok(false),
            Err(error) => Err(BusError::publish(error)),
        }
    }
}
