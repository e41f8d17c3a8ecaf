//! Between the engine's values and our types: plain readable fields, absent instead of null, ids as record ids.

use std::ops::Bound;

use serde::Serialize;
use serde::de::DeserializeOwned;
use surrealdb::IndexedResults;
use surrealdb::types::{
    Array, Bytes, Object, RecordId, RecordIdKey, RecordIdKeyRange, SurrealValue as _, Value,
};

use crate::error::{Fault, StoreError};

/// Sorts after every text that can be part of an id: the end of "everything that begins with this".
const AFTER_TEXT: &str = "~";

/// The results of all statements of a query. Counts `BEGIN` and `LET` as statements.
#[derive(Debug)]
pub(crate) struct Answer(IndexedResults);

impl Answer {
    /// Fails with the cause when any statement failed.
    pub(crate) fn of(mut results: IndexedResults) -> Result<Self, Fault> {
        let errors = results.take_errors();
        match Fault::of_all(errors.values()) {
            Some(fault) => Err(fault),
            None => Ok(Self(results)),
        }
    }

    /// What a statement returned.
    pub(crate) fn value(&mut self, statement: usize) -> Result<Value, StoreError> {
        self.0.take(statement).map_err(|error| corrupt(&error))
    }

    /// The rows a statement returned, as they are stored.
    pub(crate) fn values(&mut self, statement: usize) -> Result<Vec<Value>, StoreError> {
        Ok(match self.value(statement)? {
            Value::Array(rows) => rows.into_inner(),
            Value::None | Value::Null => Vec::new(),
            single => vec![single],
        })
    }

    /// The rows a statement returned.
    pub(crate) fn rows<T: DeserializeOwned>(&mut self, statement: usize) -> Result<Vec<T>, StoreError> {
        self.values(statement)?.into_iter().map(from_value).collect()
    }

    /// The first row a statement returned, if any.
    pub(crate) fn first<T: DeserializeOwned>(&mut self, statement: usize) -> Result<Option<T>, StoreError> {
        Ok(self.rows(statement)?.into_iter().next())
    }

    /// The number that `SELECT count() .. GROUP ALL` counted.
    pub(crate) fn count(&mut self, statement: usize) -> Result<u64, StoreError> {
        #[derive(serde::Deserialize)]
        struct Counted {
            count: u64,
        }
        Ok(self.first::<Counted>(statement)?.map_or(0, |counted| counted.count))
    }
}

/// A stored value as our type. A record's id becomes the plain id it was made from.
pub(crate) fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, StoreError> {
    serde_json::from_value(with_plain_id(value).into_json_value()).map_err(|error| corrupt(&error))
}

fn with_plain_id(value: Value) -> Value {
    let Value::Object(mut row) = value else { return value };
    if let Some(Value::RecordId(id)) = row.get("id") {
        let key = id.key.clone().into_value();
        row.insert("id".to_owned(), key);
    }
    Value::Object(row)
}

fn corrupt(error: &dyn std::error::Error) -> StoreError {
    StoreError::Corrupt(error.to_string())
}

/// A row that keeps most of itself packed, taken apart field by field: cheaper than by way of all its fields' names.
#[derive(Debug)]
pub(crate) struct Fields(Object);

