//! Rooms: the channels that somebody on this node follows. A room opens with its first follower and closes some time
//! after its last.

mod delivery;
pub mod measured;
mod member;
mod room;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use confab_bus::Bus;
use confab_config::Config;
use confab_domain::Clock;
use confab_protocol::api::ConversationStatus;
use confab_protocol::codec::encode_ephemeral;
use confab_protocol::ephemeral::Watermark;
use confab_protocol::{Channel, Codec, ConversationId, Ephemeral, ErrorCode, Member, TenantId};
use confab_store::Store;
use confab_telemetry::metrics::ROOMS;
use dashmap::DashMap;
use dashmap::mapref::entry::Entry as MapEntry;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::access::STORE_PATIENCE;
use crate::error::EdgeError;
use crate::identity::Identity;
use crate::outbox::Outbox;

pub(crate) use member::Nodes;
use room::{Room, RoomCommand};

/// Highest sequence that a client can have seen: as many messages as no log ever holds, and a number in every language.
const MAX_SEQUENCE: u64 = (1 << 53) - 1;

/// Commands that may wait for a room. A full room makes those who join wait, not the node.
const ROOM_COMMANDS: usize = 64;

/// How long a room may take to take a command before the caller is told to try again.
const ROOM_PATIENCE: Duration = Duration::from_secs(10);

/// All rooms of this node.
#[derive(Clone)]
pub(crate) struct Hub(Arc<Shared>);

/// What rooms need of the node.
pub(crate) struct HubDeps {
    pub(crate) config: Arc<Config>,
    pub(crate) bus: Bus,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) node: String,
    pub(crate) nodes: Nodes,
}

pub(crate) struct Shared {
    deps: HubDeps,
    pub(crate) stop: CancellationToken,
    rooms: DashMap<Channel, RoomHandle>,
    closed: DashMap<ConversationId, bool>,
    next_follower: AtomicU64,
    tasks: TaskTracker,
}

#[derive(Clone)]
struct RoomHandle {
    commands: mpsc::Sender<RoomCommand>,
}

/// Identifies one follower on this node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct FollowerId(u64);

impl std::fmt::Display for FollowerId {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}", self.0)
    }
}

/// Where a client wants to begin.
#[derive(Debug, Clone)]
pub(crate) struct JoinRequest {
    /// Comes back in the answer.
    pub(crate) reference: u64,
    /// Last sequence the client has.
    pub(crate) after: Option<u64>,
    /// The epoch it belongs to.
    pub(crate) epoch: Option<String>,
    /// Whether the answer has been given already and this is the end of a long catch-up.
    pub(crate) continued: bool,
}

/// One client's connection, as rooms see it.
#[derive(Debug, Clone)]
pub(crate) struct Follower {
    pub(crate) id: FollowerId,
    pub(crate) tenant: TenantId,
    pub(crate) who: Member,
    pub(crate) codec: Codec,
    pub(crate) outbox: Outbox,
}

impl Hub {
    pub(crate) fn new(deps: HubDeps, tasks: TaskTracker, stop: CancellationToken) -> Self {
        Self(Arc::new(Shared {
            deps,
            stop,
            rooms: DashMap::new(),
            closed: DashMap::new(),
            next_follower: AtomicU64::new(1),
            tasks,
        }))
    }

    /// A new follower's id.
    pub(crate) fn follower_id(&self) -> FollowerId {
        FollowerId(self.0.next_follower.fetch_add(1, Ordering::Relaxed))
    }

    /// Begins, or begins again, to deliver the channel to the follower. The answer, `joined` or `resync` or `error`,
    /// goes into the follower's outbox, followed by what was missed. The caller has checked access.
    pub(crate) async fn join(
        &self,
        channel: &Channel,
        follower: Follower,
        request: JoinRequest,
    ) -> Result<(), EdgeError> {
        let mut command = RoomCommand::Join(Box::new((follower, request)));
        loop {
            let room = self.room(channel);
            match room.commands.send_timeout(command, ROOM_PATIENCE).await {
                Ok(()) => return Ok(()),
                // The room closed between the look-up and the send: the next look-up opens a new one.
                Err(mpsc::error::SendTimeoutError::Closed(unsent)) => command = unsent,
                Err(mpsc::error::SendTimeoutError::Timeout(_)) => {
                    return Err(EdgeError::new(ErrorCode::Unavailable, "the channel is too busy; try again"));
                }
            }
        }
    }

    /// Stops delivering the channel to the follower.
    pub(crate) async fn leave(&self, channel: &Channel, follower: FollowerId) {
        self.tell(channel, RoomCommand::Leave(follower)).await;
    }

    /// The follower's screen shows the conversation, or no longer does.
    pub(crate) async fn view(&self, channel: &Channel, follower: FollowerId, on: bool) {
        self.tell(channel, RoomCommand::View(follower, on)).await;
    }

    async fn tell(&self, channel: &Channel, command: RoomCommand) {
        let room = self.0.rooms.get(channel).map(|room| room.commands.clone());
        if let Some(commands) = room {
            // A room that has just closed has nobody to be told about; one that stays full for so long is ending.
            let _ = commands.send_timeout(command, ROOM_PATIENCE).await;
        }
    }

