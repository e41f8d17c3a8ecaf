//! Messages by their words: all matches where there are few, the most recent ones where there are many.

use std::collections::HashSet;

use confab_protocol::{Author, Body, ConversationId, UnixMillis, UserId};
use surrealdb::types::Variables;

use super::rank::score;
use super::words::{Terms, Word, words};
use super::{Found, spans};
use crate::error::StoreError;
use crate::messages::MessageRow;
use crate::rows::variables;
use crate::tenant::TenantStore;

/// Candidates that are enough: ranking more of a common word finds nothing better but older.
const ENOUGH: usize = 150;
/// Matches up to which all of a tenant's are looked at.
const ALL: usize = 400;
/// Spans that are looked through, one group after the other.
const GROUPS: [usize; 9] = [2, 6, 8, 8, 8, 8, 8, 8, 8];
/// Groups after which it is told whether a word is rare: from fewer matches than these.
const TELLING: usize = 2;
const RARE: usize = 8;
/// Matches taken of one span.
const OF_SPAN: usize = 100;
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

    /// The newest spans tell how common the words are. Of rare ones, all matches are taken; of common ones, those in
    /// the newest spans until they are enough.
    async fn search_everywhere(&self, search: &MessageSearch) -> Result<Found<MessageMatch>, StoreError> {
        let mut candidates = Candidates::default();
        let spans = self.spans(search.since, search.until, GROUPS.iter().sum()).await?;
        let mut spans = spans.as_slice();
        let mut matches = 0;
        for (done, size) in (1..).zip(GROUPS) {
            let (group, rest) = spans.split_at(size.min(spans.len()));
            spans = rest;
            matches += self.search_spans(search, group, &mut candidates).await?;
            if candidates.ranked.len() >= ENOUGH {
                break;
            }
            let few = done == TELLING && (matches < RARE || spans.is_empty());
            if few && self.search_all(search, &mut candidates).await? {
                return Ok(candidates.done(search.limit, false));
            }
            if done >= TELLING && spans.is_empty() {
                break;
            }
        }
        Ok(candidates.done(search.limit, true))
    }

    /// Looks through spans; returns how many matches the index has in them, up to a limit for each.
    async fn search_spans(
        &self,
        search: &MessageSearch,
        spans: &[spans::Listed],
        candidates: &mut Candidates,
    ) -> Result<usize, StoreError> {
        if spans.is_empty() {
            return Ok(0);
        }
        let mut variables = variables! { "limit": OF_SPAN as u64, "author": author(search) };
        let mut statements = String::new();
        for (index, span) in spans.iter().enumerate() {
            variables.insert(format!("words{index}"), search.terms.with(&[&span.mark]));
            statements.push_str(&select(&format!("words{index}"), search));
        }
        self.collect(search, statements, variables, spans.len(), candidates).await
    }

    /// Looks at all matches if they are not too many; says whether they were all.
    async fn search_all(
        &self,
        search: &MessageSearch,
        candidates: &mut Candidates,
    ) -> Result<bool, StoreError> {
        let variables = variables! {
            "limit": ALL as u64 + 1,
            "author": author(search),
            "words": search.terms.with(&[]),
        };
        let matches = self.collect(search, select("words", search), variables, 1, candidates).await?;
        Ok(matches <= ALL)
    }

    async fn collect(
        &self,
        search: &MessageSearch,
        statements: String,
        variables: Variables,
        count: usize,
        candidates: &mut Candidates,
    ) -> Result<usize, StoreError> {
        let mut answer = self.database.query("search_messages", statements, variables).await?;
        let mut matches = 0;
        for statement in 0..count {
            let rows = answer.values(statement)?;
            matches += rows.len();
            for row in rows {
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
        }
        Ok(matches)
    }
}

/// What somebody wrote, if somebody did.
fn said(body: &Body) -> Option<String> {
    body.text().filter(|_| body.is_message()).map(str::to_owned)
}

fn author(search: &MessageSearch) -> Option<&str> {
    search.author.as_ref().map(UserId::as_str)
}

/// The query for the words in a variable. The engine finds the oldest ones first.
fn select(words: &str, search: &MessageSearch) -> String {
    let author = if search.author.is_some() { " AND author = $author" } else { "" };
    let notes = if search.notes { "" } else { " AND note = NONE" };
    format!("SELECT * FROM message WHERE text @@ ${words}{author}{notes} LIMIT $limit; ")
}