impl Fields {
    pub(crate) fn of(row: Value) -> Result<Self, StoreError> {
        match row {
            Value::Object(row) => Ok(Self(row)),
            _ => Err(StoreError::Corrupt("a row without fields".to_owned())),
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Takes a field out, if it is there.
    pub(crate) fn take<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>, StoreError> {
        match self.0.remove(name) {
            None | Some(Value::None | Value::Null) => Ok(None),
            Some(value) => from_value(value).map(Some),
        }
    }

    /// Takes out a field that each row has.
    pub(crate) fn expect<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, StoreError> {
        self.take(name)?.ok_or_else(|| without(name))
    }

    /// Takes a field out as it is stored.
    pub(crate) fn value(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name)
    }

    /// Takes out what the row's id was made from.
    pub(crate) fn key<T: DeserializeOwned>(&mut self) -> Result<T, StoreError> {
        from_value(self.record_id()?.key.into_value())
    }

    /// Takes out which record it is.
    pub(crate) fn record_id(&mut self) -> Result<RecordId, StoreError> {
        match self.0.remove("id") {
            Some(Value::RecordId(id)) => Ok(id),
            _ => Err(without("id")),
        }
    }

    /// Takes out a field of bytes.
    pub(crate) fn bytes(&mut self, name: &str) -> Result<Bytes, StoreError> {
        match self.0.remove(name) {
            Some(Value::Bytes(bytes)) => Ok(bytes),
            _ => Err(without(name)),
        }
    }

    /// Takes out a field made by [`packed`] or [`compact`].
    pub(crate) fn unpack<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, StoreError> {
        rmp_serde::from_slice(&self.bytes(name)?).map_err(|error| corrupt(&error))
    }
}

fn without(field: &str) -> StoreError {
    StoreError::Corrupt(format!("a row without {field}"))
}

/// What no query looks into, as one field: the engine's cost of a row grows with the number of its values.
pub(crate) fn packed(value: &impl Serialize) -> Result<Bytes, StoreError> {
    rmp_serde::to_vec_named(value).map(Bytes::from).map_err(|error| corrupt(&error))
}

/// The same without the fields' names, for what is large and seldom gets others.
pub(crate) fn compact(value: &impl Serialize) -> Result<Bytes, StoreError> {
    rmp_serde::to_vec(value).map(Bytes::from).map_err(|error| corrupt(&error))
}

/// What is stored of a value with fields: all of them but the id and absent ones.
pub(crate) fn to_content<T: Serialize>(value: &T) -> Result<Object, StoreError> {
    match to_value(value)? {
        Value::Object(mut content) => {
            content.remove("id");
            Ok(content)
        }
        _ => Err(StoreError::Corrupt("only values with fields can be records".to_owned())),
    }
}

/// A value as it is stored, without absent fields.
pub(crate) fn to_value<T: Serialize>(value: &T) -> Result<Value, StoreError> {
    let json = serde_json::to_value(value).map_err(|error| corrupt(&error))?;
    Ok(without_nulls(json).into_value())
}

fn without_nulls(json: serde_json::Value) -> serde_json::Value {
    match json {
        serde_json::Value::Object(fields) => fields
            .into_iter()
            .filter(|(_, field)| !field.is_null())
            .map(|(name, field)| (name, without_nulls(field)))
            .collect(),
        serde_json::Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

/// A record named by a plain id.
pub(crate) fn record(table: &str, id: &str) -> RecordId {
    RecordId::new(table, id)
}

/// A record named by several values.
pub(crate) fn record_of(table: &str, key: Vec<Value>) -> RecordId {
    RecordId::new(table, Array::from(key))
}

/// A range of records named by several values.
pub(crate) fn range(table: &str, start: Bound<Vec<Value>>, end: Bound<Vec<Value>>) -> RecordId {
    let key = |parts: Vec<Value>| RecordIdKey::Array(Array::from(parts));
    RecordId::new(table, RecordIdKeyRange { start: start.map(key), end: end.map(key) })
}

/// All records whose key begins with this text.
pub(crate) fn beginning_with(table: &str, first: &str) -> RecordId {
    range(table, Bound::Included(beginning_of(first)), Bound::Excluded(end_of(first)))
}

/// Sorts before all keys that begin with this text.
pub(crate) fn beginning_of(first: &str) -> Vec<Value> {
    vec![text(first)]
}

/// Sorts after all keys that begin with this text.
pub(crate) fn end_of(first: &str) -> Vec<Value> {
    vec![text(first), text(AFTER_TEXT)]
}

/// A text as a value.
pub(crate) fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

/// A number as a value. Times and sequences stay far below the limit.
pub(crate) fn number(number: u64) -> Value {
    i64::try_from(number).unwrap_or(i64::MAX).into_value()
}

/// Builds the variables of a query.
macro_rules! variables {
    ($($name:literal: $value:expr),* $(,)?) => {{
        let mut variables = ::surrealdb::types::Variables::new();
        $(variables.insert($name, $value);)*
        variables
    }};
}
pub(crate) use variables;

#[cfg(test)]
mod tests {
    use confab_domain::{Agent, TenantSettings};
    use confab_protocol::{Role, UserId};

    use super::*;

    #[test]
    fn a_record_comes_back_as_it_was() {
        let id = UserId::parse("a-1").expect("an id");
        let agent = Agent::new(id, "Ada", Role::Supervisor, 3);
        let mut content = to_content(&agent).expect("an agent has fields");
        assert!(!content.contains_key("id") && !content.contains_key("disconnected_at"));
        content.insert("id", record("agent", "a-1"));
        assert_eq!(from_value::<Agent>(Value::Object(content)).expect("an agent"), agent);
    }

    #[test]
    fn what_is_no_record_is_corrupt() {
        let error = from_value::<TenantSettings>(text("nonsense")).expect_err("a text has no settings");
        assert!(matches!(error, StoreError::Corrupt(_)));
    }
}
