//! Old and new nodes beside each other: commands and outcomes as the first version wrote them are read and mean the same,
//! and what a later version adds to them is no trouble for this one.

use std::collections::BTreeSet;

use confab_domain::{Command, CommandKind, Outcome};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const COMMANDS: &str = include_str!("../golden/commands-1.jsonl");
const OUTCOMES: &str = include_str!("../golden/outcomes-1.jsonl");
/// Objects that say which of several things something is; they never have a second field.
const CHOICES: [&str; 5] = ["User", "agent", "team", "done", "refused"];

fn golden(lines: &str) -> impl Iterator<Item = Value> {
    lines.lines().map(|line| serde_json::from_str(line).expect("a golden line is JSON"))
}

fn is_choice(fields: &serde_json::Map<String, Value>) -> bool {
    fields.len() == 1 && fields.keys().all(|name| CHOICES.contains(&name.as_str()))
}

/// The same with a field in every object that no version knows.
fn with_more(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let inner = fields.iter().map(|(name, value)| (name.clone(), with_more(value)));
            let mut more: serde_json::Map<_, _> = inner.collect();
            if !is_choice(fields) {
                more.insert("added_later".to_owned(), json!({ "deep": [1, "two", null] }));
            }
            Value::Object(more)
        }
        Value::Array(items) => items.iter().map(with_more).collect(),
        plain => plain.clone(),
    }
}

/// Whether everything of `old` is in `new` with the same value.
fn is_kept(old: &Value, new: &Value) -> bool {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => old.iter().all(|(name, value)| match new.get(name) {
            Some(new) => is_kept(value, new),
            None => value.is_null(),
        }),
        (old, new) => old == new,
    }
}

/// As it lies on the bus.
fn read<T: DeserializeOwned>(value: &Value) -> T {
    let bytes = rmp_serde::to_vec_named(value).expect("encoded");
    rmp_serde::from_slice(&bytes).unwrap_or_else(|error| panic!("{value}: {error}"))
}

fn holds_for_all<T: DeserializeOwned + Serialize + PartialEq + std::fmt::Debug>(lines: &str) {
    for old in golden(lines) {
        let meant: T = read(&old);
        let now = serde_json::to_value(&meant).expect("encoded");
        assert!(is_kept(&old, &now), "{old} has become {now}");
        assert_eq!(read::<T>(&with_more(&old)), meant, "what was added has changed the meaning of {old}");
        let bytes = rmp_serde::to_vec_named(&meant).expect("encoded");
        assert_eq!(rmp_serde::from_slice::<T>(&bytes).expect("its own"), meant);
    }
}

#[test]
fn commands_of_edges_of_the_first_version_are_understood() {
    holds_for_all::<Command>(COMMANDS);
}

#[test]
fn outcomes_of_workers_of_the_first_version_are_understood() {
    holds_for_all::<Outcome>(OUTCOMES);
}

#[test]
fn every_command_has_a_golden_one() {
    let commands: Vec<Command> = golden(COMMANDS).map(|command| read(&command)).collect();
    let written: BTreeSet<&str> = commands.iter().map(|command| command.kind.name()).collect();
    // Every kind, so that a new one is noticed here: it is recorded, and given by edges in the release after this.
    let kinds = commands.iter().filter(|command| match command.kind {
        CommandKind::Start { .. }
        | CommandKind::Accept { .. }
        | CommandKind::Close { .. }
        | CommandKind::Reopen { .. }
        | CommandKind::Requeue { .. }
        | CommandKind::Transfer { .. }
        | CommandKind::SetAvailability { .. }
        | CommandKind::AgentConnected { .. }
        | CommandKind::AgentDisconnected { .. }
        | CommandKind::AgentGraceOver { .. }
        | CommandKind::IdleCheck { .. }
        | CommandKind::AbandonCheck { .. }
        | CommandKind::ConfigureAgent { .. }
        | CommandKind::Draw
        | CommandKind::SetLabels { .. }
        | CommandKind::Snooze { .. }
        | CommandKind::Wake { .. }
        | CommandKind::Escalate { .. }
        | CommandKind::Rate { .. }
        | CommandKind::CreateTicket { .. }
        | CommandKind::UpdateTicket { .. }
        | CommandKind::DeleteTicket { .. }
        | CommandKind::MergeTicket { .. }
        | CommandKind::WakeTicket { .. }
        | CommandKind::AutoReply { .. }
        | CommandKind::ServiceCheck { .. } => true,
    });
    assert_eq!(kinds.count(), commands.len());
    assert_eq!(written.len(), 26, "{written:?}");
}

#[test]
fn a_command_that_came_later_is_no_command_of_this_version() {
    let mut later = golden(COMMANDS).next().expect("a command");
    later["kind"]["command"] = json!("translate");
    let bytes = rmp_serde::to_vec_named(&later).expect("encoded");
    let error = rmp_serde::from_slice::<Command>(&bytes).expect_err("it is put aside as a dead letter");
    assert!(error.to_string().contains("translate"), "{error}");
}
