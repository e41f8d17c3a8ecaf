//! Somebody who uses the hub: a customer or an agent with one device, told what to do and asked what they see.

use std::collections::VecDeque;
use std::time::Duration;

use confab_client::{ChatClient, ChatEvent, ChatOptions, Credentials, HttpClient, LinkState, Position};
use confab_protocol::api::{Availability, ConversationView, Priority, StartRequest, StartResponse};
use confab_protocol::{
    Body, Channel, ClientId, Codec, ConversationId, Delivery, Ephemeral, SystemEvent, TenantId, UserId,
};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::people::Staff;
use crate::recorder::Recorder;
use confab_testkit::wait::SOON;

/// Events kept for a failing test to show.
const SHOWN: usize = 12;

/// A person with one device. What they have seen and nobody has asked for yet is kept.
pub struct Person {
    name: String,
    id: UserId,
    http: HttpClient,
    client: ChatClient,
    events: mpsc::Receiver<ChatEvent>,
    unasked: VecDeque<ChatEvent>,
    entries: Vec<Delivery>,
    recorder: Option<Recorder>,
}

/// How a person connects.
#[derive(Debug, Clone)]
pub struct Device {
    /// Edges, the preferred one first.
    pub urls: Vec<String>,
    /// How frames are written.
    pub codec: Codec,
    /// Where what they see is recorded.
    pub recorder: Option<Recorder>,
}

impl Device {
    /// A device at one edge, with MessagePack, unrecorded.
    pub fn at(url: &str) -> Self {
        Self { urls: vec![url.to_owned()], codec: Codec::MessagePack, recorder: None }
    }

    /// The same with JSON.
    #[must_use]
    pub fn with_json(self) -> Self {
        Self { codec: Codec::Json, ..self }
    }

    /// The same with another edge to turn to.
    #[must_use]
    pub fn or_at(mut self, url: &str) -> Self {
        self.urls.push(url.to_owned());
        self
    }

    /// The same, recorded.
    #[must_use]
    pub fn recorded_by(self, recorder: &Recorder) -> Self {
        Self { recorder: Some(recorder.clone()), ..self }
    }
}

impl Person {
    /// An agent comes, follows their feed and the desk, and takes conversations.
    ///
    /// # Panics
    /// When the hub doesn't let them.
    pub async fn agent(staff: &Staff, tenant: &TenantId, device: Device) -> Self {
        let mut agent = Self::connect(&staff.name, staff.id.clone(), &staff.token, device).await;
        agent.joins(&Channel::UserFeed(tenant.clone(), staff.id.clone())).await;
        agent.joins(&Channel::DeskFeed(tenant.clone())).await;
        agent.says_they_are(Availability::Online).await;
        agent
    }

    /// A customer begins a conversation and follows it from its start.
    ///
    /// # Panics
    /// When the hub doesn't let them.
    pub async fn customer(name: &str, message: &str, tenant: &TenantId, device: Device) -> (Self, Chat) {
        let http = HttpClient::new(&device.urls[0]).expect("an edge's URL");
        let started =
            http.start(&start_request(name, message, tenant)).await.expect("the conversation begins");
        let chat = Chat::of(&started);
        let mut customer = Self::connect(name, started.customer_id, &started.token, device).await;
        customer.joins(&started.feed.parse().expect("a channel")).await;
        customer.joins(&chat.channel()).await;
        (customer, chat)
    }

    /// Anybody with a token connects.
    ///
    /// # Panics
    /// When the hub doesn't let them.
    pub async fn connect(name: &str, id: UserId, token: &str, device: Device) -> Self {
        let http = HttpClient::new(&device.urls[0]).expect("an edge's URL").with_token(token);
        let credentials = Credentials { token: token.to_owned(), refresh_token: None };
        let mut options = ChatOptions::new(device.urls[0].clone(), credentials);
        options.urls.clone_from(&device.urls);
        options.codec = device.codec;
        let (client, events) = ChatClient::start(options).expect("the options are right");
        let mut person = Self {
            name: name.to_owned(),
            id,
            http,
            client,
            events,
            unasked: VecDeque::new(),
            entries: Vec::new(),
            recorder: device.recorder,
        };
        person.is_connected().await;
        person
    }

    /// Their name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Their id.
    pub fn id(&self) -> &UserId {
        &self.id
    }

    /// Their way to the HTTP API.
    pub fn http(&self) -> &HttpClient {
        &self.http
    }

    /// Their client, to be told what this type has no word for.
    pub fn client(&self) -> &ChatClient {
        &self.client
    }

    /// Every entry seen so far, in the order of arrival.
    pub fn entries(&self) -> &[Delivery] {
        &self.entries
    }

    /// The texts of a channel's messages seen so far.
    pub fn texts_in(&self, channel: &Channel) -> Vec<&str> {
        let here = self.entries.iter().filter(|delivery| delivery.channel == *channel);
        here.filter(|delivery| delivery.entry.body.is_message())
            .filter_map(|delivery| delivery.entry.body.text())
            .collect()
    }

