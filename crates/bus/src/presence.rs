//! Presence: one key per user and node that expires unless it is renewed. Its expiry is the event.

use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::header::{NATS_MARKER_REASON, NATS_MESSAGE_TTL};
use bytes::Bytes;
use confab_protocol::{TenantId, UserId};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use crate::ack::Ackable;
use crate::bus::Bus;
use crate::direct::Wanted;
use crate::error::BusError;
use crate::pull::{Delivered, Pulled, Puller};
use crate::subjects::{self, FRESH, PRESENCE};
use crate::work::refuse;

const CONSUMER: &str = "presence";
const AHEAD: usize = 256;
const UNDER_WAY: i64 = 10_000;
/// Renewals under way at one time. Fewer than publishes may be, so that messages always find room.
const RENEWALS: usize = 256;
/// Nodes one user may be on at once, as far as a look-up sees.
const NODES: usize = 256;

/// Keeps and reads presence keys.
#[derive(Debug, Clone)]
pub struct Presence {
    bus: Bus,
}

/// What somebody is, as far as presence goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PresenceKind {
    /// Anybody of the desk.
    Agent,
    /// A customer.
    Customer,
}

impl PresenceKind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Customer => "customer",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "agent" => Some(Self::Agent),
            "customer" => Some(Self::Customer),
            _ => None,
        }
    }
}

/// One user on one node.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PresenceKey {
    /// What they are.
    pub kind: PresenceKind,
    /// Their tenant.
    pub tenant: TenantId,
    /// Who they are.
    pub user: UserId,
    /// The node they are connected to.
    pub node: String,
}

/// A key and how long it is to live from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewal {
    /// The key.
    pub key: PresenceKey,
    /// Its time to live, rounded up to whole seconds, at least one.
    pub ttl: Duration,
    /// Whether the user was not connected to this node before.
    pub fresh: bool,
}

/// What happened to a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PresenceChange {
    /// It was written.
    Seen {
        /// The tenant.
        tenant: TenantId,
        /// The user.
        user: UserId,
        /// The node.
        node: String,
        /// Whether they came, as far as the node knows; else it was renewed or shortened. A reader that was away may
        /// see only a renewal of somebody who came meanwhile.
        fresh: bool,
    },
    /// It expired. The user may still be connected to other nodes.
    Gone {
        /// The tenant.
        tenant: TenantId,
        /// The user.
        user: UserId,
        /// The node.
        node: String,
    },
}

/// The workers' common end of the agents' changes.
#[derive(Debug)]
pub struct PresenceConsumer {
    puller: Puller,
}

/// A change to be dealt with.
#[derive(Debug, Clone)]
pub struct PresenceItem {
    /// What happened.
    pub change: PresenceChange,
    ack: Ackable,
}

impl Bus {
    /// Presence.
    pub fn presence(&self) -> Presence {
        Presence { bus: self.clone() }
    }
}

impl Presence {
    /// Writes one key.
    pub async fn renew(&self, renewal: &Renewal) -> Result<(), BusError> {
        let seconds = renewal.ttl.as_secs() + u64::from(renewal.ttl.subsec_nanos() > 0);
        let mut headers = HeaderMap::new();
        headers.insert(NATS_MESSAGE_TTL, seconds.max(1).to_string());
        if renewal.fresh {
            headers.insert(FRESH, "1");
        }
        self.bus.store(subjects::presence(&renewal.key)?, headers, Bytes::new()).await?;
        Ok(())
    }

    /// Writes many keys, some at a time. The first failure ends it; the keys after it are as they were.
    pub async fn renew_all(&self, renewals: Vec<Renewal>) -> Result<(), BusError> {
        let presence = self.clone();
        stream::iter(renewals)
            .map(move |renewal| {
                let presence = presence.clone();
                async move { presence.renew(&renewal).await }
            })
            .buffer_unordered(RENEWALS)
            .try_collect::<()>()
            .await
    }

    /// Lets a key expire after `ttl`: the user has closed their last connection to the node, but may come back.
    pub async fn shorten(&self, key: &PresenceKey, ttl: Duration) -> Result<(), BusError> {
        self.renew(&Renewal { key: key.clone(), ttl, fresh: false }).await
    }

    /// Whether the user has a living key on any node.
    pub async fn is_connected(
        &self,
        kind: PresenceKind,
        tenant: &TenantId,
        user: &UserId,
    ) -> Result<bool, BusError> {
        let subject = subjects::presence_of(kind, tenant, user);
        let wanted = Wanted::Last { multi_last: [&subject], batch: NODES };
        let keys = self.bus.read_batch(PRESENCE, &wanted).await?;
        Ok(keys.messages.iter().any(|key| key.headers.get(NATS_MARKER_REASON).is_none()))
    }

    /// Begins to take the agents' changes, which all workers share. They come again until they are acknowledged.
    pub async fn watch_agents(&self) -> Result<PresenceConsumer, BusError> {
        let source = Pulled {
            stream: PRESENCE.to_owned(),
            name: CONSUMER,
            filter: subjects::PRESENCE_AGENTS,
            max_deliver: -1,
            max_ack_pending: UNDER_WAY,
            ahead: AHEAD,
        };
        Ok(PresenceConsumer { puller: Puller::open(&self.bus, source).await? })
    }
}

impl PresenceConsumer {
    /// The next change. Safe to cancel.
    pub async fn next(&mut self) -> PresenceItem {
        loop {
            let delivered = self.puller.next().await;
            match PresenceItem::read(&delivered) {
                Some(item) => return item,
                None => refuse(&delivered, "no presence key").await,
            }
        }
    }

    /// Gives back the changes that have arrived but were not taken.
    pub async fn close(self) {
        self.puller.close().await;
    }
}

impl PresenceItem {
    /// Done. Renewals need no more than that; a change comes again should the word be lost.
    pub async fn ack(&self) -> Result<(), BusError> {
        self.ack.ack_unconfirmed().await
    }

    /// Not done; deliver again after `delay`.
    pub async fn nak(&self, delay: Duration) -> Result<(), BusError> {
        self.ack.nak(delay).await
    }

    fn read(delivered: &Delivered) -> Option<Self> {
        let message = &delivered.message;
        let PresenceKey { tenant, user, node, .. } = subjects::parse_presence(&message.subject)?;
        let headers = message.headers.as_ref()?;
        let change = if headers.get(NATS_MARKER_REASON).is_some() {
            PresenceChange::Gone { tenant, user, node }
        } else {
            PresenceChange::Seen { tenant, user, node, fresh: headers.get(FRESH).is_some() }
        };
        Some(Self { change, ack: delivered.ack.clone() })
    }
}
