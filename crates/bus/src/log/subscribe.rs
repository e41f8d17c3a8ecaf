//! Following a channel as its entries are stored.

use async_nats::Subscriber;
use bytes::Bytes;
use confab_protocol::Channel;
use futures::StreamExt as _;
use tokio::sync::watch;

use crate::bus::Bus;
use crate::error::BusError;
use crate::log::{LiveEntry, Log};
use crate::subjects;

/// What a followed channel brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChannelEvent {
    /// An entry that was stored. When its `prev` isn't the last sequence received, something was missed.
    Entry(LiveEntry),
    /// Something that isn't stored.
    Ephemeral(Bytes),
    /// The connection was lost and stands again. Entries of the time between are missing, and no later one may come
    /// to show it: ask the log.
    Reconnected,
}

/// One follower of a channel. Dropping it ends the subscription.
#[derive(Debug)]
pub struct ChannelSubscription {
    entries: Subscriber,
    ephemeral: Option<Subscriber>,
    connections: watch::Receiver<u64>,
}

impl Log {
    /// Follows a channel's entries.
    ///
    /// The server has the subscription before it sees any later request of this node, so a replay asked for
    /// afterwards leaves no hole between the two. Entries written through other servers of a cluster may be missed
    /// for the moment it takes them to learn of the interest; the next entry's `prev` shows it.
    pub async fn subscribe(&self, channel: &Channel) -> Result<ChannelSubscription, BusError> {
        self.bus.follow(channel, false).await
    }

    /// Follows a channel's entries and its ephemeral events with one handle.
    pub async fn subscribe_both(&self, channel: &Channel) -> Result<ChannelSubscription, BusError> {
        self.bus.follow(channel, true).await
    }
}

impl Bus {
    async fn follow(&self, channel: &Channel, with_ephemeral: bool) -> Result<ChannelSubscription, BusError> {
        let mut connections = self.connections();
        connections.mark_unchanged();
        let entries = self.subscribe(subjects::live(channel)).await?;
        let ephemeral =
            if with_ephemeral { Some(self.subscribe(subjects::ephemeral(channel)).await?) } else { None };
        Ok(ChannelSubscription { entries, ephemeral, connections })
    }
}

impl ChannelSubscription {
    /// The next event; `None` when the bus was drained. Safe to cancel: no event is lost.
    pub async fn next(&mut self) -> Option<ChannelEvent> {
        loop {
            tokio::select! {
                biased;
                message = self.entries.next() => {
                    if let Some(entry) = LiveEntry::read(message?) {
                        return Some(ChannelEvent::Entry(entry));
                    }
                    tracing::debug!("a message on a channel that is no entry of the log");
                }
                message = ephemeral(self.ephemeral.as_mut()) => {
                    return Some(ChannelEvent::Ephemeral(message?.payload));
                }
                changed = self.connections.changed() => {
                    changed.ok()?;
                    return Some(ChannelEvent::Reconnected);
                }
            }
        }
    }
}

async fn ephemeral(subscriber: Option<&mut Subscriber>) -> Option<async_nats::Message> {
    match subscriber {
        Some(subscriber) => subscriber.next().await,
        None => std::future::pending().await,
    }
}
