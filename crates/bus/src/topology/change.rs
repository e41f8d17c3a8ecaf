//! What differs between a stream as it is and as the configuration means it.

use std::fmt;
use std::time::Duration;

use async_nats::jetstream::stream::Config;
use serde_json::Value;

/// Fields that the server tells in nanoseconds.
const TIMES: [&str; 3] = ["max_age", "duplicate_window", "subject_delete_marker_ttl"];

/// A stream that is to be made or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamChange {
    /// Its name.
    pub stream: String,
    /// Whether it doesn't exist yet.
    pub is_new: bool,
    /// What becomes different, of one that exists.
    pub fields: Vec<FieldChange>,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// The field, as the server calls it.
    pub field: String,
    /// What it is.
    pub from: String,
    /// What it is to be.
    pub to: String,
}

impl StreamChange {
    pub(crate) fn creation(stream: &str) -> Self {
        Self { stream: stream.to_owned(), is_new: true, fields: Vec::new() }
    }

    /// Compares what is wanted; what the server adds of itself is its own matter.
    pub(crate) fn between(stream: &str, stored: &Config, wanted: &Config) -> Self {
        let (stored, wanted) = (as_json(stored), as_json(wanted));
        let mut fields = Vec::new();
        compare("", &stored, &wanted, &mut fields);
        Self { stream: stream.to_owned(), is_new: false, fields }
    }

    pub(crate) fn into_needed(self) -> Option<Self> {
        (self.is_new || !self.fields.is_empty()).then_some(self)
    }
}

impl fmt::Display for StreamChange {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_new {
            return write!(out, "+ {}", self.stream);
        }
        write!(out, "~ {}", self.stream)?;
        for FieldChange { field, from, to } in &self.fields {
            write!(out, "\n    {field}: {from} -> {to}")?;
        }
        Ok(())
    }
}

fn as_json(config: &Config) -> Value {
    serde_json::to_value(config).unwrap_or_default()
}

fn compare(place: &str, stored: &Value, wanted: &Value, differences: &mut Vec<FieldChange>) {
    let Value::Object(wanted) = wanted else {
        if stored != wanted && !is_unlimited(place, stored, wanted) {
            let field = place.to_owned();
            differences.push(FieldChange { field, from: told(place, stored), to: told(place, wanted) });
        }
        return;
    };
    for (field, wanted) in wanted {
        let field_place = if place.is_empty() { field.clone() } else { format!("{place}.{field}") };
        compare(&field_place, stored.get(field).unwrap_or(&Value::Null), wanted, differences);
    }
}

/// The server keeps 0 consumers as -1: both say that there is no limit.
fn is_unlimited(place: &str, stored: &Value, wanted: &Value) -> bool {
    place == "max_consumers" && wanted == 0 && stored == -1
}

fn told(place: &str, value: &Value) -> String {
    match value.as_u64() {
        Some(nanos) if TIMES.contains(&place) => format!("{:?}", Duration::from_nanos(nanos)),
        _ if value.is_null() => "not set".to_owned(),
        _ => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_told_and_times_are_readable() {
        let stored = Config { name: "FEED".into(), max_age: Duration::from_mins(1), ..Config::default() };
        let mut wanted = stored.clone();
        wanted.max_age = Duration::from_hours(1);
        wanted.metadata.insert("confab.shards".into(), "4".into());
        let change = StreamChange::between("FEED", &stored, &wanted);
        let text = change.to_string();
        assert!(text.starts_with("~ FEED\n"), "{text}");
        assert!(text.contains("    max_age: 60s -> 3600s"), "{text}");
        assert!(text.contains("    metadata.confab.shards: not set -> \"4\""), "{text}");
        assert_eq!(change.fields.len(), 2);
    }

    #[test]
    fn what_the_server_adds_is_no_difference() {
        let wanted = Config { name: "FEED".into(), ..Config::default() };
        let mut stored = wanted.clone();
        stored.max_consumers = -1;
        stored.metadata.insert("_nats.ver".into(), "2.15.1".into());
        assert_eq!(StreamChange::between("FEED", &stored, &wanted).into_needed(), None);
        assert_eq!(StreamChange::creation("FEED").to_string(), "+ FEED");
    }
}
