//! One room: one subscription, its followers, and the place in the log up to which they have everything.
//!
//! The room never shows an entry before those that precede it: what an entry's `prev` says was missed is fetched from
//! the log first. When that is impossible everybody is told to `resync`; nobody gets a part.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use confab_bus::{BusError, ChannelEvent, ChannelSubscription, LiveEntry, Replay, Stored};
use confab_protocol::codec::{decode_ephemeral, encode_ephemeral};
use confab_protocol::ephemeral::Watermark;
use confab_protocol::{
    Channel, ConversationId, Ephemeral, ErrorCode, JoinedFrame, Member, ServerFrame, UserId,
};
use confab_telemetry::metrics::{DELIVERY_LATENCY, GAPS_FILLED, GAPS_FOUND, RESUMES, SUBSCRIPTIONS};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};

use super::delivery::{self, Encoded, Glimpse};
use super::member::Members;
use super::{Follower, FollowerId, JoinRequest, Shared};
use crate::error::EdgeError;
use crate::outbox::{Outgoing, Position};

/// How often a room with people from other nodes looks whether those nodes live.
const NODE_CHECK: Duration = Duration::from_secs(5);

/// How long a gap is tried to be filled, which takes as long as an election in NATS; then followers are told to resync.
/// That they are only when nothing else helps: history is written by several workers, so its newest end may have holes for
/// as long as the log is in trouble.
const GAP_PATIENCE: Duration = Duration::from_secs(45);
/// Pauses between the first attempts to fill a gap or to read what somebody missed; the last of them goes on.
const GAP_RETRIES: [Duration; 6] = [
    Duration::from_millis(0),
    Duration::from_millis(50),
    Duration::from_millis(200),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
];

/// What a room can be told.
pub(super) enum RoomCommand {
    /// Begin to deliver.
    Join(Box<(Follower, JoinRequest)>),
    /// Stop delivering.
    Leave(FollowerId),
    /// The follower's screen shows the conversation or not.
    View(FollowerId, bool),
}

enum RoomEvent {
    Command(RoomCommand),
    Live(ChannelEvent),
    SubscriptionEnded,
    TimeOfGraceOver,
    NodeCheckDue,
    Unused,
}

struct Place {
    follower: Follower,
    /// Entries up to this sequence are with the follower.
    cursor: u64,
}

/// What a room needs to live; there from the first join on.
struct Link {
    subscription: ChannelSubscription,
    epoch: Arc<str>,
    /// Everybody in the room has all entries up to this sequence.
    last: u64,
}

pub(super) struct Room {
    hub: Arc<Shared>,
    channel: Arc<Channel>,
    conversation: Option<ConversationId>,
    link: Option<Link>,
    places: Vec<Place>,
    catching_up: HashSet<FollowerId>,
    members: Members,
    watermarks: HashMap<UserId, Watermark>,
    empty_since: Option<Instant>,
    next_node_check: Instant,
    /// For those who join again at the end of a long catch-up.
    commands: mpsc::WeakSender<RoomCommand>,
}

impl Room {
    pub(super) fn new(hub: Arc<Shared>, channel: Channel, commands: mpsc::WeakSender<RoomCommand>) -> Self {
        let conversation = match &channel {
            Channel::Conversation(id) => Some(id.clone()),
            _ => None,
        };
        Self {
            hub,
            channel: Arc::new(channel),
            conversation,
            link: None,
            places: Vec::new(),
            catching_up: HashSet::new(),
            members: Members::default(),
            watermarks: HashMap::new(),
            empty_since: Some(Instant::now()),
            next_node_check: Instant::now() + NODE_CHECK,
            commands,
        }
    }