    /// Follows a channel from its beginning and waits until the hub says so.
    ///
    /// # Panics
    /// When it doesn't.
    pub async fn joins(&mut self, channel: &Channel) {
        if let Some(recorder) = &self.recorder
            && channel.conversation().is_some()
        {
            recorder.follows(&self.name, channel);
        }
        let start = Position { seq: 0, epoch: String::new() };
        self.client.join(channel.clone(), Some(start)).await.expect("the client runs");
        self.sees("the channel joined", |event| match event {
            ChatEvent::Joined { frame, .. } if frame.channel == *channel => Some(()),
            ChatEvent::Trouble { channel: Some(refused), message, .. } if refused == channel => {
                panic!("the hub refuses {channel}: {message}")
            }
            _ => None,
        })
        .await;
    }

    /// Follows a channel from the entry they had last, and waits until the hub says that it can go on from there.
    ///
    /// # Panics
    /// When it can't.
    pub async fn comes_back(&mut self, channel: &Channel, seq: u64, epoch: &str) {
        let last = Position { seq, epoch: epoch.to_owned() };
        self.client.join(channel.clone(), Some(last)).await.expect("the client runs");
        let now = self
            .sees("the channel joined", |event| match event {
                ChatEvent::Joined { frame, .. } if frame.channel == *channel => Some(frame.epoch.clone()),
                _ => None,
            })
            .await;
        assert_eq!(now, epoch, "sequences of before mean nothing any longer");
    }

    /// Writes and goes on; the hub's answer is awaited by [`Person::is_told_that_it_is_stored`].
    ///
    /// # Panics
    /// When the client has stopped.
    pub async fn says(&mut self, channel: &Channel, text: &str) -> ClientId {
        self.client.send(channel.clone(), text).await.expect("the client runs")
    }

    /// Writes and waits until it is stored. Answers with the sequence.
    ///
    /// # Panics
    /// When it isn't.
    pub async fn says_for_certain(&mut self, channel: &Channel, text: &str) -> u64 {
        let id = self.says(channel, text).await;
        self.is_told_that_it_is_stored(&id).await
    }

    /// Waits for the acknowledgement of a message. Answers with the sequence.
    ///
    /// # Panics
    /// When none comes.
    pub async fn is_told_that_it_is_stored(&mut self, id: &ClientId) -> u64 {
        self.sees("the acknowledgement", |event| match event {
            ChatEvent::Acked { client_id, seq, .. } if client_id == id => Some(*seq),
            ChatEvent::Refused { client_id, code, message, .. } if client_id == id => {
                panic!("the message was refused: {message} ({code:?})")
            }
            _ => None,
        })
        .await
    }

    /// Waits until a message with this text arrives. Answers with the sequence.
    ///
    /// # Panics
    /// When none does.
    pub async fn hears(&mut self, text: &str) -> u64 {
        self.sees(text, |event| match event {
            ChatEvent::Entry(delivery) if delivery.entry.body.text() == Some(text) => Some(delivery.seq),
            ChatEvent::History { items, .. } => {
                items.iter().find(|item| item.entry.body.text() == Some(text)).map(|item| item.seq)
            }
            _ => None,
        })
        .await
    }

    /// Waits for a step in the life of a conversation.
    ///
    /// # Panics
    /// When it isn't taken.
    pub async fn sees_step(&mut self, step: SystemEvent) {
        self.sees(&format!("{step:?}"), |event| {
            matches!(event, ChatEvent::Entry(delivery)
                if matches!(&delivery.entry.body, Body::System { event, .. } if *event == step))
            .then_some(())
        })
        .await;
    }

    /// Waits until they are given a conversation.
    ///
    /// # Panics
    /// When they aren't.
    pub async fn is_given_a_chat(&mut self) -> Chat {
        self.sees_entry("a new chat", |body| match body {
            Body::NewChat { conversation_id, .. } => Some(Chat { id: conversation_id.clone() }),
            _ => None,
        })
        .await
    }

    /// Waits until this conversation is given to them. Answers with its state.
    ///
    /// # Panics
    /// When it isn't.
    pub async fn is_given(&mut self, chat: &Chat) -> ConversationView {
        self.sees_entry("the chat given", |body| match body {
            Body::NewChat { conversation, .. } if conversation.id == chat.id => Some(conversation.clone()),
            _ => None,
        })
        .await
    }

    /// Waits until this conversation is taken from them.
    ///
    /// # Panics
    /// When it isn't.
    pub async fn loses(&mut self, chat: &Chat) {
        self.sees_entry("the chat removed", |body| match body {
            Body::ChatRemoved { conversation_id, .. } if *conversation_id == chat.id => Some(()),
            _ => None,
        })
        .await;
    }

