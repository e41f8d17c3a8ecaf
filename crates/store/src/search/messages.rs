//! Messages by their words: all matches where there are few, the most recent ones where there are many.

use std::cmp::Reverse;
use std::collections::HashSet;

use confab_protocol::{Author, Body, ConversationId, UnixMillis, UserId};
use surrealdb::types::RecordId;

use super::Found;
use super::index::Hits;
use super::rank::score;
use super::segment::Said;
use super::words::{Terms, Word, words};
use crate::error::StoreError;
use crate::messages::{MessageRow, key};
use crate::rows::{record_of, variables};
use crate::tenant::TenantStore;

/// Candidates that are enough: ranking more of a common word finds nothing better but older.
const ENOUGH: usize = 150;
/// Matches up to which all are ranked.
const ALL: usize = 400;
/// How far back the segments begin that are listed one after the other, and at last all: an hour, a day, a month, a year.
const WINDOWS: [Option<UnixMillis>; 5] =
    [Some(HOUR_MS), Some(24 * HOUR_MS), Some(30 * 24 * HOUR_MS), Some(365 * 24 * HOUR_MS), None];
const HOUR_MS: UnixMillis = 3_600_000;
/// Segments that are looked through at first, each time four times as many, and at most.
const FIRST_GROUP: usize = 2;
const SEGMENTS: usize = 8192;
/// Entries of single conversations that are looked through, and entries read at once.
const ENTRIES: usize = 5000;
const PAGE: u32 = 500;

/// Where to look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// In all conversations of the tenant.
    Tenant,
    /// In these only, the first ones first.
    Conversations(Vec<ConversationId>),
}

/// What to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageSearch {
    /// Words, all of which have to be there.
    pub terms: Terms,
    /// Where.
    pub scope: Scope,
    /// Whether private notes are looked at.
    pub notes: bool,
    /// Only what this person wrote.
    pub author: Option<UserId>,
    /// Only what was written then or later.
    pub since: UnixMillis,
    /// Only what was written then or earlier.
    pub until: UnixMillis,
    /// The time of the search.
    pub now: UnixMillis,
    /// Most matches to return.
    pub limit: usize,
}

impl MessageSearch {
    /// Whether a message that has the words fits all else.
    fn takes(&self, said: &Said) -> bool {
        (self.notes || !said.note)
            && self.author.as_ref().is_none_or(|author| said.author.as_deref() == Some(author.as_str()))
            && (self.since..=self.until).contains(&said.at)
    }
}

/// A message that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct MessageMatch {
    /// Its conversation.
    pub conversation: ConversationId,
    /// Epoch of the log that gave the sequence.
    pub epoch: String,
    /// Sequence in its channel.
    pub seq: u64,
    /// Whether it is a private note.
    pub note: bool,
    /// Who wrote it.
    pub author: Author,
    /// When.
    pub at: UnixMillis,
    /// What they wrote.
    pub text: String,
    /// How well it fits; only to be compared within one answer.
    pub score: f64,
}

/// Candidates so far.
#[derive(Default)]
struct Candidates {
    seen: HashSet<(String, String, u64, bool)>,
    ranked: Vec<(f64, UnixMillis, MessageMatch)>,
}

impl Candidates {
    /// Takes a message in if it fits all that the index doesn't look at.
    fn add(&mut self, search: &MessageSearch, mut found: MessageMatch, words: &[Word]) {
        let fits = (search.notes || !found.note)
            && search.author.as_ref().is_none_or(|author| found.author.id.as_ref() == Some(author))
            && (search.since..=search.until).contains(&found.at)
            && search.terms.all_in(words);
        let key = || (found.conversation.to_string(), found.epoch.clone(), found.seq, found.note);
        if fits && self.seen.insert(key()) {
            found.score = score(&search.terms, words, found.at, search.now);
            self.ranked.push((found.score, found.at, found));
        }
    }

    fn done(self, limit: usize, is_bounded: bool) -> Found<MessageMatch> {
        Found::best(self.ranked, limit, is_bounded)
    }
}

impl TenantStore {
    /// The messages that fit best.
    pub async fn search_messages(&self, search: &MessageSearch) -> Result<Found<MessageMatch>, StoreError> {
        match &search.scope {
            Scope::Conversations(conversations) => self.search_within(search, conversations).await,
            Scope::Tenant => self.search_everywhere(search).await,
        }
    }