    /// Lives until nobody has followed for the time of grace, or the node stops. Returns the commands that came too
    /// late, and the conversation whose status it watched.
    pub(super) async fn run(
        mut self,
        mut commands: mpsc::Receiver<RoomCommand>,
    ) -> (mpsc::Receiver<RoomCommand>, Option<ConversationId>) {
        loop {
            // Boxed what is seldom done, so that it takes no room in the many rooms in which nothing happens.
            match self.next_event(&mut commands).await {
                RoomEvent::Command(RoomCommand::Join(joining)) => Box::pin(self.join(joining)).await,
                RoomEvent::Command(RoomCommand::Leave(id)) => self.remove(id),
                RoomEvent::Command(RoomCommand::View(id, on)) => Box::pin(self.view(id, on)).await,
                RoomEvent::Live(ChannelEvent::Entry(entry)) if self.is_next(&entry) => {
                    self.deliver(entry.seq, entry.prev, &entry.payload);
                }
                RoomEvent::Live(ChannelEvent::Entry(entry)) => Box::pin(self.out_of_order(entry)).await,
                RoomEvent::Live(ChannelEvent::Ephemeral(event)) => Box::pin(self.ephemeral(event)).await,
                RoomEvent::SubscriptionEnded => self.everybody_resync("the subscription ended"),
                RoomEvent::Live(ChannelEvent::Reconnected) => Box::pin(self.look_for_missed()).await,
                RoomEvent::TimeOfGraceOver => Box::pin(self.announce_gone()).await,
                RoomEvent::NodeCheckDue => self.check_nodes(),
                RoomEvent::Unused => break,
            }
        }
        commands.close();
        Box::pin(self.announce_everybody_gone()).await;
        if self.link.is_some() {
            metrics::gauge!(SUBSCRIPTIONS).decrement(1);
        }
        (commands, self.conversation)
    }

    async fn next_event(&mut self, commands: &mut mpsc::Receiver<RoomCommand>) -> RoomEvent {
        let grace = self.grace();
        let unused_at = self.empty_since.map(|since| since + grace);
        let watches_nodes = !self.members.nobody_elsewhere(&self.hub.node);
        let next_gone = self.members.next_gone();
        let link = &mut self.link;
        tokio::select! {
            biased;
            () = self.hub.stop.cancelled() => RoomEvent::Unused,
            live = async { match link { Some(link) => link.subscription.next().await, None => std::future::pending().await } } => {
                live.map_or(RoomEvent::SubscriptionEnded, RoomEvent::Live)
            }
            Some(command) = commands.recv() => RoomEvent::Command(command),
            () = until(next_gone) => RoomEvent::TimeOfGraceOver,
            () = until(unused_at) => RoomEvent::Unused,
            () = until(watches_nodes.then_some(self.next_node_check)) => RoomEvent::NodeCheckDue,
        }
    }

    fn grace(&self) -> Duration {
        Duration::from_secs(self.hub.config.session.presence_grace_seconds)
    }

    async fn join(&mut self, joining: Box<(Follower, JoinRequest)>) {
        let (follower, request) = *joining;
        if request.continued && !self.catching_up.remove(&follower.id) {
            return; // It left while it was catching up.
        }
        let reference = request.reference;
        let (outbox, codec) = (follower.outbox.clone(), follower.codec);
        if let Err(error) = self.try_join(follower, request).await {
            delivery::refuse(&outbox, codec, reference, &self.channel, &error);
        }
        self.note_emptiness();
    }

    async fn try_join(&mut self, follower: Follower, request: JoinRequest) -> Result<(), EdgeError> {
        self.open(&follower).await?;
        let epoch: Arc<str> = self.hub.bus.log().epoch(&self.channel).await?.as_str().into();
        let epoch_fits = request.after.unwrap_or(0) == 0 || request.epoch.as_deref() == Some(&*epoch);
        let missed = if epoch_fits { self.missed(request.after).await? } else { None };
        let Some((missed, head)) = missed else {
            metrics::counter!(RESUMES, "outcome" => "resync").increment(1);
            self.remove(follower.id);
            let channel = (*self.channel).clone();
            let frame =
                ServerFrame::Resync { reference: request.reference, channel, epoch: epoch.to_string() };
            delivery::push(&follower.outbox, follower.codec, &frame);
            return Ok(());
        };
        if let Some(link) = &mut self.link
            && self.places.is_empty()
        {
            link.last = link.last.max(head);
            link.epoch = Arc::clone(&epoch);
        }
        if !request.continued {
            self.answer(&follower, request.reference, &epoch, head);
        }
        if missed.len() > follower.outbox.free_frames() / 2 {
            self.start_catch_up(follower, missed, epoch, request.reference);
            return Ok(());
        }
        if request.after.is_some() && !request.continued {
            metrics::counter!(RESUMES, "outcome" => "complete").increment(1);
        }
        let arrived = Instant::now();
        for entry in &missed {
            push_stored(&follower, &self.channel, &epoch, entry, arrived);
        }
        self.enter(follower, head).await;
        Ok(())
    }

