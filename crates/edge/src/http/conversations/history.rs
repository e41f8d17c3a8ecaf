//! `GET /api/conversations/{id}/messages`: what was said, from the newest backwards. It is never behind what was
//! acknowledged: what the database may not have yet is read from the log.

use axum::Json;
use axum::extract::State;
use confab_auth::permissions::{Action, Relation, allowed, authorize};
use confab_bus::{Log, Replay};
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
    let end: Option<Position> = before.map(str::parse).transpose()?;
    // Where the database stands is asked before its rows, so that nothing can fall between them and the log's part.
    let (seam, fresh) = Seam::find(state, id, sees_notes, end.as_ref()).await?;
    let rows = store.history(id, before, limit, sees_notes);
    let (rows, receipts) = tokio::try_join!(rows, store.receipts(id))?;
    let oldest: Option<Position> = rows.before.as_deref().map(str::parse).transpose()?;
    let mut items = rows.items;
    items.retain(|item| !seam.is_in_log(item));
    items.extend(fresh.into_iter().filter(|item| {
        let place = Position::new(&*item.epoch, item.seq);
        end.as_ref().is_none_or(|end| place < *end) && oldest.as_ref().is_none_or(|oldest| place >= *oldest)
    }));
    Ok(HistoryPage { items, before: rows.before, epoch: seam.epoch, receipts })
}

/// Where the database's part of a conversation ends and the log's begins. Up to there the database has everything; what
/// it has above may have holes, as several workers write it.
pub(super) struct Seam {
    epoch: String,
    seq: u64,
}

impl Seam {
    /// Finds it, and reads what the log has above it, oldest first; nothing where all that is asked for lies before `end`,
    /// which is below it.
    pub(super) async fn find(
        state: &EdgeState,
        id: &ConversationId,
        notes: bool,
        end: Option<&Position>,
    ) -> Result<(Self, Vec<HistoryItem>), EdgeError> {
        let (log, limit) = (state.bus.log(), state.config.limits.replay_max_entries);
        let channel = Channel::Conversation(id.clone());
        let epoch = log.epoch(&channel).await?.to_string();
        let channels = [channel.clone()].into_iter().chain(notes.then(|| Channel::Notes(id.clone())));
        let channels: Vec<Channel> = channels.collect();
        for is_first in [true, false] {
            let seq =
                if is_first { log.projected(&channel).await? } else { log.projected_now(&channel).await? };
            let seam = Self { epoch: epoch.clone(), seq };
            if end.is_some_and(|end| Position::new(&*seam.epoch, seq) >= *end) {
                return Ok((seam, Vec::new()));
            }
            if let Some(items) = seam.read(&log, &channels, limit).await? {
                return Ok((seam, items));
            }
        }
        let message = "the history isn't up to date at this moment; try again";
        Err(EdgeError::new(ErrorCode::Unavailable, message))
    }

    /// Whether an entry has to be taken from the log.
    pub(super) fn is_in_log(&self, item: &HistoryItem) -> bool {
        // Sequences of another epoch mean nothing in this log.
        item.epoch == self.epoch && item.seq > self.seq
    }

    /// What the log has above it; `None` when it has lost some of that.
    async fn read(
        &self,
        log: &Log,
        channels: &[Channel],
        limit: usize,
    ) -> Result<Option<Vec<HistoryItem>>, EdgeError> {
        let mut items = Vec::new();
        for channel in channels {
            if log.head(channel).await? <= self.seq {
                continue;
            }
            let Replay::Complete(stored) = log.beyond(channel, self.seq, limit).await? else {
                return Ok(None);
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
        Ok(Some(items))
    }
}
