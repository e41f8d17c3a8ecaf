//! What was recorded of a run: by clients as they acted, and from the log, the database and the records afterwards.

use std::sync::Arc;

/// A name that many records share: of a channel, a person, an entry, an epoch.
pub type Name = Arc<str>;

/// What identifies a message wherever it lies: nobody gives two messages of one channel the same id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Message {
    /// Its channel.
    pub channel: Name,
    /// Who wrote it; empty for the hub itself.
    pub author: Name,
    /// The author's own id of it.
    pub entry_id: Name,
}

/// Where a message lies in its channel.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The log that gave the sequence.
    pub epoch: Name,
    /// The sequence.
    pub seq: u64,
}

/// One thing that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// From here on a participant is owed everything behind `after` in the channel.
    ///
    /// A participant is a client with a memory: one that forgets what it has received, as a page does when it is
    /// reloaded, goes on under another name.
    Followed {
        /// Who.
        participant: Name,
        /// What.
        channel: Name,
        /// Epoch of `after`.
        epoch: Name,
        /// The last sequence that is not owed; 0 for everything.
        after: u64,
    },
    /// A participant is owed nothing behind the last entry that reached it until here.
    Left {
        /// Who.
        participant: Name,
        /// What.
        channel: Name,
    },
    /// A participant was told that it can't get what it missed up to `upto`, nor what other epochs hold.
    Resync {
        /// Who.
        participant: Name,
        /// What.
        channel: Name,
        /// The epoch it goes on in.
        epoch: Name,
        /// The last sequence that is no longer owed.
        upto: u64,
    },
    /// An author was told that the message is stored.
    Acked {
        /// The message.
        message: Message,
        /// The sequence that was named.
        seq: u64,
    },
    /// An entry reached a participant. The records of one participant stand in the order of arrival.
    Delivered {
        /// Who received it.
        participant: Name,
        /// What.
        message: Message,
        /// Where it lay.
        place: Place,
    },
    /// An entry was found in the log afterwards.
    Logged {
        /// What.
        message: Message,
        /// Where.
        place: Place,
    },
    /// A row was found in the database afterwards.
    Stored {
        /// What.
        message: Message,
        /// Where.
        place: Place,
    },
    /// Somebody saw a conversation's agent, or that it has none.
    AssignmentSeen {
        /// The conversation.
        conversation: Name,
        /// The version of it that was seen.
        version: u64,
        /// Who has it in this version.
        agent: Option<Name>,
    },
    /// Somebody saw how much an agent carries.
    AgentSeen {
        /// The agent.
        agent: Name,
        /// The version of them that was seen.
        version: u64,
        /// Conversations they have.
        active: u32,
        /// Conversations they can have.
        capacity: u32,
    },
}

/// What the records are complete in, so that something absent from them is a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Complete {
    /// Every entry of every channel's log is in the records.
    pub log: bool,
    /// Every row of the database is in the records.
    pub store: bool,
    /// The last version of every conversation and agent is in the records.
    pub state: bool,
}

/// A recorded run.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// What was seen. Only the order of one participant's records counts.
    pub records: Vec<Record>,
    /// What the records are complete in.
    pub complete: Complete,
}

impl History {
    /// Nothing seen yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what was seen last.
    pub fn push(&mut self, record: Record) {
        self.records.push(record);
    }
}

impl Extend<Record> for History {
    fn extend<T: IntoIterator<Item = Record>>(&mut self, records: T) {
        self.records.extend(records);
    }
}
