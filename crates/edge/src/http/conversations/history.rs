//! `GET /api/conversations/{id}/messages`: what was said, from the newest backwards. It is never behind what was
//! acknowledged: what the database may not have yet is read from the log.

use axum::Json;
use axum::extract::State;
use confab_auth::permissions::{Action, Relation, allowed, authorize};
use confab_bus::{Bus, Replay};
use confab_protocol::api::{HistoryItem, HistoryPage};
use confab_protocol::codec::decode_entry;
use confab_protocol::{Channel, ConversationId, ErrorCode};
use confab_store::Position;
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
    /// Entries on a page, 1 to 100; 50 when absent. A page also has what is not in the database yet.
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
    // Where the database stands is asked before its rows, so that nothing can fall between them and the log's part.
    let seam = Seam::find(&state.bus, id, sees_notes).await?;
    let end: Option<Position> = before.map(str::parse).transpose()?;
    let rows = store.history(id, before, limit, sees_notes);
    let (rows, receipts) = tokio::try_join!(rows, store.receipts(id))?;
    let oldest: Option<Position> = rows.before.as_deref().map(str::parse).transpose()?;
    let mut items = rows.items;
    items.retain(|item| !seam.is_in_log(item));
    if end.as_ref().is_none_or(|end| seam.is_below(end)) {
        let fresh = seam.read_log(&state.bus, state.config.limits.replay_max_entries).await?;
        items.extend(fresh.into_iter().filter(|item| {
            let place = Position::new(&*item.epoch, item.seq);
            end.as_ref().is_none_or(|end| place < *end)
                && oldest.as_ref().is_none_or(|oldest| place >= *oldest)
        }));
    }
    Ok(HistoryPage { items, before: rows.before, epoch: seam.epoch, receipts })
}

/// Where the database's part of a conversation ends and the log's begins. Up to there the database has everything; what
/// it has above may have holes, as several workers write it.
pub(super) struct Seam {
    channels: Vec<Channel>,
    epoch: String,
    seq: u64,
}

impl Seam {
    pub(super) async fn find(bus: &Bus, id: &ConversationId, notes: bool) -> Result<Self, EdgeError> {
        let channel = Channel::Conversation(id.clone());
        let log = bus.log();
        let (epoch, seq) = tokio::try_join!(log.epoch(&channel), log.projected(&channel))?;
        let notes = notes.then(|| Channel::Notes(id.clone()));
        Ok(Self { channels: [channel].into_iter().chain(notes).collect(), epoch: epoch.to_string(), seq })
    }

    /// Whether an entry has to be taken from the log.
    pub(super) fn is_in_log(&self, item: &HistoryItem) -> bool {
        // Sequences of another epoch mean nothing in this log.
        item.epoch == self.epoch && item.seq > self.seq
    }

    fn is_below(&self, place: &Position) -> bool {
        Position::new(&*self.epoch, self.seq) < *place
    }

    /// What the log has, oldest first.
    pub(super) async fn read_log(&self, bus: &Bus, limit: usize) -> Result<Vec<HistoryItem>, EdgeError> {
        let log = bus.log();
        let mut items = Vec::new();
        for channel in &self.channels {
            if log.head(channel).await? <= self.seq {
                continue;
            }
            let Replay::Complete(stored) = log.beyond(channel, self.seq, limit).await? else {
                let message = "the history isn't up to date at this moment; try again";
                return Err(EdgeError::new(ErrorCode::Unavailable, message));
            };
            let note = matches!(channel, Channel::Notes(_));
            for entry in stored {
                match decode_entry(&entry.payload) {
                    Ok(decoded) => items.push(HistoryItem {
                        epoch: self.epoch.clone(),
                        seq: entry.seq,
                        note,
                        entry: decoded,
                    }),
                    Err(error) => {
                        tracing::error!(%channel, seq = entry.seq, %error, "a stored entry can't be read");
                    }
                }
            }
        }
        items.sort_unstable_by_key(|item| item.seq);
        Ok(items)
    }
}