    /// Subscribes, at the first join; what comes from then on waits in the subscription until the log has been asked.
    async fn open(&mut self, first: &Follower) -> Result<(), EdgeError> {
        if self.link.is_some() {
            return Ok(());
        }
        let subscription = self.hub.bus.log().subscribe_both(&self.channel).await?;
        metrics::gauge!(SUBSCRIPTIONS).increment(1);
        self.link = Some(Link { subscription, epoch: "".into(), last: 0 });
        if let Some(id) = &self.conversation {
            let stored = self.hub.recall(&first.tenant, id).await;
            self.watermarks = stored.into_iter().map(|mark| (mark.user_id.clone(), mark)).collect();
            self.announce(&Ephemeral::PresenceQuery { node: self.hub.node.clone() }).await;
        }
        Ok(())
    }

    /// The entries after `after` and the sequence they end at; `None` when they can't be had whole. At least as far as
    /// the room is: in a cluster the replica that answers may lag behind what has been delivered.
    async fn missed(&self, after: Option<u64>) -> Result<Option<(Vec<Stored>, u64)>, EdgeError> {
        let log = self.hub.bus.log();
        let limit = self.hub.config.limits.replay_max_entries;
        let last = if self.places.is_empty() { 0 } else { self.link.as_ref().map_or(0, |link| link.last) };
        for pause in GAP_RETRIES {
            tokio::time::sleep(pause).await;
            let (entries, head) = match after {
                None => (Vec::new(), log.head(&self.channel).await?),
                Some(after) => match log.replay(&self.channel, after, limit).await? {
                    Replay::Trimmed => return Ok(None),
                    Replay::Complete(entries) => {
                        let head = entries.last().map_or(after, |entry| entry.seq);
                        (entries, head)
                    }
                },
            };
            if head >= last {
                return Ok(Some((entries, head)));
            }
        }
        Err(EdgeError::new(ErrorCode::Unavailable, "the copies of the log do not agree yet; join again"))
    }

    fn answer(&self, follower: &Follower, reference: u64, epoch: &Arc<str>, head: u64) {
        let frame = JoinedFrame {
            reference,
            channel: (*self.channel).clone(),
            epoch: epoch.to_string(),
            head,
            receipts: self.watermarks.values().cloned().collect(),
            members: self.members.everybody(),
        };
        delivery::push(&follower.outbox, follower.codec, &ServerFrame::Joined(frame));
    }

    /// Feeds a long backlog to the follower at its own pace, outside the room, and lets it join again at the end of it.
    fn start_catch_up(&mut self, follower: Follower, missed: Vec<Stored>, epoch: Arc<str>, reference: u64) {
        self.remove(follower.id);
        self.catching_up.insert(follower.id);
        let (channel, back) = (Arc::clone(&self.channel), self.commands.clone());
        self.hub.tasks.spawn(async move {
            let arrived = Instant::now();
            let mut after = None;
            for entry in &missed {
                follower.outbox.ready_for(2).await;
                if !push_stored(&follower, &channel, &epoch, entry, arrived) {
                    return;
                }
                after = Some(entry.seq);
            }
            // Only now: what is in the outbox must be on its way before the rest is added.
            let request = JoinRequest { reference, after, epoch: Some(epoch.to_string()), continued: true };
            if let Some(room) = back.upgrade() {
                let _ = room.send(RoomCommand::Join(Box::new((follower, request)))).await;
            }
        });
    }

    async fn enter(&mut self, follower: Follower, cursor: u64) {
        self.places.retain(|place| place.follower.id != follower.id);
        if self.conversation.is_some() && self.members.arrived(follower.id, follower.who.clone()) {
            let node = self.hub.node.clone();
            self.announce(&Ephemeral::UserOnline { member: follower.who.clone(), node, viewing: false })
                .await;
        }
        self.places.push(Place { follower, cursor });
    }

    fn remove(&mut self, id: FollowerId) {
        self.catching_up.remove(&id);
        self.places.retain(|place| place.follower.id != id);
        self.members.left(id, self.grace());
        self.note_emptiness();
    }

    fn note_emptiness(&mut self) {
        let empty = self.places.is_empty() && self.catching_up.is_empty();
        self.empty_since = match (empty, self.empty_since) {
            (false, _) => None,
            (true, since) => since.or_else(|| Some(Instant::now())),
        };
    }

    fn is_next(&self, entry: &LiveEntry) -> bool {
        self.link.as_ref().is_some_and(|link| entry.seq > link.last && entry.prev <= link.last)
    }

