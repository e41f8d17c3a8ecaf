//! Records by number: messages, places and what each participant is owed, so that judging is a walk over tables.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::history::{History, Message, Name, Place, Record};
use super::violation::Violation;

/// What is known of a message.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Where the log, or a participant, saw it.
    pub(super) places: Vec<Place>,
    /// Sequences its author was told.
    pub(super) acked: Vec<u64>,
    /// Whether the log has it.
    pub(super) logged: bool,
    /// Its rows in the database.
    pub(super) rows: Vec<Place>,
}

impl Known {
    /// Its sequence, as the log gave it or else as its author was told.
    pub(super) fn seq(&self) -> u64 {
        let rows = self.rows.first();
        self.places.first().or(rows).map(|place| place.seq).or(self.acked.first().copied()).unwrap_or(0)
    }
}

/// A stretch of a channel that a participant follows.
#[derive(Debug)]
struct Stretch {
    epoch: Name,
    after: u64,
    /// The last sequence owed, once the participant has left.
    until: Option<u64>,
}

/// One participant in one channel.
#[derive(Debug, Default)]
pub(super) struct Stream<'a> {
    followed: Vec<Stretch>,
    excused: Option<(&'a Name, u64)>,
    seen: HashSet<&'a Place>,
    received: HashSet<usize>,
    highest: HashMap<&'a Name, u64>,
    epoch: Option<&'a Name>,
}

impl Stream<'_> {
    /// Whether the participant should have got the message and didn't.
    pub(super) fn misses(&self, message: usize, known: &Known) -> bool {
        !self.received.contains(&message) && self.owes(known)
    }

    pub(super) fn was_invited(&self) -> bool {
        !self.followed.is_empty()
    }

    fn owes(&self, known: &Known) -> bool {
        let place = known.places.first().or(known.rows.first());
        let (epoch, seq) = (place.map(|place| &place.epoch), known.seq());
        let excused = self
            .excused
            .is_some_and(|(current, upto)| epoch.is_some_and(|epoch| epoch != current) || seq <= upto);
        !excused
            && self.followed.iter().any(|stretch| {
                let before = epoch.is_none_or(|epoch| *epoch == stretch.epoch) && seq <= stretch.after;
                !before && stretch.until.is_none_or(|until| seq <= until)
            })
    }
}

/// The records of a history by what they are about.
#[derive(Debug, Default)]
pub(super) struct Index<'a> {
    numbers: HashMap<&'a Message, usize>,
    /// Messages in the order in which they were first seen.
    pub(super) messages: Vec<(&'a Message, Known)>,
    /// Messages of each channel.
    pub(super) channels: HashMap<&'a Name, Vec<usize>>,
    /// Participants of each channel.
    pub(super) streams: BTreeMap<(&'a Name, &'a Name), Stream<'a>>,
    places: HashMap<(&'a Name, &'a Place), usize>,
    /// What could be told while reading.
    pub(super) violations: Vec<Violation>,
}

impl<'a> Index<'a> {
    pub(super) fn of(history: &'a History, log: &Name, database: &Name) -> Self {
        let mut index = Self::default();
        // The log has the last word on what lies where, then whoever saw it first, and the database copies both.
        for record in &history.records {
            if let Record::Logged { message, place } = record {
                let number = index.number(message);
                index.messages[number].1.logged = true;
                if index.agrees(number, message, place, log) {
                    index.lies_at(number, place);
                }
            }
        }
        for record in &history.records {
            index.read(record);
        }
        for record in &history.records {
            if let Record::Stored { message, place } = record {
                let number = index.number(message);
                index.messages[number].1.rows.push(place.clone());
                index.agrees(number, message, place, database);
            }
        }
        index
    }

    fn read(&mut self, record: &'a Record) {
        match record {
            Record::Followed { participant, channel, epoch, after } => {
                let stretch = Stretch { epoch: epoch.clone(), after: *after, until: None };
                self.stream(channel, participant).followed.push(stretch);
            }
            Record::Left { participant, channel } => {
                let stream = self.stream(channel, participant);
                let last = stream.epoch.and_then(|epoch| stream.highest.get(epoch)).copied().unwrap_or(0);
                for stretch in stream.followed.iter_mut().filter(|stretch| stretch.until.is_none()) {
                    stretch.until = Some(last);
                }
            }
            Record::Resync { participant, channel, epoch, upto } => {
                self.stream(channel, participant).excused = Some((epoch, *upto));
            }
            Record::Acked { message, seq } => {
                let number = self.number(message);
                let acked = &mut self.messages[number].1.acked;
                if !acked.contains(seq) {
                    acked.push(*seq);
                }
            }
            Record::Delivered { participant, message, place } => self.delivered(participant, message, place),
            Record::Logged { .. }
            | Record::Stored { .. }
            | Record::AssignmentSeen { .. }
            | Record::AgentSeen { .. } => {}
        }
    }

    fn delivered(&mut self, participant: &'a Name, message: &'a Message, place: &'a Place) {
        let number = self.number(message);
        if self.agrees(number, message, place, participant) {
            self.lies_at(number, place);
        }
        let stream = self.stream(&message.channel, participant);
        stream.received.insert(number);
        if !stream.seen.insert(place) {
            self.violations.push(Violation::DeliveredTwice {
                participant: participant.clone(),
                message: message.clone(),
                seq: place.seq,
            });
            return;
        }
        let went_back = stream.epoch.is_some_and(|epoch| *epoch != place.epoch)
            && stream.highest.contains_key(&place.epoch);
        let highest = stream.highest.entry(&place.epoch).or_insert(0);
        let behind = *highest;
        *highest = behind.max(place.seq);
        if went_back || place.seq < behind {
            self.violations.push(Violation::Reordered {
                participant: participant.clone(),
                message: message.clone(),
                seq: place.seq,
                behind,
            });
        } else {
            stream.epoch = Some(&place.epoch);
        }
    }

    fn stream(&mut self, channel: &'a Name, participant: &'a Name) -> &mut Stream<'a> {
        self.streams.entry((channel, participant)).or_default()
    }

    fn number(&mut self, message: &'a Message) -> usize {
        *self.numbers.entry(message).or_insert_with(|| {
            let number = self.messages.len();
            self.messages.push((message, Known::default()));
            self.channels.entry(&message.channel).or_default().push(number);
            number
        })
    }

    fn lies_at(&mut self, number: usize, place: &Place) {
        let places = &mut self.messages[number].1.places;
        if !places.contains(place) {
            places.push(place.clone());
        }
    }

    /// Whether nobody has seen another message at this place.
    fn agrees(&mut self, number: usize, message: &Message, place: &'a Place, witness: &Name) -> bool {
        let channel = &self.messages[number].0.channel;
        let first = *self.places.entry((channel, place)).or_insert(number);
        if first != number {
            self.violations.push(Violation::Disagreement {
                place: place.clone(),
                one: self.messages[first].0.clone(),
                other: message.clone(),
                witness: witness.clone(),
            });
        }
        first == number
    }
}
