//! Many people at once, who talk steadily through whatever happens: each a client that resends, everything recorded.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use confab_client::{ChatClient, ChatEvent, ChatOptions, Credentials, LinkState, Position};
use confab_protocol::{Body, Channel, ConversationId, UserId};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::recorder::Recorder;
use confab_testkit::wait;

/// A message says when it was written, so that whoever gets it knows how long it took.
static BEGINNING: OnceLock<Instant> = OnceLock::new();

fn microseconds() -> u64 {
    let since = BEGINNING.get_or_init(Instant::now).elapsed();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// Everybody, and the tasks that move them.
#[derive(Debug, Default)]
pub struct Crowd {
    /// What they see.
    pub recorder: Recorder,
    members: Vec<Member>,
    tasks: TaskTracker,
    silence: CancellationToken,
}

/// One of them.
#[derive(Debug, Clone)]
pub struct Member {
    /// Who.
    pub id: UserId,
    /// Their client.
    pub client: ChatClient,
    seen: Arc<Mutex<Seen>>,
}

/// What a member saw that is no entry.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// Their conversations.
    pub chats: Vec<ConversationId>,
    /// Times between writing and arrival of what others wrote.
    pub latencies: Vec<Duration>,
    /// Messages that were refused, and other complaints of the hub.
    pub complaints: Vec<String>,
    /// Connections that ended.
    pub interruptions: usize,
    /// Messages written.
    pub written: usize,
    /// Messages acknowledged.
    pub acknowledged: usize,
}

