//! The log's entries in the database: written in batches, each once, together with what they amount to.

use std::borrow::Cow;
use std::collections::HashSet;

use confab_protocol::{Author, Body, ConversationId, Entry, Role, UnixMillis, UserId};
use serde::{Deserialize, Serialize};
use surrealdb::types::{Object, RecordId, Value};

use crate::error::{Fault, StoreError};
use crate::guarded::{Guarded, MAX_ROUNDS, is_raced, outrun};
use crate::position::Position;
use crate::rows::{Fields, beginning_with, number, packed, record_of, text, variables};
use crate::search;
use crate::tenant::TenantStore;

/// Entries written in one transaction.
const BATCH: usize = 1000;

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

    fn key(&self) -> (&str, &str, u64) {
        (self.conversation.as_str(), &self.epoch, self.seq)
    }

    fn id(&self) -> RecordId {
        record_of("message", key(self.conversation.as_str(), &self.epoch, self.seq))
    }

    /// Fields that queries look at, and the rest packed. Absent ones cost nothing.
    fn row(&self) -> Result<Object, StoreError> {
        let Entry { id, author, at, body } = &self.entry;
        let (text, is_plain) = match body {
            Body::Text { text } => (Some(text), !self.note),
            Body::Note { text } => (Some(text), self.note),
            Body::Image { text, .. } | Body::File { text, .. } => (Some(text), false),
            _ => (None, false),
        };
        let rest = Rest {
            at: *at,
            name: Cow::Borrowed(&author.name),
            role: author.role,
            body: (!is_plain).then_some(Cow::Borrowed(body)),
        };
        let mut row = Object::new();
        row.insert("id", self.id());
        row.insert("entry_id", id.as_str());
        row.insert("rest", packed(&rest)?);
        if let Some(author) = &author.id {
            row.insert("author", author.as_str());
        }
        if let Some(text) = text {
            row.insert("text", text.as_str());
        }
        if self.note {
            row.insert("note", true);
        }
        Ok(row)
    }
}

/// The key of an entry's record.
pub(crate) fn key(conversation: &str, epoch: &str, seq: u64) -> Vec<Value> {
    vec![text(conversation), text(epoch), number(seq)]
}

/// What is stored of an entry beyond what queries look at.
#[derive(Debug, Serialize, Deserialize)]
struct Rest<'a> {
    at: UnixMillis,
    /// The author's name.
    name: Cow<'a, str>,
    /// The author's role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
    /// Absent where the row's text says it all: a message that is no note, or a note among notes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<Cow<'a, Body>>,
}

/// Where a stored entry lies: conversation, epoch, sequence.
#[derive(Debug, Deserialize)]
struct Place {
    id: (String, String, u64),
}

/// A stored entry with its place.
#[derive(Debug)]
pub(crate) struct MessageRow {
    pub(crate) conversation: String,
    pub(crate) position: Position,
    fields: Fields,
}

impl MessageRow {
    pub(crate) fn of(row: Value) -> Result<Self, StoreError> {
        let mut fields = Fields::of(row)?;
        let (conversation, epoch, seq): (String, String, u64) = fields.key()?;
        Ok(Self { conversation, position: Position::new(epoch, seq), fields })
    }

    pub(crate) fn is_note(&self) -> bool {
        self.fields.has("note")
    }

    /// The entry it was made from.
    pub(crate) fn into_entry(mut self) -> Result<Entry, StoreError> {
        let note = self.is_note();
        let Rest { at, name, role, body } = self.fields.unpack("rest")?;
        let body = match body {
            Some(body) => body.into_owned(),
            None if note => Body::Note { text: self.fields.expect("text")? },
            None => Body::Text { text: self.fields.expect("text")? },
        };
        let author = Author { id: self.fields.take("author")?, name: name.into_owned(), role };
        Ok(Entry { id: self.fields.expect("entry_id")?, author, at, body })
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
        let mut missing: Vec<&StoredEntry> = batch.iter().filter(|entry| seen.insert(entry.key())).collect();
        for _ in 0..MAX_ROUNDS {
            if missing.is_empty() {
                return Ok(());
            }
            let activity = self.grown_by(&missing).await?;
            match self.insert_new(&missing, activity).await? {
                Ok(()) => {
                    self.merge_when_due(missing.len()).await;
                    return Ok(());
                }
                // A batch that comes a second time, or another worker on the same shard.
                Err(fault) if is_raced(&fault) => missing = self.absent(missing).await?,
                Err(fault) => return Err(fault.into()),
            }
        }
        Err(outrun())
    }

    /// Writes entries none of which may exist, their words, and what the conversations amount to with them, in one
    /// transaction.
    async fn insert_new(
        &self,
        entries: &[&StoredEntry],
        activity: Guarded,
    ) -> Result<Result<(), Fault>, StoreError> {
        let rows: Vec<Object> = entries.iter().map(|stored| stored.row()).collect::<Result<_, _>>()?;
        let mut variables = variables! { "rows": rows };
        let grow = activity.statements(&mut variables);
        let index = search::statement(entries, &mut variables)?;
        let insert = format!("BEGIN; INSERT INTO message $rows RETURN NONE; {grow}{index}COMMIT;");
        Ok(self.database.query("insert_entries", insert, variables).await.map(drop))
    }

    /// Those of the entries that are not in the database.
    async fn absent<'a>(&self, entries: Vec<&'a StoredEntry>) -> Result<Vec<&'a StoredEntry>, StoreError> {
        let ids: Vec<RecordId> = entries.iter().map(|stored| stored.id()).collect();
        let select = "SELECT id FROM $ids";
        let mut answer = self.database.query("present_entries", select, variables! { "ids": ids }).await?;
        let present: Vec<Place> = answer.rows(0)?;
        let present: HashSet<(&str, &str, u64)> = present
            .iter()
            .map(|Place { id: (of, epoch, seq) }| (of.as_str(), epoch.as_str(), *seq))
            .collect();
        Ok(entries.into_iter().filter(|stored| !present.contains(&stored.key())).collect())
    }

    /// Where the entry with the author's own id lies: epoch and sequence. `None` for the author is the hub itself. Looks
    /// through the keys of the conversation only: an index for what is seldom asked would slow down every write.
    pub fn find_message<'a>(
        &'a self,
        conversation: &'a ConversationId,
        author: impl Into<Option<&'a UserId>>,
        entry_id: &'a str,
    ) -> impl Future<Output = Result<Option<(String, u64)>, StoreError>> + Send + 'a {
        let variables = variables! {
            "entries": beginning_with("message", conversation.as_str()),
            "entry": entry_id,
            "author": author.into().map(UserId::as_str),
        };
        let select = "SELECT id FROM $entries WHERE entry_id = $entry AND author = $author";
        async move {
            let mut answer = self.database.query("find_message", select, variables).await?;
            Ok(answer.first::<Place>(0)?.map(|Place { id: (_, epoch, seq) }| (epoch, seq)))
        }
    }

    /// How many entries of the conversation are stored, of any kind, notes included.
    pub async fn count_entries(&self, conversation: &ConversationId) -> Result<u64, StoreError> {
        let variables = variables! { "entries": beginning_with("message", conversation.as_str()) };
        let select = "SELECT count() FROM $entries GROUP ALL";
        self.database.query("count_entries", select, variables).await?.count(0)
    }
}
