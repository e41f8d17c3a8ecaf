//! The index of messages: fresh segments written with their messages, merged into larger ones, and what has to go taken
//! out again.
//!
//! Merging is no one's privilege: whoever has written enough does it, in a transaction that fails when a fresh segment
//! is gone that it read. A fresh segment is never changed, so whatever replaces one makes such a merge fail.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::ops::Bound;
use std::sync::{Arc, Mutex, PoisonError};

use confab_protocol::{ConversationId, UnixMillis};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use surrealdb::types::{
    Object, RecordId, RecordIdKey, RecordIdKeyRange, SurrealValue as _, Value, Variables,
};
use tracing::warn;

use super::segment::{self, BUCKETS, Postings, Said, Segment, bucket, with_all};
use crate::error::StoreError;
use crate::guarded::{MAX_ROUNDS, THROW_VERSION, is_raced, outrun};
use crate::inverted::inverted;
use crate::messages::{MessageRow, StoredEntry};
use crate::rows::{
    Fields, beginning_with, compact, from_value, number, range, record, record_of, text, variables,
};
use crate::tenant::TenantStore;

/// Messages of a merged segment, at least.
pub(super) const MERGED: usize = 4096;
/// Fresh segments that a process writes before it merges them, however small they are.
const FRESH: usize = 64;
/// Messages of a merged segment that lie in one row.
const CHUNK: usize = 16;

/// What this process has written since it merged last.
#[derive(Debug)]
pub(crate) struct Unmerged(Mutex<Written>);

#[derive(Debug, Default)]
struct Written {
    segments: usize,
    messages: usize,
}

impl Default for Unmerged {
    /// What processes that ended have left is merged with the first that is written.
    fn default() -> Self {
        Self(Mutex::new(Written { segments: FRESH, messages: 0 }))
    }
}

impl Unmerged {
    /// Counts a fresh segment; says whether it is time to merge.
    fn add(&self, messages: usize) -> bool {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        written.segments += 1;
        written.messages += messages;
        let is_due = written.segments >= FRESH || written.messages >= MERGED;
        if is_due {
            *written = Written::default();
        }
        is_due
    }
}

/// The fresh segments that the last search has read. As they never change, the next one reads those that are new.
#[derive(Debug, Default)]
pub(crate) struct ReadFresh(Mutex<HashMap<String, Arc<Segment>>>);

impl ReadFresh {
    /// Those of them that still are there, and which have to be read.
    fn of(&self, ids: Vec<String>) -> (HashMap<String, Arc<Segment>>, Vec<RecordId>) {
        let read = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut known, mut unknown) = (HashMap::new(), Vec::new());
        for id in ids {
            match read.get(&id) {
                Some(segment) => drop(known.insert(id, Arc::clone(segment))),
                None => unknown.push(record("fresh_segment", &id)),
            }
        }
        (known, unknown)
    }

    fn keep(&self, fresh: HashMap<String, Arc<Segment>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = fresh;
    }
}

/// A merged segment, without its messages and words.
#[derive(Debug, Deserialize)]
struct Listed {
    id: String,
    version: u64,
}

/// Messages of a merged segment that have all words of a search: which row they are in, and their places there.
#[derive(Debug)]
pub(super) struct Hits {
    row: RecordId,
    pub(super) places: Vec<usize>,
}

/// The statement that writes a fresh segment, for a transaction; none where nobody says anything.
pub(crate) fn statement(
    entries: &[&StoredEntry],
    variables: &mut Variables,
) -> Result<&'static str, StoreError> {
    let segment = Segment::of(entries.iter().copied());
    if segment.len() == 0 {
        return Ok("");
    }
    variables.insert("fresh_segment", fresh_row(&segment)?);
    Ok("INSERT INTO fresh_segment $fresh_segment RETURN NONE; ")
}

/// Without an id: the engine finds one.
fn fresh_row(segment: &Segment) -> Result<Object, StoreError> {
    let mut row = Object::new();
    row.insert("said", compact(&segment.said)?);
    row.insert("words", compact(&segment.postings)?);
    Ok(row)
}

fn row(id: RecordId, packed: &impl Serialize) -> Result<Value, StoreError> {
    let mut row = Object::new();
    row.insert("id", id);
    row.insert("packed", compact(packed)?);
    Ok(row.into_value())
}

