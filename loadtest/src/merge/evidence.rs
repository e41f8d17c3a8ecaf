//! What the clients of one generator saw, message by message: names once, records by their numbers. Joined with what those
//! of others saw, it is judged by the same invariants as a single run.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use confab_domain::invariants::{History, Message, Name, Place, Record};
use serde::{Deserialize, Serialize};

/// What was seen. What concerns agents and their slots is left out: each generator judges that by itself.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Evidence {
    /// Channels, people, clients, epochs.
    names: Vec<String>,
    records: Vec<Seen>,
    /// Whether everything that the log holds of these channels is among the records, and everything of the database.
    has_log: bool,
    has_store: bool,
}

/// Channel, author and id of a message.
type Id = (usize, usize, String);

/// One thing that was seen; numbers without a name of their own are places in `names`.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum Seen {
    /// Followed: participant, channel, epoch, after.
    F(usize, usize, usize, u64),
    /// Left: participant, channel.
    L(usize, usize),
    /// Resynchronised: participant, channel, epoch, up to.
    R(usize, usize, usize, u64),
    /// Acknowledged: message, sequence.
    A(Id, u64),
    /// Delivered: participant, message, epoch, sequence.
    D(usize, Id, usize, u64),
    /// Found in the log: message, epoch, sequence.
    G(Id, usize, u64),
    /// Found in the database: message, epoch, sequence.
    S(Id, usize, u64),
}

#[derive(Default)]
struct Names {
    list: Vec<String>,
    places: HashMap<Name, usize>,
}

impl Names {
    fn of(&mut self, name: &Name) -> usize {
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        self.list.push(name.to_string());
        self.places.insert(name.clone(), self.list.len() - 1);
        self.list.len() - 1
    }

    fn id(&mut self, message: &Message) -> Id {
        (self.of(&message.channel), self.of(&message.author), message.entry_id.to_string())
    }
}

impl Evidence {
    /// The evidence in a history.
    pub(crate) fn of(history: &History) -> Self {
        let mut names = Names::default();
        let mut records = Vec::with_capacity(history.records.len());
        for record in &history.records {
            records.push(match record {
                Record::Followed { participant, channel, epoch, after } => {
                    Seen::F(names.of(participant), names.of(channel), names.of(epoch), *after)
                }
                Record::Left { participant, channel } => Seen::L(names.of(participant), names.of(channel)),
                Record::Resync { participant, channel, epoch, upto } => {
                    Seen::R(names.of(participant), names.of(channel), names.of(epoch), *upto)
                }
                Record::Acked { message, seq } => Seen::A(names.id(message), *seq),
                Record::Delivered { participant, message, place } => {
                    Seen::D(names.of(participant), names.id(message), names.of(&place.epoch), place.seq)
                }
                Record::Logged { message, place } => {
                    Seen::G(names.id(message), names.of(&place.epoch), place.seq)
                }
                Record::Stored { message, place } => {
                    Seen::S(names.id(message), names.of(&place.epoch), place.seq)
                }
                Record::AssignmentSeen { .. } | Record::AgentSeen { .. } => continue,
            });
        }
        let (has_log, has_store) = (history.complete.log, history.complete.store);
        Self { names: names.list, records, has_log, has_store }
    }

    /// Adds it to a history, participants by names that tell them from those of other generators.
    pub(crate) fn add_to(&self, history: &mut History, generator: &str) -> Result<()> {
        let names: Vec<Name> = self.names.iter().map(|name| Name::from(name.as_str())).collect();
        let mut participants: HashMap<usize, Name> = HashMap::new();
        let name = |place: usize| names.get(place).cloned().context("the evidence names nobody");
        let mut participant = |place: usize| {
            if let Some(known) = participants.get(&place) {
                return Ok(known.clone());
            }
            let distinct = Name::from(format!("{generator}/{}", name(place)?));
            participants.insert(place, distinct.clone());
            anyhow::Ok(distinct)
        };
        let message = |(channel, author, entry_id): &Id| {
            let entry_id = Name::from(entry_id.as_str());
            anyhow::Ok(Message { channel: name(*channel)?, author: name(*author)?, entry_id })
        };
        let place = |epoch: usize, seq: u64| anyhow::Ok(Place { epoch: name(epoch)?, seq });
        for seen in &self.records {
            history.push(match seen {
                Seen::F(who, channel, epoch, after) => Record::Followed {
                    participant: participant(*who)?,
                    channel: name(*channel)?,
                    epoch: name(*epoch)?,
                    after: *after,
                },
                Seen::L(who, channel) => {
                    Record::Left { participant: participant(*who)?, channel: name(*channel)? }
                }
                Seen::R(who, channel, epoch, upto) => Record::Resync {
                    participant: participant(*who)?,
                    channel: name(*channel)?,
                    epoch: name(*epoch)?,
                    upto: *upto,
                },
                Seen::A(id, seq) => Record::Acked { message: message(id)?, seq: *seq },
                Seen::D(who, id, epoch, seq) => Record::Delivered {
                    participant: participant(*who)?,
                    message: message(id)?,
                    place: place(*epoch, *seq)?,
                },
                Seen::G(id, epoch, seq) => {
                    Record::Logged { message: message(id)?, place: place(*epoch, *seq)? }
                }
                Seen::S(id, epoch, seq) => {
                    Record::Stored { message: message(id)?, place: place(*epoch, *seq)? }
                }
            });
        }
        Ok(())
    }

    /// Whether everything in the log, and in the database, is in it.
    pub(crate) fn reaches(&self) -> (bool, bool) {
        (self.has_log, self.has_store)
    }
}
