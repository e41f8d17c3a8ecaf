//! What a history can violate, put so that a person knows where to look.

use std::fmt;

use super::history::{Message, Name, Place};

/// A broken promise of the hub.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Violation {
    /// A message exists and never reached somebody who follows its channel.
    LostToParticipant {
        /// Who misses it.
        participant: Name,
        /// The message.
        message: Message,
        /// Its sequence.
        seq: u64,
        /// Whether its author was told that it is stored.
        acked: bool,
    },
    /// A message lies in its channel twice.
    Doubled {
        /// The message.
        message: Message,
        /// Where it lies.
        places: Vec<Place>,
    },
    /// An entry reached one participant twice.
    DeliveredTwice {
        /// Who.
        participant: Name,
        /// The message.
        message: Message,
        /// Its sequence.
        seq: u64,
    },
    /// An entry reached a participant after one that lies behind it.
    Reordered {
        /// Who.
        participant: Name,
        /// The message that came late.
        message: Message,
        /// Its sequence.
        seq: u64,
        /// The sequence that had come before it.
        behind: u64,
    },
    /// Two witnesses name different messages for one place.
    Disagreement {
        /// The place.
        place: Place,
        /// What the first of them saw there.
        one: Message,
        /// What the other saw there.
        other: Message,
        /// The other: a participant, the log or the database.
        witness: Name,
    },
    /// An entry reached somebody who never followed its channel.
    Uninvited {
        /// Who.
        participant: Name,
        /// The message.
        message: Message,
    },
    /// An author was told that a message is stored, and the log does not have it.
    AckedNotInLog {
        /// The message.
        message: Message,
        /// The sequence that was named.
        seq: u64,
    },
    /// An author was told another sequence than the message has.
    AckedElsewhere {
        /// The message.
        message: Message,
        /// The sequence that was named.
        said: u64,
        /// The sequence it has.
        seq: u64,
    },
    /// A message exists, and the database does not have it.
    MissingInStore {
        /// The message.
        message: Message,
        /// Its sequence.
        seq: u64,
    },
    /// A message has more rows in the database than it has places in the log.
    DoubledInStore {
        /// The message.
        message: Message,
        /// Its rows.
        places: Vec<Place>,
    },
    /// One version of a conversation belongs to two agents.
    DoubleClaim {
        /// The conversation.
        conversation: Name,
        /// The version.
        version: u64,
        /// Who claims it; empty for nobody.
        agents: Vec<Name>,
    },
    /// An agent has more conversations than they can have.
    CapacityExceeded {
        /// The agent.
        agent: Name,
        /// The version of them in which it was so.
        version: u64,
        /// Conversations they have.
        active: u32,
        /// Conversations they can have.
        capacity: u32,
    },
    /// An agent's count differs from the conversations that name them.
    SlotsMiscounted {
        /// The agent.
        agent: Name,
        /// What the agent's record says.
        says: u32,
        /// The active conversations that name them.
        holds: u32,
    },
}

impl fmt::Display for Message {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let author = if self.author.is_empty() { "the hub" } else { &self.author };
        write!(out, "{} of {author} in {}", self.entry_id, self.channel)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}@{}", self.seq, self.epoch)
    }
}

fn list<T: ToString>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LostToParticipant { participant, message, seq, acked } => {
                let acked = if *acked { "acknowledged" } else { "unacknowledged" };
                write!(
                    out,
                    "lost: {participant} never got {message}, seq {seq}, {acked}; see what its edge did at the gap before {seq}"
                )
            }
            Self::Doubled { message, places } => write!(
                out,
                "doubled: {message} lies at {}; see whether the resend went past the duplicate window unlooked-for",
                list(places)
            ),
            Self::DeliveredTwice { participant, message, seq } => write!(
                out,
                "delivered twice: {participant} got {message}, seq {seq}, again; see how its edge joined replay and live entries"
            ),
            Self::Reordered { participant, message, seq, behind } => write!(
                out,
                "reordered: {participant} got {message}, seq {seq}, after seq {behind}; see its edge's room at that moment"
            ),
            Self::Disagreement { place, one, other, witness } => write!(
                out,
                "disagreement: {place} is {one} to the first who saw it and {other} to {witness}; see whether one sequence was given twice"
            ),
            Self::Uninvited { participant, message } => write!(
                out,
                "uninvited: {participant} got {message} without following the channel; see who may enter it"
            ),
            Self::AckedNotInLog { message, seq } => write!(
                out,
                "acknowledged and gone: {message}, said to be seq {seq}, is not in the log; see whether it was acknowledged before it was stored"
            ),
            Self::AckedElsewhere { message, said, seq } => write!(
                out,
                "acknowledged elsewhere: {message} has seq {seq}, its author was told {said}; see how the resend was looked up"
            ),
            Self::MissingInStore { message, seq } => write!(
                out,
                "missing in the database: {message}, seq {seq}; see whether the projector acknowledged the batch it failed to write"
            ),
            Self::DoubledInStore { message, places } => write!(
                out,
                "doubled in the database: {message} has rows at {}; see how the projector makes record ids",
                list(places)
            ),
            Self::DoubleClaim { conversation, version, agents } => write!(
                out,
                "claimed twice: version {version} of {conversation} belongs to {}; see the version check of the commit",
                list(agents)
            ),
            Self::CapacityExceeded { agent, version, active, capacity } => write!(
                out,
                "over capacity: {agent} has {active} of {capacity} conversations in version {version}; see who took the slot in it"
            ),
            Self::SlotsMiscounted { agent, says, holds } => write!(
                out,
                "miscounted: {agent} counts {says} conversations and {holds} name them; see which command changed one without the other"
            ),
        }
    }
}