/// The row of some of a segment's messages: those of a segment lie together.
fn messages_id(segment: &str, chunk: usize) -> RecordId {
    record_of("segment_messages", vec![text(segment), number(chunk as u64)])
}

/// The key of some of a segment's words: those of all segments lie together, newest first.
fn words_key(bucket: usize, segment: &str) -> Vec<Value> {
    vec![number(bucket as u64), text(segment)]
}

/// A stored row's id and what it has packed.
fn unpack<T: DeserializeOwned>(row: Value) -> Result<(RecordId, T), StoreError> {
    let mut fields = Fields::of(row)?;
    Ok((fields.record_id()?, fields.unpack("packed")?))
}

/// Fresh segments of their rows.
fn fresh_of(rows: Vec<Value>) -> Result<Vec<(String, Segment)>, StoreError> {
    let segments = rows.into_iter().map(|row| {
        let mut fields = Fields::of(row)?;
        let (said, postings) = (fields.unpack("said")?, fields.unpack("words")?);
        Ok((fields.key()?, Segment { said, postings }))
    });
    segments.collect()
}

/// The rows of a merged segment; none when it has no messages.
pub(super) fn merged_rows(segment: Segment) -> Result<Vec<Value>, StoreError> {
    let (Some((since, until)), Some(first)) = (segment.times(), segment.said.iter().flatten().next()) else {
        return Ok(Vec::new());
    };
    let id = format!("{}-{}-{}", inverted(since), first.epoch, first.seq);
    let mut row_of_all = Object::new();
    row_of_all.insert("id", record("segment", &id));
    row_of_all.insert("until", until);
    row_of_all.insert("version", 1_u64);
    let mut rows = vec![row_of_all.into_value()];
    for (chunk, said) in segment.said.chunks(CHUNK).enumerate() {
        rows.push(row(messages_id(&id, chunk), &said)?);
    }
    for (bucket, postings) in segment.into_buckets().into_iter().enumerate() {
        if !postings.is_empty() {
            rows.push(row(record_of("segment_words", words_key(bucket, &id)), &postings)?);
        }
    }
    Ok(rows)
}

impl TenantStore {
    /// Merges what is fresh when enough was written since it was done last. What fails is done the next time.
    pub(crate) async fn merge_when_due(&self, messages: usize) {
        if messages > 0
            && self.unmerged.add(messages)
            && let Err(error) = self.merge().await
        {
            warn!(tenant = %self.id(), %error, "fresh segments of the index are not merged for now");
        }
    }

    async fn merge(&self) -> Result<(), StoreError> {
        let mut fresh = self.fresh().await?;
        fresh.sort_by_key(|(_, segment)| segment.times());
        let (mut ids, mut merged) = (Vec::new(), Segment::default());
        for (id, segment) in fresh {
            ids.push(id);
            merged.append(segment);
            if merged.len() >= MERGED {
                self.replace(&ids, std::mem::take(&mut merged)).await?;
                ids.clear();
            }
        }
        if ids.len() > 1 {
            self.replace(&ids, merged).await?;
        }
        Ok(())
    }

    async fn fresh(&self) -> Result<Vec<(String, Segment)>, StoreError> {
        let select = "SELECT * FROM fresh_segment";
        fresh_of(self.database.query("fresh_segments", select, Variables::new()).await?.values(0)?)
    }

    /// The messages of fresh segments that have all of the words.
    pub(super) async fn freshly_said(&self, terms: &[String]) -> Result<Vec<Said>, StoreError> {
        let select = "SELECT VALUE record::id(id) FROM fresh_segment";
        let ids = self.database.query("fresh_ids", select, Variables::new()).await?.rows(0)?;
        let (mut fresh, unknown) = self.read_fresh.of(ids);
        if !unknown.is_empty() {
            let variables = variables! { "ids": unknown };
            let mut answer = self.database.query("fresh_segments", "SELECT * FROM $ids", variables).await?;
            fresh.extend(
                fresh_of(answer.values(0)?)?.into_iter().map(|(id, segment)| (id, Arc::new(segment))),
            );
        }
        let with_all = |segment: &Arc<Segment>| {
            let numbers = with_all(&segment.postings, terms).into_iter();
            numbers.filter_map(|number| segment.said.get(number)?.clone()).collect::<Vec<_>>()
        };
        let found = fresh.values().flat_map(with_all).collect();
        self.read_fresh.keep(fresh);
        Ok(found)
    }