    async fn out_of_order(&mut self, entry: LiveEntry) {
        let Some(link) = &self.link else { return };
        if entry.seq <= link.last {
            self.check_epoch().await;
            return;
        }
        if !self.fill_gap().await {
            return;
        }
        if self.link.as_ref().is_some_and(|link| entry.seq > link.last) {
            self.deliver(entry.seq, entry.prev, &entry.payload);
        }
    }

    /// Sequences that stand still or go back are repetitions, or the log is another one.
    async fn check_epoch(&mut self) {
        let now = self.hub.bus.log().epoch(&self.channel).await;
        let known = self.link.as_ref().map(|link| Arc::clone(&link.epoch));
        if now.is_ok_and(|now| known.is_some_and(|known| *known != *now.as_str())) {
            self.everybody_resync("the log is a new one");
        }
    }

    /// After an interruption of the link entries may be missing though none has come to show it.
    async fn look_for_missed(&mut self) {
        if self.places.is_empty() {
            return;
        }
        self.check_epoch().await;
        if !self.places.is_empty() {
            self.fill_gap().await;
        }
    }

    /// Fetches and delivers what the log has after the room's last entry. `false` when that was impossible and
    /// everybody was told to resync.
    async fn fill_gap(&mut self) -> bool {
        let Some(link) = &self.link else { return false };
        let (last, limit) = (link.last, self.hub.config.limits.replay_max_entries);
        metrics::counter!(GAPS_FOUND).increment(1);
        let (begun, stop) = (Instant::now(), self.hub.stop.clone());
        let pauses = GAP_RETRIES.into_iter().chain(std::iter::repeat(GAP_RETRIES[GAP_RETRIES.len() - 1]));
        for pause in pauses.take_while(|_| begun.elapsed() < GAP_PATIENCE && !stop.is_cancelled()) {
            tokio::time::sleep(pause).await;
            match self.hub.bus.log().replay(&self.channel, last, limit).await {
                Ok(Replay::Complete(entries)) => {
                    metrics::counter!(GAPS_FILLED).increment(1);
                    for entry in entries {
                        self.deliver(entry.seq, entry.prev, &entry.payload);
                    }
                    return true;
                }
                Ok(Replay::Trimmed) => break,
                Err(error) => tracing::warn!(channel = %self.channel, %error, "a gap can't be filled yet"),
            }
        }
        self.everybody_resync("a gap could not be filled");
        false
    }

    /// Hands an entry to everybody who does not have it.
    fn deliver(&mut self, seq: u64, prev: u64, stored: &Bytes) {
        let Some(link) = &mut self.link else { return };
        link.last = seq;
        let glimpse = Glimpse::of(stored);
        if let (Some(id), Some(closed)) = (&self.conversation, glimpse.as_ref().and_then(Glimpse::closes)) {
            self.hub.set_closed(id, closed);
        }
        let arrived = Instant::now();
        let accepted_at = glimpse.as_ref().map(|glimpse| glimpse.at);
        if let Some(glimpse) = &glimpse {
            let age = glimpse.age(self.hub.clock.now());
            metrics::histogram!(DELIVERY_LATENCY, "stage" => "republished").record(age);
        }
        let mut encoded =
            Encoded::new(|codec: confab_protocol::Codec| codec.delivery(&self.channel, seq, prev, stored));
        let mut slow = Vec::new();
        for place in self.places.iter_mut().filter(|place| place.cursor < seq) {
            match encoded.form(place.follower.codec) {
                Ok(frame) => {
                    place.cursor = seq;
                    let outbox = &place.follower.outbox;
                    let (channel, epoch) = (Arc::clone(&self.channel), Arc::clone(&link.epoch));
                    let position = Position { channel, seq, epoch, arrived, accepted_at };
                    if !delivery::push_entry(outbox, frame, position) {
                        slow.push(place.follower.id);
                    }
                }
                Err(error) => {
                    tracing::error!(channel = %self.channel, seq, %error, "a stored entry can't be read");
                }
            }
        }
        for id in slow {
            self.remove(id);
        }
    }

