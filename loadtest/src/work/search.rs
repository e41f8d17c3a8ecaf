//! Searches over many messages, for words that are said often and seldom, while people write. The messages are put into
//! the database first, in the vocabulary of a natural language: the word of rank r is said in proportion to 1/r (Zipf).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use confab_client::HttpClient;
use confab_protocol::api::SearchResponse;
use confab_protocol::{Author, Body, ConversationId, Entry, Role, UserId};
use confab_testhub::people::{StoredEntry, Tenant};
use futures::stream::{self, StreamExt as _};
use hdrhistogram::Histogram;
use serde::Deserialize;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use super::{Bench, Stage, WARM_UP, parameters, steady};
use crate::measurements::count;
use crate::result::{RunResult, milliseconds, whole};
use crate::rooms::{self, Room};
use crate::voices::Phase;

/// Different words.
const VOCABULARY: u32 = 50_000;
/// Words of a message.
const WORDS: usize = 14;
/// Messages of a conversation.
const OF_CONVERSATION: u64 = 40;
const BATCH: u64 = 1000;
/// Batches on their way to the database at a time: it works on one while the next is packed and sent.
const PARALLEL: usize = 3;
/// How often it is said how far the filling is.
const PROGRESS: Duration = Duration::from_secs(5);
/// Entries of a page of history.
const PAGE: u32 = 50;
/// Before the sequences of any log of today, and before any time of a run.
const EPOCH: &str = "01700000000000000000";
const BEGAN: u64 = 1_700_000_000_000;
/// Ranks of the words that are asked for: from those in most messages to those in one of many thousands.
const RANKS: [u32; 8] = [1, 3, 10, 40, 200, 1000, 5000, 20_000];

/// Searches while people write.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Search {
    /// Messages that are there before.
    messages: u64,
    /// Conversations in which is written meanwhile.
    rooms: usize,
    /// Messages per second, over all rooms.
    rate: u32,
    /// Searches per second.
    searches: u32,
    /// Newest pages of history per second, of the conversations in which is written.
    pages: u32,
    /// Measured time.
    seconds: u64,
}

/// What came of the searches.
struct Answers {
    times: Histogram<u64>,
    failed: u64,
    empty: u64,
    bounded: u64,
}

/// The same numbers on every run: Knuth's generator.
struct Random(u64);

impl Random {
    fn rank(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let upper = u32::try_from(self.0 >> 32).unwrap_or(u32::MAX);
        let share = f64::from(upper) / f64::from(u32::MAX);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 1 and the vocabulary"
        )]
        let rank = f64::from(VOCABULARY).powf(share) as u32;
        rank
    }
}

/// A word of letters only.
fn word(rank: u32) -> String {
    let mut letters = String::from("w");
    let mut rest = rank;
    while rest > 0 {
        letters.push(char::from(b'a' + u8::try_from(rest % 26).unwrap_or(0)));
        rest /= 26;
    }
    letters
}

impl Search {
    pub(super) async fn run(&self, bench: &Bench<'_>) -> Result<RunResult> {
        let stage = bench.prepare(&steady::staffing(self.rooms), 2 * self.rooms).await?;
        self.fill(&stage.system.store()?).await?;
        let rooms = rooms::open(&stage.system, self.rooms).await?;
        let people = Arc::new(rooms::enter(&stage.system, &stage.voices, &rooms).await?);
        eprintln!("{} messages are stored, {} rooms are open", self.messages, rooms.len());
        stage.pace(&people, vec![Phase { rate: self.rate, time: WARM_UP }]).await?;
        let mut result = RunResult::default();
        let watch = stage.begin().await?;
        let time = Duration::from_secs(self.seconds);
        let agent = stage.system.http(0)?.with_token(&stage.system.agents[0].token);
        let paced = stage.pace(&people, vec![Phase { rate: self.rate, time }]);
        let (paced, answers, read) =
            futures::future::join3(paced, self.ask(agent.clone()), self.turn(agent, &rooms, &stage)).await;
        paced?;
        read?;
        let answers = answers?;
        watch.end(&mut result).await?;
        stage.settle(1).await;
        let conversations: Vec<ConversationId> = rooms.iter().map(Room::id).collect();
        stage.conclude(&people, &conversations, &mut result).await?;
        for (name, share) in [("search_p50_ms", 0.5), ("search_p95_ms", 0.95), ("search_p99_ms", 0.99)] {
            result.figures.insert(name.to_owned(), milliseconds(answers.times.value_at_quantile(share)));
        }
        result.counts.insert("searches".to_owned(), answers.times.len());
        result.counts.insert("search_failed".to_owned(), answers.failed);
        result.counts.insert("search_empty".to_owned(), answers.empty);
        result.counts.insert("search_bounded".to_owned(), answers.bounded);
        parameters!(result, self, messages, rooms, rate, searches, pages, seconds);
        Ok(result)
    }