    /// Waits for an entry.
    ///
    /// # Panics
    /// When none comes that fits.
    pub async fn sees_entry<T>(&mut self, what: &str, mut pick: impl FnMut(&Body) -> Option<T>) -> T {
        self.sees(what, |event| match event {
            ChatEvent::Entry(delivery) => pick(&delivery.entry.body),
            _ => None,
        })
        .await
    }

    /// Waits for something that is not stored.
    ///
    /// # Panics
    /// When none comes that fits.
    pub async fn notices<T>(&mut self, what: &str, mut pick: impl FnMut(&Ephemeral) -> Option<T>) -> T {
        self.sees(what, |event| match event {
            ChatEvent::Event { event, .. } => pick(event),
            _ => None,
        })
        .await
    }

    /// Waits until the link to an edge stands. Answers with the edge's name.
    ///
    /// # Panics
    /// When it doesn't.
    pub async fn is_connected(&mut self) -> String {
        self.sees("a connection", |event| match event {
            ChatEvent::Link(LinkState::Connected(welcome)) => Some(welcome.node.clone()),
            ChatEvent::Link(LinkState::Stopped { reason }) => panic!("the client gave up: {reason}"),
            _ => None,
        })
        .await
    }

    /// Waits until the link ends. Answers with the close code.
    ///
    /// # Panics
    /// When it doesn't.
    pub async fn is_cut_off(&mut self) -> Option<u16> {
        self.sees("the end of the connection", |event| match event {
            ChatEvent::Link(LinkState::Waiting { code, .. }) => Some(*code),
            _ => None,
        })
        .await
    }

    /// Waits for an event that `pick` takes, among those that nobody asked for first.
    ///
    /// # Panics
    /// When none comes in time; shows what came instead.
    pub async fn sees<T>(&mut self, what: &str, mut pick: impl FnMut(&ChatEvent) -> Option<T>) -> T {
        let found = self.unasked.iter().enumerate().find_map(|(at, event)| Some((at, pick(event)?)));
        if let Some((at, found)) = found {
            self.unasked.remove(at);
            return found;
        }
        let search = async {
            loop {
                let event = self.events.recv().await?;
                self.keep_entry(&event);
                if let Some(found) = pick(&event) {
                    return Some(found);
                }
                self.unasked.push_back(event);
            }
        };
        // The search borrows all of this person, so the complaint is made afterwards.
        let found = timeout(SOON, search).await;
        match found {
            Ok(Some(found)) => found,
            other => {
                let last: Vec<_> = self.unasked.iter().rev().take(SHOWN).collect();
                let end = if other.is_ok() { "the client stopped" } else { "nothing came" };
                panic!("{} waits in vain for {what}: {end}; the last seen first: {last:#?}", self.name);
            }
        }
    }

    /// Takes what arrives for so long, without waiting for anything.
    pub async fn looks_on(&mut self, time: Duration) {
        let look = async {
            while let Some(event) = self.events.recv().await {
                self.keep_entry(&event);
                self.unasked.push_back(event);
            }
        };
        drop(timeout(time, look).await);
    }

    fn keep_entry(&mut self, event: &ChatEvent) {
        if let ChatEvent::Entry(delivery) = event {
            self.entries.push(delivery.clone());
        }
        if let Some(recorder) = &self.recorder {
            recorder.note(&self.name, &self.id, event);
        }
    }

    /// Says whether they take conversations.
    ///
    /// # Panics
    /// When the hub refuses.
    pub async fn says_they_are(&self, availability: Availability) {
        self.http.set_availability(availability).await.expect("the hub takes the availability");
    }

    /// Takes a waiting conversation.
    ///
    /// # Panics
    /// When the hub refuses.
    pub async fn accepts(&self, chat: &Chat) -> ConversationView {
        self.http.accept(&chat.id).await.expect("the hub gives the conversation")
    }

    /// Ends a conversation.
    ///
    /// # Panics
    /// When the hub refuses.
    pub async fn closes(&self, chat: &Chat) -> ConversationView {
        self.http.close(&chat.id).await.expect("the hub closes the conversation")
    }

    /// Leaves for good.
    pub async fn goes(self) {
        self.client.stop().await;
    }
}

/// A conversation, as a test speaks of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chat {
    /// Its id.
    pub id: ConversationId,
}

impl Chat {
    /// The conversation that was started.
    pub fn of(started: &StartResponse) -> Self {
        Self { id: started.conversation_id.clone() }
    }

    /// Where messages go.
    pub fn channel(&self) -> Channel {
        Channel::Conversation(self.id.clone())
    }

    /// Where private notes go.
    pub fn notes(&self) -> Channel {
        Channel::Notes(self.id.clone())
    }
}

/// The usual start of a conversation.
pub fn start_request(name: &str, message: &str, tenant: &TenantId) -> StartRequest {
    StartRequest {
        details: None,
        tenant: Some(tenant.clone()),
        issue_type: "PAYMENT_STALLED".to_owned(),
        message: message.to_owned(),
        client_id: None,
        name: Some(name.to_owned()),
        team: None,
        priority: Priority::Medium,
        ticket_id: None,
    }
}