    /// Single conversations are read: exact, and bounded by the number of entries.
    async fn search_within(
        &self,
        search: &MessageSearch,
        conversations: &[ConversationId],
    ) -> Result<Found<MessageMatch>, StoreError> {
        let mut candidates = Candidates::default();
        let mut left = ENTRIES;
        for conversation in conversations {
            let mut before = None;
            loop {
                if left == 0 {
                    return Ok(candidates.done(search.limit, true));
                }
                let page = self.history(conversation, before.as_deref(), PAGE, search.notes).await?;
                left = left.saturating_sub(page.items.len());
                for item in page.items {
                    let Some(text) = said(&item.entry.body) else { continue };
                    let words = words(&text);
                    let found = MessageMatch {
                        conversation: conversation.clone(),
                        epoch: item.epoch,
                        seq: item.seq,
                        note: item.note,
                        author: item.entry.author,
                        at: item.entry.at,
                        text,
                        score: 0.0,
                    };
                    candidates.add(search, found, &words);
                }
                before = page.before;
                if before.is_none() {
                    break;
                }
            }
        }
        Ok(candidates.done(search.limit, false))
    }

    /// What is fresh is looked through first, then merged segments from the newest ones on, until matches are enough.
    async fn search_everywhere(&self, search: &MessageSearch) -> Result<Found<MessageMatch>, StoreError> {
        // What is merged meanwhile is found twice rather than not at all.
        let mut found = self.freshly_said(search.terms.folded()).await?;
        found.retain(|said| search.takes(said));
        let is_all = self.gather(search, &mut found).await? && found.len() <= ALL;
        found.sort_by_key(|said| Reverse(said.at));
        found.truncate(if is_all { ALL } else { ENOUGH });
        self.read(search, &found, !is_all).await
    }

    /// Adds matches in merged segments until they are enough; says whether it has looked through all segments.
    async fn gather(&self, search: &MessageSearch, found: &mut Vec<Said>) -> Result<bool, StoreError> {
        let end = search.until.min(search.now);
        let (mut until, mut left, mut group) = (search.until, SEGMENTS, FIRST_GROUP);
        for window in WINDOWS {
            let after = window.map(|window| end.saturating_sub(window));
            let segments = self.segments(after, until).await?;
            let mut segments = segments.as_slice();
            while !segments.is_empty() {
                if left == 0 || found.len() >= ENOUGH {
                    return Ok(false);
                }
                let (next, rest) = segments.split_at(group.min(left).min(segments.len()));
                if !self.gather_in(next, search, found).await? {
                    return Ok(false);
                }
                (segments, left, group) = (rest, left - next.len(), group * 4);
            }
            until = after.unwrap_or_default();
        }
        Ok(true)
    }

    /// The same in some segments that follow each other.
    async fn gather_in(
        &self,
        segments: &[String],
        search: &MessageSearch,
        found: &mut Vec<Said>,
    ) -> Result<bool, StoreError> {
        let hits = self.hits(segments, search.terms.folded()).await?;
        let mut hits = hits.as_slice();
        while !hits.is_empty() {
            let missing = ENOUGH.saturating_sub(found.len());
            if missing == 0 {
                return Ok(false);
            }
            let (next, rest) = hits.split_at(enough(hits, missing));
            found.extend(self.hit(next).await?.into_iter().filter(|said| search.takes(said)));
            hits = rest;
        }
        Ok(true)
    }

    /// Reads messages and ranks those that fit.
    async fn read(
        &self,
        search: &MessageSearch,
        found: &[Said],
        is_bounded: bool,
    ) -> Result<Found<MessageMatch>, StoreError> {
        let mut candidates = Candidates::default();
        let id = |said: &Said| record_of("message", key(&said.conversation, &said.epoch, said.seq));
        let variables = variables! { "ids": found.iter().map(id).collect::<Vec<RecordId>>() };
        let mut answer = self.database.query("search_messages", "SELECT * FROM $ids", variables).await?;
        for row in answer.values(0)? {
            let row = MessageRow::of(row)?;
            let note = row.is_note();
            let (conversation, position) = (row.conversation.clone(), row.position.clone());
            let entry = row.into_entry()?;
            let Some(text) = said(&entry.body) else { continue };
            let conversation = ConversationId::parse(conversation)
                .map_err(|error| StoreError::Corrupt(error.to_string()))?;
            let (epoch, seq) = (position.epoch, position.seq);
            let words = words(&text);
            let (author, at) = (entry.author, entry.at);
            let found = MessageMatch { conversation, epoch, seq, note, author, at, text, score: 0.0 };
            candidates.add(search, found, &words);
        }
        Ok(candidates.done(search.limit, is_bounded))
    }
}

/// How many of the hits have so many messages, or all of them.
fn enough(hits: &[Hits], messages: usize) -> usize {
    let mut sum = 0;
    let short = hits.iter().take_while(|hits| {
        let is_short = sum < messages;
        sum += hits.places.len();
        is_short
    });
    short.count()
}

/// What somebody wrote, if somebody did.
fn said(body: &Body) -> Option<String> {
    body.text().filter(|_| body.is_message()).map(str::to_owned)
}