    /// Puts a segment in the place of fresh ones; says whether they were all there. If not, nothing was done.
    async fn replace(&self, gone: &[String], segment: Segment) -> Result<bool, StoreError> {
        let gone: Vec<RecordId> = gone.iter().map(|id| record("fresh_segment", id)).collect();
        let mut variables = variables! { "many": gone.len() as u64, "gone": gone };
        let insert = if segment.len() >= MERGED {
            variables.insert("rows", merged_rows(segment)?);
            "INSERT $rows RETURN NONE; "
        } else if segment.times().is_some() {
            variables.insert("segment", fresh_row(&segment)?);
            "INSERT INTO fresh_segment $segment RETURN NONE; "
        } else {
            ""
        };
        let replace = format!(
            "BEGIN; IF array::len(SELECT VALUE id FROM $gone) != $many {{ {THROW_VERSION} }}; \
             DELETE $gone RETURN NONE; {insert}COMMIT;"
        );
        self.unless_raced("merge_segments", replace, variables).await
    }

    async fn unless_raced(
        &self,
        operation: &'static str,
        statements: String,
        variables: Variables,
    ) -> Result<bool, StoreError> {
        match self.database.query(operation, statements, variables).await {
            Ok(_) => Ok(true),
            Err(fault) if is_raced(&fault) => Ok(false),
            Err(fault) => Err(fault.into()),
        }
    }

    /// The merged segments that begin after one time, or at any, and up to another: the newest first.
    pub(super) async fn segments(
        &self,
        after: Option<UnixMillis>,
        until: UnixMillis,
    ) -> Result<Vec<String>, StoreError> {
        // The later, the smaller.
        let key = |time| RecordIdKey::String(inverted(time));
        let range = RecordIdKeyRange {
            start: Bound::Included(key(until)),
            end: after.map_or(Bound::Unbounded, |after| Bound::Excluded(key(after))),
        };
        let variables = variables! { "range": RecordId::new("segment", range) };
        let select = "SELECT VALUE record::id(id) FROM $range";
        self.database.query("segments", select, variables).await?.rows(0)
    }

    /// Where messages with all of the words lie in segments that follow each other, of each the newest messages first.
    pub(super) async fn hits(&self, segments: &[String], terms: &[String]) -> Result<Vec<Hits>, StoreError> {
        let (Some(first), Some(last)) = (segments.first(), segments.last()) else { return Ok(Vec::new()) };
        let buckets: BTreeSet<usize> = terms.iter().map(|term| bucket(term)).collect();
        let (mut variables, mut select) = (Variables::new(), String::new());
        for &bucket in &buckets {
            let [start, end] = [first, last].map(|segment| Bound::Included(words_key(bucket, segment)));
            variables.insert(format!("words{bucket}"), range("segment_words", start, end));
            // Writing to a text does not fail.
            let _ = write!(select, "SELECT * FROM $words{bucket}; ");
        }
        let mut answer = self.database.query("segment_words", select, variables).await?;
        let mut found: BTreeMap<String, Postings> = BTreeMap::new();
        for statement in 0..buckets.len() {
            for row in answer.values(statement)? {
                let mut fields = Fields::of(row)?;
                let (_, segment): (usize, String) = fields.key()?;
                let postings = segment::of_words(&fields.bytes("packed")?, terms)
                    .map_err(|error| StoreError::Corrupt(error.to_string()))?;
                found.entry(segment).or_default().extend(postings);
            }
        }
        let mut hits = Vec::new();
        for (segment, postings) in found {
            let numbers = with_all(&postings, terms);
            for numbers in numbers.chunk_by(|one, other| one / CHUNK == other / CHUNK).rev() {
                hits.push(Hits {
                    row: messages_id(&segment, numbers[0] / CHUNK),
                    places: numbers.iter().map(|number| number % CHUNK).collect(),
                });
            }
        }
        Ok(hits)
    }

    /// The messages that were hit.
    pub(super) async fn hit(&self, hits: &[Hits]) -> Result<Vec<Said>, StoreError> {
        let ids: Vec<RecordId> = hits.iter().map(|hit| hit.row.clone()).collect();
        let variables = variables! { "ids": ids };
        let rows =
            self.database.query("segment_messages", "SELECT * FROM $ids", variables).await?.values(0)?;
        let mut messages = Vec::new();
        for row in rows {
            let (id, mut said): (RecordId, Vec<Option<Said>>) = unpack(row)?;
            let places = hits.iter().filter(|hit| hit.row == id).flat_map(|hit| &hit.places);
            messages.extend(places.filter_map(|place| said.get_mut(*place)?.take()));
        }
        Ok(messages)
    }

