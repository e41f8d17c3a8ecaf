//! Which conversations got an agent when: what the estimated wait is made from.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Mutex, PoisonError};

use confab_domain::queue::Throughput;
use confab_domain::{Changed, Conversation};
use confab_protocol::UnixMillis;
use confab_protocol::api::ConversationStatus;
use surrealdb::types::{Object, RecordId};

use crate::error::StoreError;
use crate::rows::{number, range, record_of, text, variables};
use crate::tenant::TenantStore;

const TABLE: &str = "assignment";
/// A slice of time that is counted once. Nothing is committed later than this after it was decided.
const SLICE_MS: u64 = 15_000;

/// Assignments in slices of time that are over, by the slice's beginning: counting them again at each look would read
/// the whole window.
#[derive(Debug, Default)]
pub(crate) struct CountedSlices(Mutex<BTreeMap<UnixMillis, u64>>);

impl CountedSlices {
    fn get(&self, slice: UnixMillis) -> Option<u64> {
        self.slices().get(&slice).copied()
    }

    /// Keeps the count of a slice, and forgets those that ended before `oldest`.
    fn keep(&self, slice: UnixMillis, count: u64, oldest: UnixMillis) {
        let mut slices = self.slices();
        slices.insert(slice, count);
        *slices = slices.split_off(&oldest);
    }

    fn slices(&self) -> std::sync::MutexGuard<'_, BTreeMap<UnixMillis, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is to be noted of a change by which a conversation got an agent.
pub(crate) fn noted(
    Changed { before, after }: &Changed<Conversation>,
    at: UnixMillis,
) -> Option<(RecordId, Object)> {
    let (before, agent) = (before.as_ref()?, after.agent.as_ref()?);
    if after.status != ConversationStatus::Active || before.status == ConversationStatus::Active {
        return None;
    }
    let id = record_of(TABLE, vec![number(at), text(after.id.as_str()), number(after.version)]);
    let mut content = Object::new();
    content.insert("agent", agent.id.as_str());
    if let Some(since) = before.queued_at {
        content.insert("waiting_since", number(since));
    }
    Some((id, content))
}

impl TenantStore {
    /// Assignments in about the last `window_ms` milliseconds; the window begins with a slice of 15 s.
    pub async fn throughput(&self, window_ms: u64, now: UnixMillis) -> Result<Throughput, StoreError> {
        let since = now.saturating_sub(window_ms);
        let first = since - since % SLICE_MS;
        let mut assignments = 0;
        let mut slice = first;
        while slice <= now {
            let end = slice + SLICE_MS;
            assignments += if let Some(count) = self.counted.get(slice) {
                count
            } else {
                let count = self.assignments_between(slice, end).await?;
                if end + SLICE_MS <= now {
                    self.counted.keep(slice, count, first);
                }
                count
            };
            slice = end;
        }
        Ok(Throughput { assignments, window_ms: now - first })
    }

    async fn assignments_between(&self, from: UnixMillis, until: UnixMillis) -> Result<u64, StoreError> {
        let samples = range(TABLE, Bound::Included(vec![number(from)]), Bound::Excluded(vec![number(until)]));
        let select = "SELECT count() FROM $samples GROUP ALL";
        let variables = variables! { "samples": samples };
        self.database.query("assignments_between", select, variables).await?.count(0)
    }

    /// Forgets assignments before `at`; returns how many.
    pub async fn prune_assignments(&self, at: UnixMillis) -> Result<u64, StoreError> {
        // The oldest ones first, so that nothing is looked at in vain but one batch.
        let select =
            "SELECT VALUE id FROM (SELECT id FROM assignment ORDER BY id LIMIT $batch) WHERE id < $until";
        let until = record_of(TABLE, vec![number(at)]);
        self.prune("prune_assignments", select, variables! { "until": until }).await
    }
}
