//! Old and new beside each other: frames as the first version wrote them are read and mean the same, and what a later
//! version adds to a frame is no trouble for this one.

use std::collections::BTreeSet;

use confab_protocol::codec::{decode_entry, encode_entry};
use confab_protocol::{ClientFrame, Codec, DecodeError, ServerFrame};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const CLIENT: &str = include_str!("golden/client-1.jsonl");
const SERVER: &str = include_str!("golden/server-1.jsonl");

fn frames(golden: &str) -> impl Iterator<Item = Value> {
    golden.lines().map(|line| serde_json::from_str(line).expect("a golden frame is JSON"))
}

/// The frame with a field in every object that no version knows.
fn with_more(frame: &Value) -> Value {
    match frame {
        Value::Object(fields) => {
            let mut more: serde_json::Map<_, _> =
                fields.iter().map(|(name, value)| (name.clone(), with_more(value))).collect();
            more.insert("added_later".to_owned(), json!({ "deep": [1, "two", null] }));
            Value::Object(more)
        }
        Value::Array(items) => items.iter().map(with_more).collect(),
        plain => plain.clone(),
    }
}

/// Whether everything of `old` is in `new` with the same value.
fn is_kept(old: &Value, new: &Value) -> bool {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            old.iter().all(|(name, value)| new.get(name).is_some_and(|new| is_kept(value, new)))
        }
        (old, new) => old == new,
    }
}

fn read<Frame: DeserializeOwned>(codec: Codec, frame: &Value) -> Frame {
    match codec {
        Codec::Json => serde_json::from_value(frame.clone()).expect("the frame is read"),
        Codec::MessagePack => {
            let bytes = rmp_serde::to_vec_named(frame).expect("encoded");
            rmp_serde::from_slice(&bytes).expect("the frame is read")
        }
    }
}

fn holds_for_all<Frame: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(golden: &str) {
    let mut count = 0;
    for old in frames(golden) {
        for codec in Codec::ALL {
            let frame: Frame = read(codec, &old);
            let now = serde_json::to_value(&frame).expect("encoded");
            assert!(is_kept(&old, &now), "{old} has become {now}");
            let later: Frame = read(codec, &with_more(&old));
            assert_eq!(later, frame, "what was added has changed the meaning of {old}");
        }
        count += 1;
    }
    assert!(count > 10, "only {count} golden frames");
}

#[test]
fn what_clients_of_the_first_version_say_is_understood() {
    holds_for_all::<ClientFrame>(CLIENT);
}

#[test]
fn what_hubs_of_the_first_version_say_is_understood() {
    holds_for_all::<ServerFrame>(SERVER);
}

#[test]
fn every_frame_has_a_golden_one() {
    for kind in confab_protocol::frame::CLIENT_FRAME_TYPES {
        assert!(frames(CLIENT).any(|frame| frame["t"] == kind), "{kind}");
    }
    // Every variant, so that a new one is noticed here.
    let said: BTreeSet<&str> = frames(SERVER)
        .map(|frame| match read::<ServerFrame>(Codec::Json, &frame) {
            ServerFrame::Welcome(_) => "welcome",
            ServerFrame::Joined(_) => "joined",
            ServerFrame::Resync { .. } => "resync",
            ServerFrame::Left { .. } => "left",
            ServerFrame::Entry(_) => "entry",
            ServerFrame::Event { .. } => "event",
            ServerFrame::Ack { .. } => "ack",
            ServerFrame::Nack { .. } => "nack",
            ServerFrame::Error { .. } => "error",
            ServerFrame::Renewed { .. } => "renewed",
            ServerFrame::Ping { .. } => "ping",
            ServerFrame::Pong { .. } => "pong",
            ServerFrame::Draining { .. } => "draining",
        })
        .collect();
    assert_eq!(said.len(), 13, "{said:?}");
}

#[test]
fn stored_entries_of_another_version_are_read() {
    for frame in frames(SERVER).filter(|frame| frame["t"] == "entry") {
        let stored = rmp_serde::to_vec_named(&frame["entry"]).expect("encoded");
        let later = rmp_serde::to_vec_named(&with_more(&frame["entry"])).expect("encoded");
        let entry = decode_entry(&stored).expect("an entry of the log");
        assert_eq!(decode_entry(&later).expect("an entry of a later version"), entry);
        assert_eq!(decode_entry(&encode_entry(&entry)).expect("its own"), entry);
    }
}

#[test]
fn a_frame_that_came_later_is_refused_by_its_name() {
    for codec in Codec::ALL {
        let later = json!({ "t": "react", "channel": "conv.c-1", "seq": 42, "emoji": "+1" });
        let bytes = match codec {
            Codec::Json => serde_json::to_vec(&later).expect("encoded"),
            Codec::MessagePack => rmp_serde::to_vec_named(&later).expect("encoded"),
        };
        assert_eq!(codec.decode_client(&bytes), Err(DecodeError::Unknown("react".to_owned())));
        assert!(codec.decode_server(&bytes).is_err(), "a client passes over it");
    }
}
