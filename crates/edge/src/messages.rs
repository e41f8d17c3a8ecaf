//! Accepts messages: validates, recognises repetitions, publishes to the log, and says so only once they are stored.

use std::sync::Arc;

use bytes::Bytes;
use confab_auth::permissions::{Action, authorize};
use confab_bus::{Bus, FindOutcome, LogEntry, PendingAck};
use confab_config::Config;
use confab_domain::{Clock, message_id};
use confab_protocol::api::{ConversationStatus, SendResponse};
use confab_protocol::codec::{decode_entry, encode_entry};
use confab_protocol::{Attachment, Body, Channel, ClientId, Entry, ErrorCode};
use confab_store::Store;
use confab_telemetry::metrics::{DELIVERY_LATENCY, MESSAGES, PUBLISHES_IN_FLIGHT};
use tokio::time::Instant;

use crate::access::{self, Access};
use crate::error::EdgeError;
use crate::filter::Filters;
use crate::form;
use crate::hub::Hub;
use crate::identity::Identity;
use crate::limits::Limits;

/// A message that somebody wants to send.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    /// `conv.<id>` or `conv.<id>.notes`.
    pub(crate) channel: Channel,
    /// The sender's own id of it.
    pub(crate) client_id: ClientId,
    /// What it says.
    pub(crate) said: Said,
    /// On a resend: the highest sequence known at the first try.
    pub(crate) known: Option<u64>,
}

/// What a person says.
#[derive(Debug, Clone)]
pub(crate) enum Said {
    /// A text.
    Text(String),
    /// A file that is stored, perhaps with a text.
    Attached(Attachment, Option<String>),
}

impl Said {
    fn check(&self, max_chars: usize) -> Result<(), EdgeError> {
        match self {
            Self::Text(text) | Self::Attached(_, Some(text)) => form::text("the text", text, max_chars),
            Self::Attached(_, None) => Ok(()),
        }
    }

    fn into_body(self, channel: &Channel) -> Result<Body, EdgeError> {
        Ok(match (self, channel) {
            (_, Channel::UserFeed(..) | Channel::DeskFeed(_)) => return Err(not_a_conversation()),
            (Self::Text(text), Channel::Conversation(_)) => Body::Text { text },
            (Self::Text(text), Channel::Notes(_)) => Body::Note { text },
            (Self::Attached(attachment, text), _) => {
                let text = text.unwrap_or_else(|| attachment.name.clone());
                match attachment.width {
                    Some(_) => Body::Image { attachment, text },
                    None => Body::File { attachment, text },
                }
            }
        })
    }
}

/// Accepts messages for the log.
pub(crate) struct Messages {
    config: Arc<Config>,
    bus: Bus,
    store: Store,
    clock: Clock,
    hub: Hub,
    access: Arc<Access>,
    limits: Arc<Limits>,
    filters: Filters,
}

/// A message on its way: already stored before, or published and not yet acknowledged.
pub(crate) enum PendingSend {
    /// An earlier try had got through.
    Known(u64),
    /// The log will answer.
    Published(PendingAck, Instant),
}

impl PendingSend {
    /// Waits, for a bounded time, until the message is stored.
    pub(crate) async fn finish(self) -> Result<SendResponse, EdgeError> {
        let (seq, duplicate) = match self {
            Self::Known(seq) => (seq, true),
            Self::Published(ack, began) => {
                let outcome = ack.await;
                metrics::gauge!(PUBLISHES_IN_FLIGHT).decrement(1);
                let published = outcome.inspect_err(|_| count("refused"))?;
                metrics::histogram!(DELIVERY_LATENCY, "stage" => "stored").record(began.elapsed());
                (published.seq, published.duplicate)
            }
        };
        count(if duplicate { "duplicate" } else { "stored" });
        Ok(SendResponse { seq, duplicate })
    }
}

fn count(outcome: &'static str) {
    metrics::counter!(MESSAGES, "outcome" => outcome).increment(1);
}

impl Messages {
    pub(crate) fn new(
        config: Arc<Config>,
        bus: Bus,
        store: Store,
        clock: Clock,
        hub: Hub,
        access: Arc<Access>,
        limits: Arc<Limits>,
    ) -> Self {
        let filters = Filters::new(store.clone());
        Self { config, bus, store, clock, hub, access, limits, filters }
    }