impl Member {
    fn with<T>(&self, change: impl FnOnce(&mut Seen) -> T) -> T {
        change(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What they have seen so far.
    pub fn seen(&self) -> Seen {
        self.with(|seen| seen.clone())
    }

    /// Forgets latencies and complaints, to look at a part of a run alone.
    pub fn look_anew(&self) {
        self.with(|seen| {
            seen.latencies.clear();
            seen.complaints.clear();
            seen.interruptions = 0;
        });
    }

    async fn enter(&self, recorder: &Recorder, conversation: ConversationId) {
        let is_new = self.with(|seen| {
            let is_new = !seen.chats.contains(&conversation);
            is_new.then(|| seen.chats.push(conversation.clone())).is_some()
        });
        if is_new {
            let channel = Channel::Conversation(conversation);
            recorder.follows(self.id.as_str(), &channel);
            let start = Position { seq: 0, epoch: String::new() };
            // Only a client that was stopped refuses, and then everything is over.
            drop(self.client.join(channel, Some(start)).await);
        }
    }

    /// Takes what arrives until the client ends.
    async fn listen(self, mut events: mpsc::Receiver<ChatEvent>, recorder: Recorder) {
        while let Some(event) = events.recv().await {
            recorder.note(self.id.as_str(), &self.id, &event);
            match event {
                ChatEvent::Entry(delivery) => match &delivery.entry.body {
                    Body::NewChat { conversation_id, .. } => {
                        self.enter(&recorder, conversation_id.clone()).await;
                    }
                    Body::Text { text } if delivery.entry.author.id.as_ref() != Some(&self.id) => {
                        let written = text.strip_prefix("at ").and_then(|at| at.parse::<u64>().ok());
                        let took = written.map(|at| microseconds().saturating_sub(at));
                        self.with(|seen| seen.latencies.extend(took.map(Duration::from_micros)));
                    }
                    _ => {}
                },
                ChatEvent::Acked { .. } => self.with(|seen| seen.acknowledged += 1),
                ChatEvent::Refused { code, message, .. } => {
                    self.with(|seen| seen.complaints.push(format!("refused: {message} ({code:?})")));
                }
                ChatEvent::Trouble { channel, code, message } => {
                    let complaint = format!("trouble in {channel:?}: {message} ({code:?})");
                    self.with(|seen| seen.complaints.push(complaint));
                }
                ChatEvent::Link(LinkState::Waiting { .. }) => self.with(|seen| seen.interruptions += 1),
                _ => {}
            }
        }
    }

    /// Writes into each of their conversations in turn, until there is silence.
    async fn talk(self, pause: Duration, silence: CancellationToken) {
        let mut turn = 0;
        loop {
            tokio::select! {
                () = silence.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
            let chat = self.with(|seen| {
                let count = seen.chats.len().max(1);
                turn = (turn + 1) % count;
                seen.chats.get(turn).cloned()
            });
            let Some(chat) = chat else { continue };
            let text = format!("at {}", microseconds());
            if self.client.send(Channel::Conversation(chat), text).await.is_err() {
                return;
            }
            self.with(|seen| seen.written += 1);
        }
    }
}

impl Crowd {
    /// Nobody yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Somebody comes, follows their feed, and enters every conversation they are given. The first of `urls` is
    /// preferred.
    ///
    /// # Panics
    /// When the URLs are none.
    pub async fn add(&mut self, id: &UserId, token: &str, feed: &Channel, urls: Vec<String>) -> Member {
        let credentials = Credentials { token: token.to_owned(), refresh_token: None };
        let mut options = ChatOptions::new(urls[0].clone(), credentials);
        options.urls = urls;
        options.ack_limit = Duration::from_secs(5);
        let (client, events) = ChatClient::start(options).expect("the options are right");
        let start = Position { seq: 0, epoch: String::new() };
        client.join(feed.clone(), Some(start)).await.expect("the client runs");
        let member = Member { id: id.clone(), client, seen: Arc::default() };
        self.tasks.spawn(member.clone().listen(events, self.recorder.clone()));
        self.members.push(member.clone());
        member
    }

    /// A member enters a conversation of which no feed has told them.
    pub async fn enter(&self, member: &Member, conversation: ConversationId) {
        member.enter(&self.recorder, conversation).await;
    }

    /// Everybody writes with such pauses.
    pub fn talk(&self, pause: Duration) {
        for member in &self.members {
            self.talks(member, pause);
        }
    }

    /// One of them writes with such pauses.
    pub fn talks(&self, member: &Member, pause: Duration) {
        self.tasks.spawn(member.clone().talk(pause, self.silence.clone()));
    }

    /// Everybody.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// Nobody writes any more; waits until all that was written is acknowledged and has reached everybody.
    ///
    /// # Panics
    /// When that isn't so within `limit`.
    pub async fn falls_silent(&self, limit: Duration) {
        self.silence.cancel();
        for member in &self.members {
            let what = format!("everything of {} acknowledged", member.id);
            wait::until(&what, limit, || async {
                member.client.pending().await.is_ok_and(|pending| pending.is_empty())
            })
            .await;
        }
        let chats = self.conversations();
        wait::until("everybody equally far in every conversation", limit, || self.are_even(&chats)).await;
    }

    /// Every conversation of everybody.
    pub fn conversations(&self) -> Vec<ConversationId> {
        let mut chats: Vec<_> = self.members.iter().flat_map(|member| member.seen().chats).collect();
        chats.sort();
        chats.dedup();
        chats
    }

    async fn are_even(&self, chats: &[ConversationId]) -> bool {
        for chat in chats {
            let channel = Channel::Conversation(chat.clone());
            let mut reached = Vec::new();
            for member in &self.members {
                if member.with(|seen| seen.chats.contains(chat)) {
                    let position = member.client.position(channel.clone()).await.ok().flatten();
                    reached.push(position.map(|position| position.seq));
                }
            }
            reached.dedup();
            if reached.len() > 1 {
                return false;
            }
        }
        true
    }

    /// Everybody leaves.
    pub async fn goes(&self) {
        self.silence.cancel();
        for member in &self.members {
            member.client.stop().await;
        }
        self.tasks.close();
        self.tasks.wait().await;
    }
}