    /// Takes out what was said in a conversation, whose messages are still there.
    pub(crate) async fn forget_said(&self, conversation: &ConversationId) -> Result<(), StoreError> {
        let variables = variables! { "messages": beginning_with("message", conversation.as_str()) };
        let mut answer = self.database.query("messages", "SELECT * FROM $messages", variables).await?;
        let entries = answer.values(0)?.into_iter().map(|row| MessageRow::of(row)?.into_entry());
        let times: Vec<UnixMillis> = entries.map(|entry| Ok(entry?.at)).collect::<Result<_, StoreError>>()?;
        let (Some(since), Some(until)) = (times.iter().min(), times.iter().max()) else { return Ok(()) };
        for _ in 0..MAX_ROUNDS {
            if self.forget_once(conversation.as_str(), *since, *until).await? {
                return Ok(());
            }
        }
        Err(outrun())
    }

    /// Says whether nobody else has changed the same.
    async fn forget_once(
        &self,
        conversation: &str,
        since: UnixMillis,
        until: UnixMillis,
    ) -> Result<bool, StoreError> {
        for (id, mut segment) in self.fresh().await? {
            if segment.forget(conversation) && !self.replace(&[id], segment).await? {
                return Ok(false);
            }
        }
        // From those that begin as the conversation ends, back.
        let older = RecordIdKeyRange {
            start: Bound::Included(RecordIdKey::String(inverted(until))),
            end: Bound::Unbounded,
        };
        let select = "SELECT * FROM $older WHERE until >= $since";
        let variables = variables! { "older": RecordId::new("segment", older), "since": since };
        let listed: Vec<Listed> = self.database.query("segments", select, variables).await?.rows(0)?;
        for segment in listed {
            if !self.forget_in(&segment, conversation).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn forget_in(&self, segment: &Listed, conversation: &str) -> Result<bool, StoreError> {
        let read = "SELECT * FROM $messages; SELECT * FROM $words";
        let words = (0..BUCKETS).map(|bucket| record_of("segment_words", words_key(bucket, &segment.id)));
        let variables = variables! {
            "messages": beginning_with("segment_messages", &segment.id),
            "words": words.collect::<Vec<RecordId>>(),
        };
        let mut answer = self.database.query("read_segment", read, variables).await?;
        let (mut changed, mut empty, mut gone) = (Vec::new(), Vec::new(), Vec::new());
        let (messages, words) = (answer.values(0)?, answer.values(1)?);
        let chunks = messages.len();
        for chunk in messages {
            let (id, mut said): (RecordId, Vec<Option<Said>>) = unpack(chunk)?;
            let (_, chunk): (String, usize) = from_value(id.key.clone().into_value())?;
            let first = CHUNK * chunk;
            let places = segment::forget(&mut said, conversation);
            gone.extend(places.iter().map(|place| first + place));
            if said.iter().all(Option::is_none) {
                empty.push(id);
            } else if !places.is_empty() {
                changed.push(row(id, &said)?);
            }
        }
        if gone.is_empty() {
            return Ok(true);
        }
        let is_empty = empty.len() == chunks;
        for bucket in words {
            let (id, mut postings): (RecordId, Postings) = unpack(bucket)?;
            if segment::without(&mut postings, &gone) {
                if postings.is_empty() {
                    empty.push(id);
                } else {
                    changed.push(row(id, &postings)?);
                }
            }
        }
        let variables = variables! {
            "segment": record("segment", &segment.id),
            "version": segment.version,
            "changed": changed,
            "empty": empty,
        };
        let directory = if is_empty { "DELETE $segment" } else { "UPDATE $segment SET version += 1" };
        let write = format!(
            "BEGIN; IF (SELECT VALUE version FROM $segment) != [$version] {{ {THROW_VERSION} }}; \
             {directory} RETURN NONE; FOR $one IN $changed {{ UPDATE $one.id CONTENT $one RETURN NONE }}; \
             DELETE $empty RETURN NONE; COMMIT;"
        );
        self.unless_raced("forget_in_segment", write, variables).await
    }
}
