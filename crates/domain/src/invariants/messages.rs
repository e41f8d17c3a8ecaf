//! Whether every message reached everybody once, in one order, and lies where it should.

use super::history::{History, Message, Name};
use super::index::{Index, Known};
use super::violation::Violation;

pub(super) fn check(history: &History) -> Vec<Violation> {
    let (log, database): (Name, Name) = ("the log".into(), "the database".into());
    let mut index = Index::of(history, &log, &database);
    let mut violations = std::mem::take(&mut index.violations);
    for (message, known) in &index.messages {
        lies_right(message, known, history, &mut violations);
    }
    for ((channel, participant), stream) in &index.streams {
        let messages = index.channels.get(channel).map_or(&[][..], Vec::as_slice);
        if !stream.was_invited() {
            let message = messages.iter().map(|number| index.messages[*number].0);
            violations.extend(message.take(1).map(|message| Violation::Uninvited {
                participant: (*participant).clone(),
                message: message.clone(),
            }));
            continue;
        }
        for number in messages {
            let (message, known) = &index.messages[*number];
            if stream.misses(*number, known) {
                violations.push(Violation::LostToParticipant {
                    participant: (*participant).clone(),
                    message: (*message).clone(),
                    seq: known.seq(),
                    acked: !known.acked.is_empty(),
                });
            }
        }
    }
    violations
}

/// Judges where one message lies.
fn lies_right(message: &Message, known: &Known, history: &History, violations: &mut Vec<Violation>) {
    let mut places = known.places.clone();
    places.sort();
    if places.len() > 1 {
        violations.push(Violation::Doubled { message: message.clone(), places: places.clone() });
    }
    if history.complete.log
        && !known.logged
        && let Some(seq) = known.acked.first()
    {
        violations.push(Violation::AckedNotInLog { message: message.clone(), seq: *seq });
    }
    if let Some(place) = places.first() {
        for said in &known.acked {
            if !places.iter().any(|place| place.seq == *said) {
                let seq = place.seq;
                violations.push(Violation::AckedElsewhere { message: message.clone(), said: *said, seq });
            }
        }
    }
    if history.complete.store && known.rows.is_empty() {
        violations.push(Violation::MissingInStore { message: message.clone(), seq: known.seq() });
    }
    if known.rows.len() > places.len().max(1) {
        let mut rows = known.rows.clone();
        rows.sort();
        violations.push(Violation::DoubledInStore { message: message.clone(), places: rows });
    }
}