    /// For callers that have not joined the channel: checks access and status, sends, waits until it is stored.
    pub(crate) async fn send(&self, who: &Identity, message: Outgoing) -> Result<SendResponse, EdgeError> {
        let is_closed = self.is_closed_to(who, &message.channel).await?;
        let earlier = self.earlier_try(who, &message).await?;
        self.begin(who, message, earlier, is_closed).await?.finish().await
    }

    /// Whether the conversation has ended, for somebody who may write there; an error for anybody else.
    pub(crate) async fn is_closed_to(&self, who: &Identity, channel: &Channel) -> Result<bool, EdgeError> {
        let id = channel.conversation().ok_or_else(not_a_conversation)?;
        let relation = self.access.conversation(who, id).await?;
        authorize(who.role, action(channel), Some(relation))?;
        Ok(match self.hub.is_closed(id) {
            Some(is_closed) => is_closed,
            None => self.access.status(&who.tenant, id).await == Some(ConversationStatus::Closed),
        })
    }

    /// Publishes the message, unless it was stored by an `earlier` try; returns as soon as it is on its way, so that a
    /// sender's messages keep their order. The caller has checked access, and knows whether the conversation has ended:
    /// then only what was stored before is acknowledged.
    pub(crate) async fn begin(
        &self,
        who: &Identity,
        message: Outgoing,
        earlier: Option<u64>,
        is_closed: bool,
    ) -> Result<PendingSend, EdgeError> {
        self.limits.message_of(who).inspect_err(|_| count("refused"))?;
        let max = self.config.limits.max_message_chars;
        message.said.check(max).inspect_err(|_| count("refused"))?;
        if let Some(seq) = earlier {
            return Ok(PendingSend::Known(seq));
        }
        if is_closed {
            return Err(access::closed());
        }
        let said = match message.channel {
            Channel::Notes(_) => message.said,
            _ => self.filtered(who, message.said).await.inspect_err(|_| count("refused"))?,
        };
        let body = said.into_body(&message.channel)?;
        let entry = Entry { id: message.client_id.into(), author: who.author(), at: self.clock.now(), body };
        let log_id = message_id(&message.channel, Some(&who.user_id), &entry.id);
        let began = Instant::now();
        let publish = LogEntry {
            channel: &message.channel,
            tenant: &who.tenant,
            message_id: &log_id,
            payload: Bytes::from(encode_entry(&entry)),
            customer: None,
        };
        let ack = self.bus.log().publish(publish).await?;
        metrics::gauge!(PUBLISHES_IN_FLIGHT).increment(1);
        Ok(PendingSend::Published(ack, began))
    }

    /// What may be sent of it by the tenant's content filter.
    pub(crate) async fn filtered(&self, who: &Identity, said: Said) -> Result<Said, EdgeError> {
        let filter = self.filters.of(&who.tenant).await;
        Ok(match said {
            Said::Text(text) => Said::Text(filter.apply(who.role, text)?),
            Said::Attached(attachment, Some(text)) => {
                Said::Attached(attachment, Some(filter.apply(who.role, text)?))
            }
            Said::Attached(..) => said,
        })
    }

    /// Where an earlier try of this message lies, when the sender says there was one. Beyond the window in which the
    /// log itself drops repetitions, this is what keeps a message from being stored twice. Takes seconds while the log has
    /// no leader.
    pub(crate) async fn earlier_try(
        &self,
        who: &Identity,
        message: &Outgoing,
    ) -> Result<Option<u64>, EdgeError> {
        let Some(known) = message.known else { return Ok(None) };
        let is_it = |stored: &[u8]| {
            decode_entry(stored).is_ok_and(|entry| {
                entry.id == message.client_id.as_str() && entry.author.id.as_ref() == Some(&who.user_id)
            })
        };
        match self.bus.log().find(&message.channel, known, is_it).await? {
            FindOutcome::Found(seq) => Ok(Some(seq)),
            FindOutcome::Absent => Ok(None),
            FindOutcome::Trimmed => {
                let Some(id) = message.channel.conversation() else { return Ok(None) };
                let tenant = self.store.tenant(&who.tenant).await?;
                let found = tenant.find_message(id, &who.user_id, message.client_id.as_str()).await?;
                Ok(found.map(|(_, seq)| seq))
            }
        }
    }
}

/// What sending into the channel needs.
pub(crate) fn action(channel: &Channel) -> Action {
    match channel {
        Channel::Notes(_) => Action::SendNote,
        _ => Action::SendMessage,
    }
}

fn not_a_conversation() -> EdgeError {
    EdgeError::new(ErrorCode::Invalid, "messages go to conv.<id> or conv.<id>.notes")
}
