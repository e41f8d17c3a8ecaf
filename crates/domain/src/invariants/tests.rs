//! A realistic history is clean; each planted fault is found, and nothing else is said.

use rstest::rstest;

use super::*;

const EPOCH: &str = "e1";
const AGENT: &str = "agent-1";

fn name(text: &str) -> Name {
    text.into()
}

fn message(conversation: u32, author: &str, number: u64) -> Message {
    Message {
        channel: format!("conv.{conversation}").into(),
        author: name(author),
        entry_id: format!("m-{number}").into(),
    }
}

fn place(seq: u64) -> Place {
    Place { epoch: name(EPOCH), seq }
}

fn customer(conversation: u32) -> String {
    format!("customer-{conversation}")
}

/// Three conversations of one agent; customer and agent write in turn, sequences have holes as those of a shard have;
/// the second customer joins late and one of its messages is resent.
fn clean() -> History {
    let mut history = History::new();
    for conversation in 1..=3_u32 {
        let (channel, customer) = (name(&format!("conv.{conversation}")), customer(conversation));
        let after = if conversation == 2 { 15 } else { 0 };
        for (participant, after) in [(customer.as_str(), after), (AGENT, 0)] {
            let (participant, epoch) = (name(participant), name(EPOCH));
            history.push(Record::Followed { participant, channel: channel.clone(), epoch, after });
        }
        for number in 1..=8 {
            let author = if number % 2 == 0 { AGENT } else { customer.as_str() };
            let (message, place) = (message(conversation, author, number), place(number * 7));
            for participant in [customer.as_str(), AGENT] {
                if participant == AGENT || place.seq > after {
                    let participant = name(participant);
                    history.push(Record::Delivered {
                        participant,
                        message: message.clone(),
                        place: place.clone(),
                    });
                }
            }
            let seq = place.seq;
            history.push(Record::Acked { message: message.clone(), seq });
            if number == 4 {
                history.push(Record::Acked { message: message.clone(), seq });
            }
            history.push(Record::Logged { message: message.clone(), place: place.clone() });
            history.push(Record::Stored { message, place });
        }
        for (version, agent) in [(1, None), (2, Some(name(AGENT)))] {
            history.push(Record::AssignmentSeen { conversation: channel.clone(), version, agent });
        }
        let version = u64::from(conversation);
        history.push(Record::AgentSeen { agent: name(AGENT), version, active: conversation, capacity: 3 });
    }
    history.complete = Complete { log: true, store: true, state: true };
    history
}

/// Position of a delivery in the records.
fn delivery(history: &History, to: &str, wanted: &Message) -> usize {
    let found = |record: &Record| matches!(record, Record::Delivered { participant, message, .. } if &**participant == to && message == wanted);
    history.records.iter().position(found).expect("the clean history delivers it")
}

fn place_of(record: &mut Record) -> &mut Place {
    match record {
        Record::Delivered { place, .. } | Record::Logged { place, .. } | Record::Stored { place, .. } => {
            place
        }
        other => panic!("{other:?} has no place"),
    }
}

fn lose_to_one(history: &mut History) {
    let at = delivery(history, "customer-1", &message(1, AGENT, 4));
    history.records.remove(at);
}

fn lose_to_late_joiner(history: &mut History) {
    let at = delivery(history, "customer-2", &message(2, AGENT, 8));
    history.records.remove(at);
}

fn deliver_again(history: &mut History) {
    let at = delivery(history, AGENT, &message(3, "customer-3", 5));
    history.records.insert(at + 9, history.records[at].clone());
}

fn deliver_late(history: &mut History) {
    let at = delivery(history, AGENT, &message(1, "customer-1", 5));
    let late = history.records.remove(at);
    let behind = delivery(history, AGENT, &message(1, AGENT, 6));
    history.records.insert(behind + 1, late);
}

fn swap_what_one_sees(history: &mut History) {
    let first = delivery(history, "customer-3", &message(3, "customer-3", 3));
    let second = delivery(history, "customer-3", &message(3, AGENT, 4));
    history.records.swap(first, second);
    *place_of(&mut history.records[first]) = place(21);
    *place_of(&mut history.records[second]) = place(28);
}

/// A resend beyond the window: the whole hub takes the message for a new one.
fn store_a_second_copy(history: &mut History) {
    let (message, place) = (message(2, "customer-2", 7), place(70));
    for participant in [AGENT, "customer-2"] {
        let participant = name(participant);
        history.push(Record::Delivered { participant, message: message.clone(), place: place.clone() });
    }
    history.push(Record::Acked { message: message.clone(), seq: 70 });
    history.push(Record::Logged { message: message.clone(), place: place.clone() });
    history.push(Record::Stored { message, place });
}

fn forget_in_the_log(history: &mut History) {
    let gone = message(1, "customer-1", 7);
    history.records.retain(|record| !matches!(record, Record::Logged { message, .. } if *message == gone));
}

fn acknowledge_elsewhere(history: &mut History) {
    history.push(Record::Acked { message: message(1, "customer-1", 7), seq: 50 });
}

fn forget_in_the_store(history: &mut History) {
    let gone = message(3, AGENT, 8);
    history.records.retain(|record| !matches!(record, Record::Stored { message, .. } if *message == gone));
}

fn store_two_rows(history: &mut History) {
    history.push(Record::Stored { message: message(3, AGENT, 8), place: place(57) });
}

fn store_at_a_taken_place(history: &mut History) {
    let wanted = message(3, AGENT, 8);
    let row = |record: &&mut Record| matches!(record, Record::Stored { message, .. } if *message == wanted);
    *place_of(history.records.iter_mut().find(row).expect("a row")) = place(49);
}

