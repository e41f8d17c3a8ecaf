//! Records what clients see, adds what log and database hold afterwards, and judges it by the domain's invariants.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use confab_bus::{Bus, Replay};
use confab_client::ChatEvent;
use confab_domain::invariants::{self, History, Message, Name, Place, Record, Violation};
use confab_protocol::api::ConversationStatus;
use confab_protocol::codec::decode_entry;
use confab_protocol::{Author, Channel, ConversationId, Entry, UserId};
use confab_store::TenantStore;

/// Entries of one channel that are read back at most.
const REPLAY_LIMIT: usize = 1_000_000;
/// Rows of one page of history.
const PAGE: u32 = 500;
/// Violations that are put into words; the first few say what is wrong.
const SHOWN: usize = 20;

/// A history in the making. Cheap to clone; clones record the same run.
#[derive(Debug, Clone, Default)]
pub struct Recorder(Arc<Mutex<Records>>);

#[derive(Debug, Default)]
struct Records {
    history: History,
    names: HashMap<String, Name>,
    epochs: HashMap<(Name, Name), Name>,
}

impl Records {
    fn name(&mut self, text: &str) -> Name {
        if let Some(name) = self.names.get(text) {
            return name.clone();
        }
        let name: Name = text.into();
        self.names.insert(text.to_owned(), name.clone());
        name
    }

    fn message(&mut self, channel: &Channel, author: Option<&UserId>, entry_id: &str) -> Message {
        Message {
            channel: self.name(&channel.to_string()),
            author: self.name(author.map_or("", UserId::as_str)),
            entry_id: entry_id.into(),
        }
    }

    fn place(&mut self, epoch: &str, seq: u64) -> Place {
        Place { epoch: self.name(epoch), seq }
    }

    fn delivered(&mut self, participant: &Name, channel: &Channel, epoch: &str, seq: u64, entry: &Entry) {
        let message = self.message(channel, author_id(&entry.author), &entry.id);
        let place = self.place(epoch, seq);
        let participant = participant.clone();
        self.history.push(Record::Delivered { participant, message, place });
    }
}

fn author_id(author: &Author) -> Option<&UserId> {
    author.id.as_ref()
}