    /// Tells everybody in the conversation that this person types, or has stopped.
    pub(crate) async fn typing(&self, who: &Identity, channel: &Channel, on: bool) -> Result<(), EdgeError> {
        let member = who.member();
        let expires_ms = self.0.config.session.typing_expires_ms;
        let event =
            if on { Ephemeral::TypingStart { member, expires_ms } } else { Ephemeral::TypingStop { member } };
        self.announce(channel, &event).await
    }

    /// Tells everybody in the conversation, and the database, how far this person has got.
    pub(crate) async fn receipt(
        &self,
        who: &Identity,
        conversation: &ConversationId,
        delivered: Option<u64>,
        read: Option<u64>,
    ) -> Result<(), EdgeError> {
        let read = read.unwrap_or(0);
        if read.max(delivered.unwrap_or(0)) > MAX_SEQUENCE {
            let message = format!("delivered and read are sequences of entries, at most {MAX_SEQUENCE}");
            return Err(EdgeError::new(ErrorCode::Invalid, message));
        }
        let watermark =
            Watermark { user_id: who.user_id.clone(), delivered: delivered.unwrap_or(0).max(read), read };
        let payload = Bytes::from(encode_ephemeral(&Ephemeral::Receipt(watermark)));
        let channel = Channel::Conversation(conversation.clone());
        self.0.bus.publish_ephemeral(&channel, payload.clone()).await?;
        Ok(self.0.bus.publish_receipt(&who.tenant, conversation, payload).await?)
    }

    async fn announce(&self, channel: &Channel, event: &Ephemeral) -> Result<(), EdgeError> {
        Ok(self.0.bus.publish_ephemeral(channel, encode_ephemeral(event).into()).await?)
    }

    /// Whether the conversation has ended, as its room on this node knows; `None` when there is no such room.
    pub(crate) fn is_closed(&self, conversation: &ConversationId) -> Option<bool> {
        self.0.closed.get(conversation).map(|closed| *closed)
    }

    fn room(&self, channel: &Channel) -> RoomHandle {
        match self.0.rooms.entry(channel.clone()) {
            MapEntry::Occupied(room) if !room.get().commands.is_closed() => room.get().clone(),
            MapEntry::Occupied(mut room) => {
                let handle = self.open(channel);
                room.insert(handle.clone());
                handle
            }
            MapEntry::Vacant(place) => {
                let handle = self.open(channel);
                place.insert(handle.clone());
                handle
            }
        }
    }

    fn open(&self, channel: &Channel) -> RoomHandle {
        let (commands, receiver) = mpsc::channel(ROOM_COMMANDS);
        metrics::gauge!(ROOMS).increment(1);
        let room = Room::new(Arc::clone(&self.0), channel.clone(), commands.downgrade());
        let hub = self.clone();
        let channel = channel.clone();
        self.0.tasks.spawn(async move {
            let (mut late, conversation) = room.run(receiver).await;
            metrics::gauge!(ROOMS).decrement(1);
            hub.0.rooms.remove_if(&channel, |_, handle| handle.commands.is_closed());
            if let Some(id) = conversation.filter(|_| !hub.0.rooms.contains_key(&channel)) {
                hub.0.closed.remove(&id);
            }
            // Those who came while it was closing get a new room.
            while let Some(command) = late.recv().await {
                if let RoomCommand::Join(joining) = command {
                    let (follower, request) = *joining;
                    let reference = request.reference;
                    let outbox = follower.outbox.clone();
                    let codec = follower.codec;
                    if let Err(error) = hub.join(&channel, follower, request).await {
                        delivery::refuse(&outbox, codec, reference, &channel, &error);
                    }
                }
            }
        });
        RoomHandle { commands }
    }
}

impl std::ops::Deref for Shared {
    type Target = HubDeps;
    fn deref(&self) -> &HubDeps {
        &self.deps
    }
}

impl Shared {
    pub(crate) fn set_closed(&self, conversation: &ConversationId, closed: bool) {
        self.closed.insert(conversation.clone(), closed);
    }

    /// What the database knows of a conversation that a room opens for: whether it has ended, and the watermarks.
    /// When it does not answer soon, the conversation counts as open and the watermarks come with the next receipts.
    pub(crate) async fn recall(&self, tenant: &TenantId, id: &ConversationId) -> Vec<Watermark> {
        let read = async {
            let tenant = self.store.tenant(tenant).await?;
            let conversation = tenant.conversation(id).await?;
            let receipts = tenant.receipts(id).await?;
            Ok::<_, confab_store::StoreError>((conversation, receipts))
        };
        match tokio::time::timeout(STORE_PATIENCE, read).await {
            Ok(Ok((conversation, receipts))) => {
                if let Some(conversation) = conversation {
                    self.set_closed(id, conversation.status == ConversationStatus::Closed);
                }
                receipts
            }
            Ok(Err(error)) => {
                tracing::debug!(%error, "a room opens without what the database knows");
                Vec::new()
            }
            Err(_) => Vec::new(),
        }
    }
}
