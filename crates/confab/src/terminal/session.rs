//! The loop of a terminal session: what the hub says, what the person types, what the script wants.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use confab_client::{ChatClient, ChatEvent, HttpClient, LinkState, Position};
use confab_protocol::api::Availability;
use confab_protocol::frame::{Delivery, JoinedFrame};
use confab_protocol::{Body, Channel, ConversationId, Ephemeral, Member, UserId};
use tokio::sync::mpsc;

use super::Me;
use super::begin::{self, Begun};
use super::input::{Command, Input, Lines};
use super::screen::Screen;
use super::script::{Progress, Standing};

/// How often the script's time is looked at.
const TICK: Duration = Duration::from_millis(100);
/// How long a leaving person waits for their messages to be stored.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// Exit codes besides success and failure.
const EXPECTED_DID_NOT_COME: u8 = 3;
const NOT_STORED: u8 = 4;

/// A session of one person.
pub(super) struct Session {
    pub(super) client: ChatClient,
    events: mpsc::Receiver<ChatEvent>,
    http: HttpClient,
    pub(super) screen: Screen,
    lines: Lines,
    progress: Progress,
    pub(super) me: Me,
    /// The person's conversations; messages go to the last one.
    pub(super) conversations: Vec<ConversationId>,
    /// Conversations that began before this session: what was said in them by then is no news.
    known: HashMap<Channel, Option<u64>>,
    /// Who is in the person's conversations.
    pub(super) members: BTreeMap<Channel, BTreeMap<UserId, Member>>,
    /// Entries still to come of what was missed, by channel: the head, and how many have come.
    missed: HashMap<Channel, (u64, u64)>,
    /// A command that waits until what was written before it is stored, and until when.
    deferred: Option<(Command, Instant)>,
    /// What was last said about the queue: its length for agents, the place in it for customers.
    queue: Option<u64>,
    leaving_at: Option<Instant>,
}

impl Session {
    pub(super) fn new(
        client: ChatClient,
        events: mpsc::Receiver<ChatEvent>,
        http: HttpClient,
        screen: Screen,
        lines: Lines,
        progress: Progress,
        begun: Begun,
    ) -> Self {
        let known = begun.conversations.iter().filter(|(_, before)| *before);
        let known = known.map(|(id, _)| (Channel::Conversation(id.clone()), None)).collect();
        Self {
            client,
            events,
            http,
            screen,
            lines,
            progress,
            me: begun.me,
            conversations: begun.conversations.into_iter().map(|(id, _)| id).collect(),
            known,
            members: BTreeMap::new(),
            missed: HashMap::new(),
            deferred: None,
            queue: None,
            leaving_at: None,
        }
    }

    /// Runs to the end and says how it was.
    pub(super) async fn run(mut self) -> Result<ExitCode> {
        self.join_all().await?;
        let mut ticks = tokio::time::interval(TICK);
        loop {
            self.speak().await?;
            self.carry_out_deferred().await;
            let listens = self.leaving_at.is_none() && self.deferred.is_none();
            let flow = tokio::select! {
                event = self.events.recv() => self.happened(event).await?,
                input = self.lines.next(), if listens => self.typed(input?).await?,
                _ = ticks.tick() => self.look_at_time(),
            };
            if let ControlFlow::Break(code) = flow {
                self.client.stop().await;
                return Ok(code);
            }
        }
    }

    async fn join_all(&mut self) -> Result<()> {
        let feed = Channel::UserFeed(self.me.tenant.clone(), self.me.id.clone());
        self.client.join(feed, None).await?;
        if self.me.role.is_staff() {
            self.client.join(Channel::DeskFeed(self.me.tenant.clone()), None).await?;
            self.http().await?.set_availability(Availability::Online).await.context("you can't go online")?;
            self.screen.notice("you are online and take conversations; /help lists the commands");
        }
        for id in self.conversations.clone() {
            self.follow(&id).await?;
        }
        Ok(())
    }

    /// The HTTP API with the token in use now.
    pub(super) async fn http(&self) -> Result<HttpClient> {
        Ok(self.http.with_token(self.client.credentials().await?.token))
    }

    /// Follows a conversation from its start, and its notes when the person may see them.
    pub(super) async fn follow(&mut self, id: &ConversationId) -> Result<()> {
        let start = || Some(Position { seq: 0, epoch: String::new() });
        self.client.join(Channel::Conversation(id.clone()), start()).await?;
        if self.me.role.is_staff() {
            self.client.join(Channel::Notes(id.clone()), start()).await?;
        }
        Ok(())
    }