impl Recorder {
    fn with<T>(&self, change: impl FnOnce(&mut Records) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on the participant is owed the whole channel.
    pub fn follows(&self, participant: &str, channel: &Channel) {
        self.with(|records| {
            let (participant, channel) = (records.name(participant), records.name(&channel.to_string()));
            let epoch = records.name("");
            records.history.push(Record::Followed { participant, channel, epoch, after: 0 });
        });
    }

    /// The participant is owed nothing more of the channel.
    pub fn left(&self, participant: &str, channel: &Channel) {
        self.with(|records| {
            let (participant, channel) = (records.name(participant), records.name(&channel.to_string()));
            records.history.push(Record::Left { participant, channel });
        });
    }

    /// A participant got an entry.
    pub fn delivered(&self, participant: &str, channel: &Channel, epoch: &str, seq: u64, entry: &Entry) {
        self.with(|records| {
            let participant = records.name(participant);
            records.delivered(&participant, channel, epoch, seq, entry);
        });
    }

    /// An author was told that their message is stored.
    pub fn acked(&self, author: &UserId, channel: &Channel, entry_id: &str, seq: u64) {
        self.with(|records| {
            let message = records.message(channel, Some(author), entry_id);
            records.history.push(Record::Acked { message, seq });
        });
    }

    /// Records what a client of `author` said of conversations; `participant` names the device.
    pub fn note(&self, participant: &str, author: &UserId, event: &ChatEvent) {
        self.with(|records| {
            let participant = records.name(participant);
            match event {
                ChatEvent::Joined { frame, .. } => {
                    let key = (participant, records.name(&frame.channel.to_string()));
                    let epoch = records.name(&frame.epoch);
                    records.epochs.insert(key, epoch);
                }
                ChatEvent::Entry(delivery) if delivery.channel.conversation().is_some() => {
                    let key = (participant.clone(), records.name(&delivery.channel.to_string()));
                    let epoch = records.epochs.get(&key).cloned().unwrap_or_else(|| "".into());
                    records.delivered(&participant, &delivery.channel, &epoch, delivery.seq, &delivery.entry);
                }
                ChatEvent::History { channel, items, .. } => {
                    for item in items {
                        records.delivered(&participant, channel, &item.epoch, item.seq, &item.entry);
                    }
                }
                ChatEvent::Acked { channel, client_id, seq, .. } => {
                    let message = records.message(channel, Some(author), client_id.as_str());
                    records.history.push(Record::Acked { message, seq: *seq });
                }
                _ => {}
            }
        });
    }

    /// Somebody was told who has a conversation.
    pub fn assignment(&self, conversation: &ConversationId, version: u64, agent: Option<&UserId>) {
        self.with(|records| {
            let conversation = records.name(conversation.as_str());
            let agent = agent.map(|agent| records.name(agent.as_str()));
            records.history.push(Record::AssignmentSeen { conversation, version, agent });
        });
    }

    /// Reads back everything the log holds of these conversations, private notes included.
    ///
    /// # Panics
    /// When the log doesn't have all of it.
    pub async fn read_log(&self, bus: &Bus, conversations: &[ConversationId]) {
        let log = bus.log();
        for id in conversations {
            for channel in [Channel::Conversation(id.clone()), Channel::Notes(id.clone())] {
                let epoch = log.epoch(&channel).await.expect("the log has an epoch");
                let replay = log.replay(&channel, 0, REPLAY_LIMIT).await.expect("the log answers");
                let Replay::Complete(entries) = replay else { panic!("the log of {channel} was trimmed") };
                for stored in entries {
                    let entry = decode_entry(&stored.payload).expect("the log holds entries");
                    self.with(|records| {
                        let message = records.message(&channel, author_id(&entry.author), &entry.id);
                        let place = records.place(epoch.as_str(), stored.seq);
                        records.history.push(Record::Logged { message, place });
                    });
                }
            }
        }
        self.with(|records| records.history.complete.log = true);
    }

    /// Reads back everything the database holds of these conversations.
    ///
    /// # Panics
    /// When the database doesn't answer.
    pub async fn read_store(&self, store: &TenantStore, conversations: &[ConversationId]) {
        for id in conversations {
            let mut before: Option<String> = None;
            loop {
                let page =
                    store.history(id, before.as_deref(), PAGE, true).await.expect("the history is read");
                for stored in &page.items {
                    let channel = if stored.note {
                        Channel::Notes(id.clone())
                    } else {
                        Channel::Conversation(id.clone())
                    };
                    self.with(|records| {
                        let author = author_id(&stored.entry.author);
                        let message = records.message(&channel, author, &stored.entry.id);
                        let place = records.place(&stored.epoch, stored.seq);
                        records.history.push(Record::Stored { message, place });
                    });
                }
                before = page.before;
                if before.is_none() {
                    break;
                }
            }
        }
        self.with(|records| records.history.complete.store = true);
    }

    /// Reads back who has which of these conversations, and what every agent counts.
    ///
    /// # Panics
    /// When the database doesn't answer.
    pub async fn read_state(&self, store: &TenantStore, conversations: &[ConversationId]) {
        for id in conversations {
            let found = store.conversation(id).await.expect("the conversation is read");
            let Some(conversation) = found else { continue };
            let is_active = conversation.status == ConversationStatus::Active;
            let agent = conversation.agent.as_ref().filter(|_| is_active).map(|agent| &agent.id);
            self.assignment(id, conversation.version, agent);
        }
        for agent in store.agents().await.expect("the agents are read") {
            self.with(|records| {
                let name = records.name(agent.id.as_str());
                let (version, active, capacity) = (agent.version, agent.active, agent.capacity);
                records.history.push(Record::AgentSeen { agent: name, version, active, capacity });
            });
        }
        self.with(|records| records.history.complete.state = true);
    }

    /// A copy of everything recorded so far.
    pub fn history(&self) -> History {
        self.with(|records| records.history.clone())
    }

    /// How many entries reached participants so far.
    pub fn deliveries(&self) -> usize {
        let is_delivery = |record: &&Record| matches!(record, Record::Delivered { .. });
        self.with(|records| records.history.records.iter().filter(is_delivery).count())
    }

    /// How many messages were acknowledged so far.
    pub fn acknowledged(&self) -> usize {
        let is_ack = |record: &&Record| matches!(record, Record::Acked { .. });
        self.with(|records| records.history.records.iter().filter(is_ack).count())
    }

    /// Every promise that was broken.
    pub fn violations(&self) -> Vec<Violation> {
        self.with(|records| invariants::check(&records.history))
    }

    /// Judges the run.
    ///
    /// # Panics
    /// When a promise was broken; says which.
    pub fn assert_kept(&self) {
        let violations = self.violations();
        let shown: Vec<String> = violations.iter().take(SHOWN).map(ToString::to_string).collect();
        assert!(violations.is_empty(), "{} violations, the first:\n{}", violations.len(), shown.join("\n"));
    }
}