fn show_a_note_to_a_customer(history: &mut History) {
    let note = Message { channel: name("conv.1.notes"), author: name(AGENT), entry_id: name("n-1") };
    for participant in [AGENT, "customer-1"] {
        let participant = name(participant);
        history.push(Record::Delivered { participant, message: note.clone(), place: place(60) });
    }
    let (participant, epoch) = (name(AGENT), name(EPOCH));
    history.push(Record::Followed { participant, channel: note.channel.clone(), epoch, after: 0 });
    history.push(Record::Logged { message: note.clone(), place: place(60) });
    history.push(Record::Stored { message: note, place: place(60) });
}

fn claim_twice(history: &mut History) {
    let agent = Some(name("agent-2"));
    history.push(Record::AssignmentSeen { conversation: name("conv.1"), version: 2, agent });
}

fn exceed_capacity(history: &mut History) {
    history.push(Record::AgentSeen { agent: name("agent-2"), version: 5, active: 4, capacity: 3 });
    history.push(Record::AgentSeen { agent: name("agent-2"), version: 6, active: 0, capacity: 3 });
}

fn miscount(history: &mut History) {
    history.push(Record::AgentSeen { agent: name(AGENT), version: 9, active: 2, capacity: 3 });
}

fn kind(violation: &Violation) -> &'static str {
    match violation {
        Violation::LostToParticipant { .. } => "lost",
        Violation::Doubled { .. } => "doubled",
        Violation::DeliveredTwice { .. } => "delivered twice",
        Violation::Reordered { .. } => "reordered",
        Violation::Disagreement { .. } => "disagreement",
        Violation::Uninvited { .. } => "uninvited",
        Violation::AckedNotInLog { .. } => "acknowledged and gone",
        Violation::AckedElsewhere { .. } => "acknowledged elsewhere",
        Violation::MissingInStore { .. } => "missing in the database",
        Violation::DoubledInStore { .. } => "doubled in the database",
        Violation::DoubleClaim { .. } => "claimed twice",
        Violation::CapacityExceeded { .. } => "over capacity",
        Violation::SlotsMiscounted { .. } => "miscounted",
    }
}

#[test]
fn a_clean_history_violates_nothing() {
    assert_eq!(check(&clean()), []);
}

#[rstest]
#[case(lose_to_one, &["lost"], "customer-1")]
#[case(lose_to_late_joiner, &["lost"], "customer-2")]
#[case(deliver_again, &["delivered twice"], "m-5")]
#[case(deliver_late, &["reordered"], "after seq 42")]
#[case(swap_what_one_sees, &["disagreement", "disagreement"], "customer-3")]
#[case(store_a_second_copy, &["doubled"], "49@e1, 70@e1")]
#[case(forget_in_the_log, &["acknowledged and gone"], "m-7 of customer-1")]
#[case(acknowledge_elsewhere, &["acknowledged elsewhere"], "told 50")]
#[case(forget_in_the_store, &["missing in the database"], "seq 56")]
#[case(store_two_rows, &["doubled in the database"], "56@e1, 57@e1")]
#[case(store_at_a_taken_place, &["disagreement"], "the database")]
#[case(show_a_note_to_a_customer, &["uninvited"], "customer-1 got n-1")]
#[case(claim_twice, &["claimed twice"], "agent-1, agent-2")]
#[case(exceed_capacity, &["over capacity"], "4 of 3")]
#[case(miscount, &["miscounted"], "counts 2 conversations and 3")]
fn a_planted_fault_is_found_and_nothing_else(
    #[case] plant: fn(&mut History),
    #[case] expected: &[&str],
    #[case] detail: &str,
) {
    let mut history = clean();
    plant(&mut history);
    let found = check(&history);
    assert_eq!(found.iter().map(kind).collect::<Vec<_>>(), expected, "{found:#?}");
    let text = found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    assert!(text.contains(detail), "{text}");
    assert!(found.iter().all(|violation| violation.to_string().starts_with(kind(violation))), "{text}");
}

#[test]
fn what_was_missed_is_excused_only_up_to_where_the_participant_was_told() {
    let mut history = clean();
    for number in [4, 8] {
        let at = delivery(&history, "customer-1", &message(1, AGENT, number));
        history.records.remove(at);
    }
    let (participant, channel, epoch) = (name("customer-1"), name("conv.1"), name(EPOCH));
    history.push(Record::Resync { participant, channel, epoch, upto: 30 });
    let found = check(&history);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(matches!(&found[0], Violation::LostToParticipant { seq: 56, .. }), "{found:#?}");
}

#[test]
fn who_has_left_is_owed_nothing_more() {
    let mut history = clean();
    let at = delivery(&history, "customer-1", &message(1, AGENT, 8));
    history.records[at] = Record::Left { participant: name("customer-1"), channel: name("conv.1") };
    assert_eq!(check(&history), []);
    lose_to_one(&mut history);
    assert_eq!(check(&history).iter().map(kind).collect::<Vec<_>>(), ["lost"]);
}

#[test]
fn sequences_begin_anew_with_an_epoch() {
    let mut history = clean();
    let place = Place { epoch: name("e2"), seq: 1 };
    let message = message(1, AGENT, 9);
    for participant in ["customer-1", AGENT] {
        let participant = name(participant);
        history.push(Record::Delivered { participant, message: message.clone(), place: place.clone() });
    }
    history.push(Record::Logged { message: message.clone(), place: place.clone() });
    history.push(Record::Stored { message, place });
    assert_eq!(check(&history), []);
}