    /// Where messages go.
    pub(super) fn current(&self) -> Option<&ConversationId> {
        self.conversations.last()
    }

    /// Sends what the script has to say, once there is a conversation to say it in.
    async fn speak(&mut self) -> Result<()> {
        while let Some(id) = self.current().cloned() {
            let Some(text) = self.progress.take_next() else { break };
            self.say(Channel::Conversation(id), text).await?;
        }
        Ok(())
    }

    pub(super) async fn say(&mut self, channel: Channel, text: String) -> Result<()> {
        let id = self.client.send(channel, text).await?;
        self.progress.sent(id);
        Ok(())
    }

    async fn typed(&mut self, input: Option<Input>) -> Result<ControlFlow<ExitCode>> {
        match input {
            None | Some(Input::Quit) => self.leaving_at = Some(Instant::now() + LAST_WORDS),
            Some(Input::Unknown(problem)) => self.screen.problem(&problem),
            Some(Input::Command(command)) => self.deferred = Some((command, Instant::now() + LAST_WORDS)),
            Some(Input::Text(text)) => match self.current().cloned() {
                Some(id) => self.say(Channel::Conversation(id), text).await?,
                None => self.screen.problem("there is no conversation yet; /queue shows who waits"),
            },
        }
        Ok(ControlFlow::Continue(()))
    }

    /// What was written before a command comes before it.
    async fn carry_out_deferred(&mut self) {
        let all_stored = self.progress.unconfirmed() == 0;
        let due = self.deferred.take_if(|(_, limit)| all_stored || *limit <= Instant::now());
        if let Some((command, _)) = due
            && let Err(error) = self.carry_out(command).await
        {
            self.screen.problem(&format!("{error:#}"));
        }
    }

    fn look_at_time(&mut self) -> ControlFlow<ExitCode> {
        let now = Instant::now();
        if let Some(limit) = self.leaving_at
            && (self.progress.unconfirmed() == 0 || limit <= now)
        {
            let lost = self.progress.unconfirmed() > 0 || self.progress.any_refused();
            return ControlFlow::Break(if lost { ExitCode::from(NOT_STORED) } else { ExitCode::SUCCESS });
        }
        match self.progress.standing(now) {
            Standing::Open => ControlFlow::Continue(()),
            Standing::Done => ControlFlow::Break(ExitCode::SUCCESS),
            Standing::Missing => {
                self.screen.problem(&format!("did not come: {}", self.progress.missing().join(" | ")));
                ControlFlow::Break(ExitCode::from(EXPECTED_DID_NOT_COME))
            }
            Standing::Unsent => {
                self.screen.problem("not everything was stored");
                ControlFlow::Break(ExitCode::from(NOT_STORED))
            }
        }
    }

    async fn happened(&mut self, event: Option<ChatEvent>) -> Result<ControlFlow<ExitCode>> {
        let Some(event) = event else { return Ok(ControlFlow::Break(ExitCode::FAILURE)) };
        if self.is_worth_a_line(&event) {
            self.screen.event(&event, self.place_of(&event));
        }
        match event {
            ChatEvent::Link(LinkState::Stopped { .. }) => return Ok(ControlFlow::Break(ExitCode::FAILURE)),
            ChatEvent::Joined { frame, resumed, behind } => {
                let is_feed = matches!(frame.channel, Channel::UserFeed(..));
                self.joined(*frame, resumed, behind);
                if is_feed {
                    self.take_up_held().await?;
                }
            }
            ChatEvent::Entry(delivery) => self.delivered(delivery).await?,
            ChatEvent::History { items, .. } => {
                for item in items {
                    self.seen(item.entry.author.id.as_ref(), &item.entry.body);
                }
            }
            ChatEvent::Event { channel, event } => self.note_member(channel, *event),
            ChatEvent::Acked { client_id, .. } => self.progress.confirmed(&client_id),
            ChatEvent::Refused { client_id, .. } => self.progress.refused(&client_id),
            _ => {}
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Presence and the queue are told when they change, not each time they are renewed, and never oneself.
    fn is_worth_a_line(&mut self, event: &ChatEvent) -> bool {
        let ChatEvent::Event { channel, event } = event else { return true };
        let is_here = |member: &Member| {
            self.members.get(channel).is_some_and(|members| members.contains_key(&member.id))
        };
        match event.as_ref() {
            Ephemeral::UserOnline { member, viewing, .. } => {
                member.id != self.me.id && (*viewing || !is_here(member))
            }
            Ephemeral::UserOffline { member, .. } | Ephemeral::TypingStart { member, .. } => {
                member.id != self.me.id
            }
            Ephemeral::QueuePosition { position, .. } => {
                self.queue.replace(u64::from(*position)) != Some(u64::from(*position))
            }
            Ephemeral::QueueSnapshot(snapshot) => {
                self.queue.replace(snapshot.length) != Some(snapshot.length)
            }
            _ => true,
        }
    }

    /// The conversation an event belongs to, when there is more than one to belong to.
    fn place_of<'a>(&self, event: &'a ChatEvent) -> Option<&'a ConversationId> {
        let channel = match event {
            ChatEvent::Entry(delivery) => &delivery.channel,
            ChatEvent::History { channel, .. } => channel,
            _ => return None,
        };
        channel.conversation().filter(|_| self.me.role.is_staff())
    }