    fn everybody_resync(&mut self, reason: &str) {
        tracing::warn!(channel = %self.channel, reason, "followers are told to resync");
        let epoch = self.link.as_ref().map_or_else(String::new, |link| link.epoch.to_string());
        let frame = ServerFrame::Resync { reference: 0, channel: (*self.channel).clone(), epoch };
        for place in std::mem::take(&mut self.places) {
            metrics::counter!(RESUMES, "outcome" => "resync").increment(1);
            delivery::push(&place.follower.outbox, place.follower.codec, &frame);
            self.members.left(place.follower.id, Duration::ZERO);
        }
        // The next join begins with a new subscription and a new place in the log.
        if self.link.take().is_some() {
            metrics::gauge!(SUBSCRIPTIONS).decrement(1);
        }
        self.note_emptiness();
    }

    async fn ephemeral(&mut self, encoded: Bytes) {
        let event = match decode_ephemeral(&encoded) {
            Ok(event) => event,
            Err(error) => {
                tracing::warn!(channel = %self.channel, %error, "an unreadable ephemeral event");
                return;
            }
        };
        let is_news = match &event {
            Ephemeral::PresenceQuery { node } => {
                if *node != self.hub.node {
                    self.announce_people_here().await;
                }
                false
            }
            Ephemeral::UserOnline { member, node, viewing } => {
                self.hub.nodes.heard(node);
                self.members.announced(member, node, *viewing)
            }
            Ephemeral::UserOffline { member, node } => self.members.withdrawn(&member.id, node),
            Ephemeral::Receipt(mark) => {
                let known = self.watermarks.entry(mark.user_id.clone()).or_insert_with(|| mark.clone());
                known.merge(mark);
                true
            }
            _ => true,
        };
        if is_news {
            self.forward(&encoded);
        }
    }

    fn forward(&mut self, event: &Bytes) {
        let mut encoded = Encoded::new(|codec: confab_protocol::Codec| codec.event(&self.channel, event));
        for place in &self.places {
            if let Ok(frame) = encoded.form(place.follower.codec) {
                place.follower.outbox.push(Outgoing { frame, position: None });
            }
        }
    }

    async fn view(&mut self, id: FollowerId, on: bool) {
        if let Some((member, viewing)) = self.members.views(id, on) {
            let node = self.hub.node.clone();
            self.announce(&Ephemeral::UserOnline { member, node, viewing }).await;
        }
    }

    async fn announce_people_here(&self) {
        for (member, viewing) in self.members.people_here() {
            let node = self.hub.node.clone();
            self.announce(&Ephemeral::UserOnline { member, node, viewing }).await;
        }
    }

    async fn announce_gone(&mut self) {
        for member in self.members.gone(Instant::now()) {
            self.announce_offline(member).await;
        }
    }

    async fn announce_everybody_gone(&mut self) {
        let far_future = Instant::now() + Duration::from_hours(1);
        for member in self.members.gone(far_future) {
            self.announce_offline(member).await;
        }
    }

    async fn announce_offline(&self, member: Member) {
        let node = self.hub.node.clone();
        self.announce(&Ephemeral::UserOffline { member, node }).await;
    }

    /// Presence need not arrive: a failure is made good by the next announcement.
    async fn announce(&self, event: &Ephemeral) {
        let publish = self.hub.bus.publish_ephemeral(&self.channel, encode_ephemeral(event).into());
        let published: Result<Result<(), BusError>, _> = timeout(Duration::from_secs(1), publish).await;
        if !matches!(published, Ok(Ok(()))) {
            tracing::debug!(channel = %self.channel, "presence was not announced");
        }
    }

    fn check_nodes(&mut self) {
        self.next_node_check = Instant::now() + NODE_CHECK;
        for (member, node) in self.members.lost_with(&self.hub.nodes, &self.hub.node) {
            if self.members.withdrawn(&member.id, &node) {
                let event = encode_ephemeral(&Ephemeral::UserOffline { member, node });
                self.forward(&event.into());
            }
        }
    }
}

fn push_stored(
    follower: &Follower,
    channel: &Arc<Channel>,
    epoch: &Arc<str>,
    entry: &Stored,
    arrived: Instant,
) -> bool {
    match follower.codec.delivery(channel, entry.seq, entry.prev, &entry.payload) {
        Ok(frame) => {
            let (channel, epoch) = (Arc::clone(channel), Arc::clone(epoch));
            let position = Position { channel, seq: entry.seq, epoch, arrived, accepted_at: None };
            delivery::push_entry(&follower.outbox, frame.into(), position)
        }
        Err(error) => {
            tracing::error!(%channel, seq = entry.seq, %error, "a stored entry can't be read");
            true
        }
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
