//! Who of this process is in which room. The first one in brings the room's subscription, the last one out ends it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use async_nats::{Client, Subscriber};
use bytes::Bytes;
use futures::StreamExt as _;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Subjects of messages as they are written.
pub(crate) const ALL_WRITTEN: &str = "in.>";
/// Subjects of messages as they are shown, once they are stored.
pub(crate) const ALL_LIVE: &str = "live.>";

/// Where messages of a room are written.
pub(crate) fn written(room: &str) -> String {
    ["in.", room].concat()
}

/// Where messages of a room appear.
fn live(room: &str) -> String {
    ["live.", room].concat()
}

/// A connection as rooms see it.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) outbox: mpsc::Sender<Bytes>,
    /// Cancelled when the connection is too slow.
    pub(crate) cut: CancellationToken,
}

type Members = Arc<Mutex<Vec<Member>>>;

#[derive(Debug)]
struct Room {
    members: Members,
    stop: CancellationToken,
}

/// The rooms in which somebody of this process is.
#[derive(Debug)]
pub(crate) struct Rooms {
    client: Client,
    tasks: TaskTracker,
    occupied: Mutex<HashMap<String, Room>>,
}

impl Rooms {
    pub(crate) fn new(client: Client, tasks: TaskTracker) -> Self {
        Self { client, tasks, occupied: Mutex::default() }
    }

    /// Adds a member, and subscribes when it is the first.
    pub(crate) async fn join(&self, name: &str, member: Member) -> Result<()> {
        let created = {
            let mut rooms = lock(&self.occupied);
            if let Some(room) = rooms.get(name) {
                lock(&room.members).push(member);
                return Ok(());
            }
            let room = Room { members: Arc::new(Mutex::new(vec![member])), stop: CancellationToken::new() };
            let created = (Arc::clone(&room.members), room.stop.clone());
            rooms.insert(name.to_owned(), room);
            created
        };
        let subscriber = self.client.subscribe(live(name)).await?;
        self.client.flush().await?;
        let (members, stop) = created;
        self.tasks.spawn(relay(subscriber, members, stop));
        Ok(())
    }

    /// Takes a member out.
    pub(crate) fn leave(&self, name: &str, member: &Member) {
        let mut rooms = lock(&self.occupied);
        let Some(room) = rooms.get(name) else { return };
        let mut members = lock(&room.members);
        members.retain(|other| !other.outbox.same_channel(&member.outbox));
        if members.is_empty() {
            room.stop.cancel();
            drop(members);
            rooms.remove(name);
        }
    }
}

async fn relay(mut subscriber: Subscriber, members: Members, stop: CancellationToken) {
    loop {
        let message = tokio::select! {
            () = stop.cancelled() => return,
            message = subscriber.next() => message,
        };
        let Some(message) = message else { return };
        for member in lock(&members).iter() {
            if member.outbox.try_send(message.payload.clone()).is_err() {
                member.cut.cancel();
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
