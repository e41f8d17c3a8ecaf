//! `GET /api/conversations/{id}/messages`: what was said, from the newest backwards. The newest page is never behind
//! what was acknowledged: what the database has not got yet is read from the log.

use axum::Json;
use axum::extract::State;
use confab_auth::permissions::{Action, Relation, allowed, authorize};
use confab_bus::{Log, Replay};
use confab_protocol::api::{HistoryItem, HistoryPage};
use confab_protocol::codec::decode_entry;
use confab_protocol::{Channel, ConversationId, ErrorCode};
use confab_store::TenantStore;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::error::EdgeError;
use crate::http::extract::{At, Caller, Parameters};
use crate::http::page;
use crate::identity::Identity;
use crate::state::EdgeState;

/// Which page.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryParameters {
    /// Entries before this place, from the page before; the newest when absent.
    before: Option<String>,
    /// Entries on a page, 1 to 100; 50 when absent. The newest page also has what is not in the database yet.
    limit: Option<u32>,
}

/// What was said, oldest first on each page; private notes only for staff.
#[utoipa::path(
    get,
    path = "/api/conversations/{id}/messages",
    tag = "conversations",
    params(("id" = ConversationId, Path, description = "The conversation."), HistoryParameters),
    responses((status = 200, description = "A page of the history.", body = HistoryPage)),
)]
pub(crate) async fn get_history(
    State(state): State<EdgeState>,
    Caller(who): Caller,
    At(id): At<ConversationId>,
    Parameters(parameters): Parameters<HistoryParameters>,
) -> Result<Json<HistoryPage>, EdgeError> {
    let limit = page::limit(parameters.limit)?;
    history(&state, &who, &id, parameters.before.as_deref(), limit).await.map(Json)
}

/// A page of the history as the caller may see it.
pub(in crate::http) async fn history(
    state: &EdgeState,
    who: &Identity,
    id: &ConversationId,
    before: Option<&str>,
    limit: u32,
) -> Result<HistoryPage, EdgeError> {
    let relation = state.access.conversation(who, id).await?;
    authorize(who.role, Action::ReadHistory, Some(relation))?;
    let sees_notes = allowed(who.role, Action::JoinNotes, Relation::Tenant);

    let store = state.store.tenant(&who.tenant).await?;
    let log = state.bus.log();
    let epoch = log.epoch(&Channel::Conversation(id.clone())).await?.to_string();
    // Where the database stands is asked before its rows, so that nothing can fall between them and the log's tail.
    let tails = match before {
        Some(_) => Vec::new(),
        None => tails(&store, id, &epoch, sees_notes).await?,
    };
    let rows = store.history(id, before, limit, sees_notes);
    let (rows, receipts) = tokio::try_join!(rows, store.receipts(id))?;
    let mut items = rows.items;
    let mut fresh = Vec::new();
    for tail in tails {
        fresh.extend(tail.read(&log, &epoch, state.config.limits.replay_max_entries).await?);
    }
    append(&mut items, fresh, &epoch);
    Ok(HistoryPage { items, before: rows.before, epoch, receipts })
}

/// What a channel has beyond what the database has of it.
pub(super) struct Tail {
    channel: Channel,
    after: u64,
}

pub(super) async fn tails(
    store: &TenantStore,
    id: &ConversationId,
    epoch: &str,
    sees_notes: bool,
) -> Result<Vec<Tail>, EdgeError> {
    let mut channels = vec![(Channel::Conversation(id.clone()), false)];
    if sees_notes {
        channels.push((Channel::Notes(id.clone()), true));
    }
    let mut tails = Vec::with_capacity(channels.len());
    for (channel, note) in channels {
        let position = store.last_position(id, note).await?;
        // Sequences of another epoch mean nothing in this log: all it has is newer.
        let after = position.filter(|(of, _)| of == epoch).map_or(0, |(_, seq)| seq);
        tails.push(Tail { channel, after });
    }
    Ok(tails)
}

impl Tail {
    pub(super) async fn read(
        self,
        log: &Log,
        epoch: &str,
        limit: usize,
    ) -> Result<Vec<HistoryItem>, EdgeError> {
        if log.head(&self.channel).await? <= self.after {
            return Ok(Vec::new());
        }
        let Replay::Complete(stored) = log.replay(&self.channel, self.after, limit).await? else {
            let message = "the history isn't up to date at this moment; try again";
            return Err(EdgeError::new(ErrorCode::Unavailable, message));
        };
        let note = matches!(self.channel, Channel::Notes(_));
        let read = |entry: confab_bus::Stored| match decode_entry(&entry.payload) {
            Ok(decoded) => {
                Some(HistoryItem { epoch: epoch.to_owned(), seq: entry.seq, note, entry: decoded })
            }
            Err(error) => {
                tracing::error!(channel = %self.channel, seq = entry.seq, %error, "a stored entry can't be read");
                None
            }
        };
        Ok(stored.into_iter().filter_map(read).collect())
    }
}

/// Puts what the log has behind the rows of the database, dropping what both have.
pub(super) fn append(items: &mut Vec<HistoryItem>, mut fresh: Vec<HistoryItem>, epoch: &str) {
    let last = items.iter().filter(|item| item.epoch == epoch).map(|item| item.seq).max().unwrap_or(0);
    fresh.retain(|item| item.seq > last);
    fresh.sort_unstable_by_key(|item| item.seq);
    items.append(&mut fresh);
}

#[cfg(test)]
mod tests {
    use confab_protocol::{Author, Body, Entry};

    use super::*;

    fn item(epoch: &str, seq: u64) -> HistoryItem {
        let body = Body::Text { text: "t".into() };
        let entry = Entry { id: seq.to_string(), author: Author::system(), at: 0, body };
        HistoryItem { epoch: epoch.into(), seq, note: false, entry }
    }

    fn seqs(items: &[HistoryItem]) -> Vec<u64> {
        items.iter().map(|item| item.seq).collect()
    }

    #[test]
    fn rows_and_tail_meet_without_gap_or_double() {
        let mut items = vec![item("2", 3), item("2", 7)];
        append(&mut items, vec![item("2", 7), item("2", 12), item("2", 9)], "2");
        assert_eq!(seqs(&items), [3, 7, 9, 12]);
    }

    #[test]
    fn a_new_log_begins_behind_the_old_one() {
        let mut items = vec![item("1", 900)];
        append(&mut items, vec![item("2", 4)], "2");
        assert_eq!(seqs(&items), [900, 4]);
    }

    #[test]
    fn an_empty_database_leaves_the_log_alone() {
        let mut items = Vec::new();
        append(&mut items, vec![item("2", 5), item("2", 4)], "2");
        assert_eq!(seqs(&items), [4, 5]);
    }
}
