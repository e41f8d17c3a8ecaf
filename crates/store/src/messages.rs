//! The log's entries in the database: written in batches, each once, together with what they amount to.

use std::collections::HashSet;

use confab_protocol::{Author, Body, ConversationId, Entry, UnixMillis, UserId};
use serde::{Deserialize, Serialize};
use surrealdb::types::{Object, RecordId};

use crate::error::{Fault, StoreError};
use crate::guarded::{Guarded, MAX_ROUNDS, is_raced, outrun};
use crate::position::Position;
use crate::rows::{beginning_with, number, record_of, text, to_content, variables};
use crate::tenant::TenantStore;

/// Entries written in one transaction.
const BATCH: usize = 500;

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
        let (conversation, epoch, seq) = self.key();
        record_of("message", vec![text(conversation), text(epoch), number(seq)])
    }

    fn row(&self) -> Result<Object, StoreError> {
        let Entry { id, author, at, body } = self.entry.clone();
        let kind = body.kind().to_owned();
        let (text, body) = match body {
            Body::Text { text } | Body::Note { text } => (Some(text), None),
            other => (None, Some(other)),
        };
        let content = MessageContent { note: self.note, entry_id: id, author, at, kind, text, body };
        let mut row = to_content(&content)?;
        row.insert("id", self.id());
        row.insert("conversation", self.conversation.as_str());
        row.insert("backwards", self.position().backwards());
        Ok(row)
    }
}

/// What is stored of an entry. What people wrote is in `text`, for the search; everything else in `body`.
#[derive(Debug, Serialize, Deserialize)]
struct MessageContent {
    note: bool,
    entry_id: String,
    author: Author,
    at: UnixMillis,
    kind: String,
    text: Option<String>,
    body: Option<Body>,
}

/// Where a stored entry lies: conversation, epoch, sequence.
#[derive(Debug, Deserialize)]
struct Place {
    id: (String, String, u64),
}

/// A stored entry with its place.
#[derive(Debug, Deserialize)]
pub(crate) struct MessageRow {
    id: (String, String, u64),
    #[serde(flatten)]
    content: MessageContent,
}

impl MessageRow {
    pub(crate) fn position(&self) -> Position {
        let (_, epoch, seq) = &self.id;
        Position::new(epoch.clone(), *seq)
    }

    pub(crate) fn is_note(&self) -> bool {
        self.content.note
    }

    /// The entry it was made from.
    pub(crate) fn into_entry(self) -> Result<Entry, StoreError> {
        let MessageContent { entry_id, author, at, kind, text, body, .. } = self.content;
        let body = match (kind.as_str(), text, body) {
            ("TEXT", Some(text), None) => Body::Text { text },
            ("NOTE", Some(text), None) => Body::Note { text },
            (_, None, Some(body)) => body,
            (kind, ..) => {
                return Err(StoreError::Corrupt(format!("an entry of kind {kind} without its body")));
            }
        };
        Ok(Entry { id: entry_id, author, at, body })
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
                Ok(()) => return Ok(()),
                // A batch that comes a second time, or another worker on the same shard.
                Err(fault) if is_raced(&fault) => missing = self.absent(missing).await?,
                Err(fault) => return Err(fault.into()),
            }
        }
        Err(outrun())
    }

    /// Writes entries none of which may exist, and what the conversations amount to with them, in one transaction.
    async fn insert_new(
        &self,
        entries: &[&StoredEntry],
        activity: Guarded,
    ) -> Result<Result<(), Fault>, StoreError> {
        let rows: Vec<Object> = entries.iter().map(|stored| stored.row()).collect::<Result<_, _>>()?;
        let mut variables = variables! { "rows": rows };
        let grow = activity.statements("activity", &mut variables);
        let insert = format!("BEGIN; INSERT INTO message $rows RETURN NONE; {grow}COMMIT;");
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
        let select = "SELECT id FROM $entries WHERE entry_id = $entry AND author.id = $author";
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
