//! The log's entries in the database: written in batches, each once, together with what they amount to.

use std::collections::{BTreeMap, HashSet};

use confab_protocol::{Author, Body, ConversationId, Entry, UnixMillis, UserId};
use serde::{Deserialize, Serialize};
use surrealdb::types::{Object, RecordId, Value};

use crate::activity::{self, Growth};
use crate::error::{Fault, StoreError};
use crate::position::Position;
use crate::rows::{Answer, beginning_with, number, record_of, text, to_content, variables};
use crate::tenant::TenantStore;

/// Entries written in one transaction.
const BATCH: usize = 500;
/// How often a batch is written anew without what others wrote of it meanwhile.
const MAX_ROUNDS: u32 = 5;

/// An entry of a conversation, with its place in the log.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredEntry {
    /// The conversation.
    pub conversation: ConversationId,
    /// Whether it is a private note, from `conv.<id>.notes`.
    pub note: bool,
    /// Epoch of the log: when it was created, in nanoseconds, as decimal text of fixed width, so that it sorts.
    pub epoch: String,
    /// Sequence in the log.
    pub seq: u64,
    /// The entry.
    pub entry: Entry,
}

impl StoredEntry {
    pub(crate) fn position(&self) -> Position {
        Position::new(self.epoch.clone(), self.seq)
    }

    fn id(&self) -> RecordId {
        let key = vec![text(self.conversation.as_str()), text(&self.epoch), number(self.seq)];
        record_of("message", key)
    }
}

/// An entry as it is stored. What people wrote is in `text`, for the search; everything else in `body`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct MessageRow {
    conversation: ConversationId,
    pub(crate) position: String,
    pub(crate) note: bool,
    entry_id: String,
    author: Author,
    at: UnixMillis,
    kind: String,
    text: Option<String>,
    body: Option<Body>,
}

impl MessageRow {
    fn of(stored: &StoredEntry) -> Self {
        let Entry { id, author, at, body } = stored.entry.clone();
        let kind = body.kind().to_owned();
        let (text, body) = match body {
            Body::Text { text } | Body::Note { text } => (Some(text), None),
            other => (None, Some(other)),
        };
        Self {
            conversation: stored.conversation.clone(),
            position: stored.position().to_string(),
            note: stored.note,
            entry_id: id,
            author,
            at,
            kind,
            text,
            body,
        }
    }

    /// The entry it was made from.
    pub(crate) fn into_entry(self) -> Result<Entry, StoreError> {
        let body = match (self.kind.as_str(), self.text, self.body) {
            ("TEXT", Some(text), None) => Body::Text { text },
            ("NOTE", Some(text), None) => Body::Note { text },
            (_, None, Some(body)) => body,
            (kind, ..) => {
                return Err(StoreError::Corrupt(format!("an entry of kind {kind} without its body")));
            }
        };
        Ok(Entry { id: self.entry_id, author: self.author, at: self.at, body })
    }
}

impl TenantStore {
    /// Writes entries of the log. Those that are there already are left as they are and change no figure.
    pub async fn insert_entries(&self, entries: &[StoredEntry]) -> Result<(), StoreError> {
        for batch in entries.chunks(BATCH) {
            self.insert_batch(batch).await?;
        }
        Ok(())
    }

    async fn insert_batch(&self, batch: &[StoredEntry]) -> Result<(), StoreError> {
        let mut seen = HashSet::new();
        let mut missing: Vec<&StoredEntry> = batch
            .iter()
            .filter(|entry| seen.insert((&entry.conversation, &entry.epoch, entry.seq)))
            .collect();
        for _ in 0..MAX_ROUNDS {
            if missing.is_empty() {
                return Ok(());
            }
            match self.insert_new(&missing).await {
                Ok(_) => return Ok(()),
                // Some were written before: a batch that comes a second time, or another worker on the same shard.
                Err(Fault::Exists(_)) => missing = self.absent(missing).await?,
                Err(fault) => return Err(fault.into()),
            }
        }
        Err(StoreError::Unavailable("others write the same entries at the same time".to_owned()))
    }

    /// Writes entries none of which may exist, and lets the activity grow by them, in one transaction.
    async fn insert_new(&self, entries: &[&StoredEntry]) -> Result<Answer, Fault> {
        let mut growth: BTreeMap<&ConversationId, Growth> = BTreeMap::new();
        let mut rows = Vec::with_capacity(entries.len());
        for stored in entries {
            growth.entry(&stored.conversation).or_default().add(stored);
            rows.push(row(stored).map_err(|error| Fault::Other(error.to_string()))?);
        }
        let activity: Vec<Value> =
            growth.into_iter().map(|(conversation, growth)| growth.into_row(conversation)).collect();
        let insert = format!("BEGIN; INSERT INTO message $rows RETURN NONE; {} COMMIT;", activity::GROW);
        self.database.query("insert_entries", insert, variables! { "rows": rows, "activity": activity }).await
    }

    /// Those of the entries that are not in the database.
    async fn absent<'a>(&self, entries: Vec<&'a StoredEntry>) -> Result<Vec<&'a StoredEntry>, StoreError> {
        let ids: Vec<RecordId> = entries.iter().map(|stored| stored.id()).collect();
        let select = "SELECT VALUE [conversation, position] FROM $ids";
        let mut answer = self.database.query("present_entries", select, variables! { "ids": ids }).await?;
        let present: HashSet<(String, String)> = answer.rows(0)?.into_iter().collect();
        let key = |stored: &StoredEntry| (stored.conversation.to_string(), stored.position().to_string());
        Ok(entries.into_iter().filter(|stored| !present.contains(&key(stored))).collect())
    }

    /// Where the entry with the author's own id lies: epoch and sequence. `None` for the author is the hub itself.
    pub fn find_message<'a>(
        &'a self,
        conversation: &'a ConversationId,
        author: impl Into<Option<&'a UserId>>,
        entry_id: &'a str,
    ) -> impl Future<Output = Result<Option<(String, u64)>, StoreError>> + Send + 'a {
        let variables = variables! {
            "conversation": conversation.as_str(),
            "entry": entry_id,
            "author": author.into().map(UserId::as_str),
        };
        let select = "SELECT VALUE position FROM message \
                      WHERE conversation = $conversation AND entry_id = $entry AND author.id = $author LIMIT 1";
        async move {
            let mut answer = self.database.query("find_message", select, variables).await?;
            let position = Position::stored(&answer.first::<String>(0)?.unwrap_or_default())?;
            Ok(position.map(|Position { epoch, seq }| (epoch, seq)))
        }
    }

    /// How many entries of the conversation are stored, of any kind, notes included.
    pub async fn count_entries(&self, conversation: &ConversationId) -> Result<u64, StoreError> {
        let variables = variables! { "entries": beginning_with("message", conversation.as_str()) };
        let select = "SELECT count() FROM $entries GROUP ALL";
        self.database.query("count_entries", select, variables).await?.count(0)
    }
}

fn row(stored: &StoredEntry) -> Result<Object, StoreError> {
    let mut row = to_content(&MessageRow::of(stored))?;
    row.insert("id", stored.id());
    Ok(row)
}
