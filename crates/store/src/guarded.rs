//! Records that grow: read, made to grow here, and written back on the version that was read. Growing them by
//! expressions in the database costs it several times as much.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::hash::Hash;

use surrealdb::types::{Object, RecordId, SurrealValue as _, Value, Variables};

use crate::error::{Fault, StoreError};

/// What the statements throw when a record is no longer in the version that was read.
const VERSION: &str = "version";

/// How often all is read and written anew because others wrote the same.
pub(crate) const MAX_ROUNDS: u32 = 10;

/// Records to write: new ones, and those that were there.
#[derive(Debug, Default)]
pub(crate) struct Guarded {
    fresh: Vec<Value>,
    grown: Vec<Value>,
    /// Ids and read versions of the grown ones.
    ids: Vec<RecordId>,
    read: Vec<u64>,
}

impl Guarded {
    /// Adds a record. `read` is the version it was read in, if it was there.
    pub(crate) fn add(&mut self, id: RecordId, mut content: Object, read: Option<u64>) {
        content.insert("id", id.clone());
        content.insert("version", read.map_or(1, |version| version + 1));
        match read {
            None => self.fresh.push(content.into_value()),
            Some(version) => {
                self.grown.push(content.into_value());
                self.ids.push(id);
                self.read.push(version);
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.fresh.is_empty() && self.grown.is_empty()
    }

    /// The statements that write them, for a transaction.
    pub(crate) fn statements(self, table: &str, variables: &mut Variables) -> String {
        // Writing to a text does not fail.
        let mut statements = String::new();
        if !self.fresh.is_empty() {
            variables.insert("fresh", self.fresh);
            let _ = write!(statements, "INSERT INTO {table} $fresh RETURN NONE; ");
        }
        if !self.grown.is_empty() {
            variables.insert("grown", self.grown);
            variables.insert("ids", self.ids);
            variables.insert("read", self.read);
            // All versions at once, then plain writes: a condition on each write costs twice as much.
            let _ = write!(
                statements,
                "IF (SELECT VALUE version FROM $ids) != $read {{ THROW '{VERSION}' }}; \
                 FOR $one IN $grown {{ UPDATE $one.id CONTENT $one RETURN NONE }}; "
            );
        }
        statements
    }
}

/// Whether a fault says that somebody else wrote the same meanwhile.
pub(crate) fn is_raced(fault: &Fault) -> bool {
    match fault {
        Fault::Exists(_) => true,
        Fault::Thrown(word) => word == VERSION,
        _ => false,
    }
}

/// What is left to say when others were faster every time.
pub(crate) fn outrun() -> StoreError {
    StoreError::Unavailable("others write the same records again and again".to_owned())
}

/// Rows by what they are about.
pub(crate) fn by_key<K: Eq + Hash, R>(rows: Vec<R>, key: impl Fn(&R) -> K) -> HashMap<K, R> {
    rows.into_iter().map(|row| (key(&row), row)).collect()
}