    fn joined(&mut self, frame: JoinedFrame, resumed: bool, behind: bool) {
        let channel = frame.channel;
        if let Some(head) = self.known.get_mut(&channel) {
            head.get_or_insert(frame.head);
        }
        let members = frame.members.into_iter().map(|member| (member.id.clone(), member)).collect();
        self.members.insert(channel.clone(), members);
        if resumed && matches!(channel, Channel::Conversation(_)) {
            if behind {
                self.missed.insert(channel, (frame.head, 0));
            } else {
                self.screen.notice("resumed, nothing missed");
            }
        }
    }

    async fn delivered(&mut self, delivery: Delivery) -> Result<()> {
        let Delivery { channel, seq, entry, .. } = delivery;
        if let Some((head, count)) = self.missed.get_mut(&channel) {
            *count += 1;
            if seq >= *head {
                self.screen.notice(&format!("resumed, {count} missed and shown"));
                self.missed.remove(&channel);
            }
        }
        let is_news = self.known.get(&channel).is_none_or(|head| head.is_some_and(|head| seq > head));
        if is_news {
            self.seen(entry.author.id.as_ref(), &entry.body);
        }
        match entry.body {
            Body::NewChat { conversation_id, .. } => self.take_up(conversation_id).await?,
            Body::ChatRemoved { conversation_id, .. } if self.me.role.is_staff() => {
                self.let_go(&conversation_id).await?;
            }
            _ if matches!(channel, Channel::Conversation(_)) => self.client.read(channel, seq).await?,
            _ => {}
        }
        Ok(())
    }

    fn seen(&mut self, author: Option<&UserId>, body: &Body) {
        if author != Some(&self.me.id)
            && let Some(text) = body.text()
        {
            self.progress.seen(text);
        }
    }

    async fn take_up(&mut self, id: ConversationId) -> Result<()> {
        if self.conversations.contains(&id) {
            return Ok(());
        }
        self.follow(&id).await?;
        // A person goes on writing where they write; whoever has nothing to do begins here.
        if self.conversations.is_empty() || self.progress.is_scripted() {
            self.conversations.push(id);
        } else {
            self.conversations.insert(0, id);
        }
        Ok(())
    }

    /// Conversations that were given to the agent while nobody told them.
    async fn take_up_held(&mut self) -> Result<()> {
        if !self.me.role.is_staff() {
            return Ok(());
        }
        match begin::held_by(&self.http().await?).await {
            Ok(held) => {
                for id in held {
                    self.take_up(id).await?;
                }
            }
            Err(error) => self.screen.problem(&format!("{error:#}")),
        }
        Ok(())
    }

    async fn let_go(&mut self, id: &ConversationId) -> Result<()> {
        self.conversations.retain(|held| held != id);
        for channel in [Channel::Conversation(id.clone()), Channel::Notes(id.clone())] {
            self.members.remove(&channel);
            self.client.leave(channel).await?;
        }
        Ok(())
    }

    fn note_member(&mut self, channel: Channel, event: Ephemeral) {
        match event {
            Ephemeral::UserOnline { member, .. } => {
                self.members.entry(channel).or_default().insert(member.id.clone(), member);
            }
            Ephemeral::UserOffline { member, .. } => {
                if let Some(members) = self.members.get_mut(&channel) {
                    members.remove(&member.id);
                }
            }
            _ => {}
        }
    }
}