    /// Puts the messages into the database as the projector does, some batches at a time.
    async fn fill(&self, tenant: &Tenant) -> Result<()> {
        let author =
            Author { id: UserId::parse("filler").ok(), name: "Filler".into(), role: Some(Role::Customer) };
        let mut random = Random(1);
        let batches = (0..self.messages.div_ceil(BATCH)).map(|number| {
            let sequences = number * BATCH + 1..=((number + 1) * BATCH).min(self.messages);
            let batch: Result<Vec<StoredEntry>> = sequences
                .map(|seq| {
                    let text: Vec<String> = (0..WORDS).map(|_| word(random.rank())).collect();
                    let body = Body::Text { text: text.join(" ") };
                    let entry =
                        Entry { id: format!("f-{seq}"), author: author.clone(), at: BEGAN + seq, body };
                    // A conversation lies in one batch, so that no two write its figures at the same time.
                    let of = (seq - 1) / OF_CONVERSATION;
                    let conversation = ConversationId::parse(format!("filled-{of:08}"))?;
                    Ok(StoredEntry { conversation, note: false, epoch: EPOCH.to_owned(), seq, entry })
                })
                .collect();
            batch
        });
        let mut written = stream::iter(batches)
            .map(|batch| async move {
                let batch = batch?;
                // A database under so much load may be slow to answer; what was written is not written again.
                for attempt in 1.. {
                    match tenant.store.insert_entries(&batch).await {
                        Ok(()) => break,
                        Err(error) if attempt < 5 && error.is_transient() => {}
                        Err(error) => return Err(error).context("the messages can't be stored"),
                    }
                }
                Ok(batch.len() as u64)
            })
            .buffer_unordered(PARALLEL);
        let began = Instant::now();
        let (mut stored, mut told) = (0, began);
        while let Some(batch) = written.next().await {
            stored += batch?;
            if told.elapsed() >= PROGRESS || stored == self.messages {
                told = Instant::now();
                let rate = whole(stored) / began.elapsed().as_secs_f64();
                eprintln!("{stored} of {} messages are stored, {rate:.0} a second", self.messages);
            }
        }
        Ok(())
    }

    /// Reads newest pages at the rate, of the conversations in turn.
    async fn turn(&self, agent: HttpClient, rooms: &[Room], stage: &Stage<'_>) -> Result<()> {
        let step = Duration::from_secs(1) / self.pages.max(1);
        let began = Instant::now();
        let tasks = TaskTracker::new();
        for number in 0..u32::try_from(u64::from(self.pages) * self.seconds)? {
            let due = began + step * number;
            tokio::time::sleep_until(due).await;
            let id = rooms[usize::try_from(number)? % rooms.len()].id();
            let (agent, measurements) = (agent.clone(), Arc::clone(&stage.measurements));
            tasks.spawn(async move {
                match agent.history(&id, None, Some(PAGE)).await {
                    Ok(_) => measurements.record("history", measurements.stamp(due.into_std())),
                    Err(error) => {
                        count(&measurements.counts.refused);
                        eprintln!("a page can't be read: {error}");
                    }
                }
            });
        }
        tasks.close();
        tasks.wait().await;
        Ok(())
    }

    /// Asks at the rate, whatever becomes of it; times count from when a search was due.
    async fn ask(&self, agent: HttpClient) -> Result<Answers> {
        let times = Histogram::new_with_bounds(1, 120_000_000, 3)?;
        let answers = Arc::new(Mutex::new(Answers { times, failed: 0, empty: 0, bounded: 0 }));
        let step = Duration::from_secs(1) / self.searches.max(1);
        let count = u64::from(self.searches) * self.seconds;
        let began = Instant::now();
        let mut asked = tokio::task::JoinSet::new();
        let mut due = began;
        for number in 0..count {
            tokio::time::sleep_until(due).await;
            let rank = RANKS[usize::try_from(number).unwrap_or(0) % RANKS.len()];
            let (agent, answers) = (agent.clone(), Arc::clone(&answers));
            asked.spawn(async move {
                let path = format!("/api/search?in=messages&q={}", word(rank));
                let answer: Result<SearchResponse, _> = agent.get(&path, &[]).await;
                let micros = u64::try_from(due.elapsed().as_micros()).unwrap_or(u64::MAX);
                let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
                answers.times.saturating_record(micros.max(1));
                match answer.ok().and_then(|answer| answer.messages) {
                    None => answers.failed += 1,
                    Some(found) => {
                        answers.empty += u64::from(found.items.is_empty());
                        answers.bounded += u64::from(found.is_bounded);
                    }
                }
            });
            due += step;
        }
        while asked.join_next().await.is_some() {}
        let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
        let times = Histogram::new_with_bounds(1, 120_000_000, 3)?;
        let (failed, empty, bounded) = (answers.failed, answers.empty, answers.bounded);
        Ok(Answers { times: std::mem::replace(&mut answers.times, times), failed, empty, bounded })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_said_as_often_as_their_rank_demands() {
        let mut random = Random(1);
        let ranks: Vec<u32> = (0..100_000).map(|_| random.rank()).collect();
        let said = |rank: u32| ranks.iter().filter(|one| **one == rank).count();
        assert!(said(1) > 4 * said(10) && said(10) > 4 * said(100), "{} {} {}", said(1), said(10), said(100));
        assert!(ranks.iter().all(|rank| (1..=VOCABULARY).contains(rank)));
        assert_ne!(word(26), word(1));
    }
}
