//! Records to write in one transaction, on the versions they were read in. Those that grow are made to grow here:
//! growing them by expressions in the database costs it several times as much.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::hash::Hash;

use surrealdb::types::{Object, RecordId, SurrealValue as _, Value, Variables};

use crate::error::{Fault, StoreError};

/// What the statements throw when a record is no longer in the version that was read.
const VERSION: &str = "version";
/// The statement that throws it.
pub(crate) const THROW_VERSION: &str = "THROW 'version'";

/// How often all is read and written anew because others wrote the same.
pub(crate) const MAX_ROUNDS: u32 = 10;

/// Records of any tables to write: new ones, those that were there, and those that are to go. Written in as many
/// statements however many they are, because the engine's cost of a statement grows with what its transaction is given.
#[derive(Debug, Default)]
pub(crate) struct Guarded {
    fresh: BTreeMap<RecordId, Object>,
    /// With the versions they were read in.
    grown: BTreeMap<RecordId, (u64, Object)>,
    gone: BTreeSet<RecordId>,
}

impl Guarded {
    /// Adds a record that has a version. `read` is the one it was read in, if it was there; what was added of it before
    /// is replaced.
    pub(crate) fn add(&mut self, id: RecordId, mut content: Object, read: Option<u64>) {
        content.insert("version", read.map_or(1, |version| version + 1));
        if let Some((_, known)) = self.grown.get_mut(&id) {
            *known = content;
        } else if let (Some(read), false) = (read, self.fresh.contains_key(&id)) {
            self.grown.insert(id, (read, content));
        } else {
            self.fresh.insert(id, content);
        }
    }

    /// Adds a record that must not be there.
    pub(crate) fn insert(&mut self, id: RecordId, content: Object) {
        self.fresh.insert(id, content);
    }

    /// Removes a record, added here or stored.
    pub(crate) fn remove(&mut self, id: RecordId) {
        if self.fresh.remove(&id).is_none() {
            self.gone.insert(id);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.fresh.is_empty() && self.grown.is_empty() && self.gone.is_empty()
    }

    /// The statements that write them, for a transaction.
    pub(crate) fn statements(self, variables: &mut Variables) -> String {
        let mut statements = String::new();
        if !self.grown.is_empty() {
            let read: Vec<u64> = self.grown.values().map(|(read, _)| *read).collect();
            let ids: Vec<RecordId> = self.grown.keys().cloned().collect();
            let grown = self.grown.into_iter().map(|(id, (_, content))| row(id, content));
            variables.insert("grown", grown.collect::<Vec<_>>());
            variables.insert("ids", ids);
            variables.insert("read", read);
            // All versions at once, then plain writes: a condition on each write costs twice as much.
            // Writing to a text does not fail.
            let _ = write!(
                statements,
                "IF (SELECT VALUE version FROM $ids) != $read {{ {THROW_VERSION} }}; \
                 FOR $one IN $grown {{ UPDATE $one.id CONTENT $one RETURN NONE }}; "
            );
        }
        if !self.gone.is_empty() {
            variables.insert("gone", self.gone.into_iter().collect::<Vec<_>>());
            statements.push_str("DELETE $gone RETURN NONE; ");
        }
        if !self.fresh.is_empty() {
            // In the order of their tables, each of which the engine then looks up once.
            let fresh = self.fresh.into_iter().map(|(id, content)| row(id, content));
            variables.insert("fresh", fresh.collect::<Vec<_>>());
            statements.push_str("INSERT $fresh RETURN NONE; ");
        }
        statements
    }
}

fn row(id: RecordId, mut content: Object) -> Value {
    content.insert("id", id);
    content.into_value()
}

/// Whether a fault says that somebody else wrote the same meanwhile.
pub(crate) fn is_raced(fault: &Fault) -> bool {
    match fault {
        Fault::Exists(_) | Fault::Contended => true,
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
