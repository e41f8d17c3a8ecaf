//! Gives commands to the workers and waits, for a bounded time, for what comes of them.

use std::time::Duration;

use bytes::Bytes;
use confab_bus::BusError;
use confab_domain::{Actor, Clock, Command, CommandKind, Outcome};
use confab_protocol::api::{AgentView, ConversationView, TicketView};
use confab_protocol::{CommandId, ConversationId, ErrorCode, TenantId, UnixMillis};
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;
use uuid::{Builder, NoContext, Timestamp, Uuid};

use crate::error::EdgeError;
use crate::identity::Identity;
use crate::state::EdgeState;

/// Waits between two looks for the outcome of a command that was given before; doubles up to the second.
const FIRST_LOOK: Duration = Duration::from_millis(10);
const LAST_LOOK: Duration = Duration::from_millis(250);

/// What a command that was carried out leaves behind.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Done {
    /// The conversation concerned, as it is afterwards.
    pub(crate) conversation: Option<ConversationView>,
    /// The agent concerned, as they are afterwards.
    pub(crate) agent: Option<AgentView>,
    /// The ticket concerned, as it is afterwards.
    pub(crate) ticket: Option<TicketView>,
}

impl Done {
    /// The conversation, for commands that concern one.
    pub(crate) fn into_conversation(self) -> Result<ConversationView, EdgeError> {
        self.conversation.ok_or_else(|| missing("conversation"))
    }

    /// The agent, for commands that concern one.
    pub(crate) fn into_agent(self) -> Result<AgentView, EdgeError> {
        self.agent.ok_or_else(|| missing("agent"))
    }

    /// The ticket, for commands that concern one.
    pub(crate) fn into_ticket(self) -> Result<TicketView, EdgeError> {
        self.ticket.ok_or_else(|| missing("ticket"))
    }
}

/// Gives the command and waits for its outcome. A refusal is an error.
///
/// After [`ErrorCode::Timeout`] the command lies on the queue and will be carried out; giving it again with the same
/// id is safe and gets the outcome of the first.
pub(crate) async fn execute(
    state: &EdgeState,
    who: &Identity,
    kind: CommandKind,
    id: CommandId,
) -> Result<Done, EdgeError> {
    let limit = Duration::from_millis(state.config.server.request_timeout_ms);
    let deadline = Instant::now() + limit;
    let (reply_to, reply) = state.replies.expect(limit);
    let submitted = submit(state, who, kind, &id, Some(&reply_to)).await?;
    let outcome = if submitted == Given::Before {
        recorded(state, &who.tenant, &id, deadline).await?
    } else {
        let reply = reply.await.map_err(|error| match error {
            BusError::Timeout(_) => unknown_outcome(),
            other => other.into(),
        });
        decode(&reply?)?
    };
    match outcome {
        Outcome::Done { conversation, agent, ticket } => Ok(Done { conversation, agent, ticket }),
        Outcome::Refused(refusal) => Err(refusal.into()),
    }
}

/// Gives the command and returns as soon as it is durably on the queue.
pub(crate) async fn give(
    state: &EdgeState,
    who: &Identity,
    kind: CommandKind,
    id: &CommandId,
) -> Result<(), EdgeError> {
    submit(state, who, kind, id, None).await.map(|_| ())
}

/// Gives a command of the hub's own, and returns as soon as it is durably on the queue.
pub(crate) async fn give_as_hub(
    state: &EdgeState,
    tenant: &TenantId,
    kind: CommandKind,
) -> Result<(), EdgeError> {
    submit_as(state, (tenant, Actor::System), kind, &new_id(&state.clock), None).await.map(|_| ())
}

/// Whether the queue knew the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Given {
    Now,
    Before,
}

async fn submit(
    state: &EdgeState,
    who: &Identity,
    kind: CommandKind,
    id: &CommandId,
    reply_to: Option<&str>,
) -> Result<Given, EdgeError> {
    submit_as(state, (&who.tenant, who.actor()), kind, id, reply_to).await
}

async fn submit_as(
    state: &EdgeState,
    (tenant, actor): (&TenantId, Actor),
    kind: CommandKind,
    id: &CommandId,
    reply_to: Option<&str>,
) -> Result<Given, EdgeError> {
    let name = kind.name();
    let command = Command { id: id.clone(), tenant: tenant.clone(), at: state.clock.now(), actor, kind };
    let payload = encode(&command)?;
    let submitted = state.bus.work().submit(tenant, name, id, payload, reply_to).await?;
    Ok(if submitted.duplicate { Given::Before } else { Given::Now })
}

/// The outcome of a command given before: its reply went to whoever gave it first, so it is looked up.
async fn recorded(
    state: &EdgeState,
    tenant: &TenantId,
    id: &CommandId,
    deadline: Instant,
) -> Result<Outcome, EdgeError> {
    let store = state.store.tenant(tenant).await?;
    let mut pause = FIRST_LOOK;
    loop {
        if let Some(recorded) = store.recorded(id).await? {
            return Ok(recorded.outcome);
        }
        if Instant::now() + pause >= deadline {
            return Err(unknown_outcome());
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LAST_LOOK);
    }
}

fn encode(command: &Command) -> Result<Bytes, EdgeError> {
    rmp_serde::to_vec_named(command).map(Bytes::from).map_err(|error| unreadable(&error))
}

fn decode(reply: &[u8]) -> Result<Outcome, EdgeError> {
    rmp_serde::from_slice(reply).map_err(|error| unreadable(&error))
}

fn unreadable(error: &(dyn std::error::Error + 'static)) -> EdgeError {
    tracing::error!(error, "a command or its outcome can't be encoded or decoded");
    EdgeError::new(ErrorCode::Internal, "a fault of the hub; it has been logged")
}

fn missing(what: &'static str) -> EdgeError {
    tracing::error!(what, "the outcome of a command lacks what it concerns");
    EdgeError::new(ErrorCode::Internal, "a fault of the hub; it has been logged")
}

fn unknown_outcome() -> EdgeError {
    let message =
        "accepted, but the outcome was not known in time; the same request with the same id is safe";
    EdgeError::new(ErrorCode::Timeout, message)
}

/// A new id that sorts by time.
pub(crate) fn new_uuid(clock: &Clock) -> Uuid {
    uuid_at(clock.now())
}

fn uuid_at(now: UnixMillis) -> Uuid {
    let nanos = u32::try_from(now % 1000).unwrap_or_default() * 1_000_000;
    Uuid::new_v7(Timestamp::from_unix(NoContext, now / 1000, nanos))
}

/// A new conversation's id. It tells a time of which every node knows how many shards the log has then.
pub(crate) async fn new_conversation(state: &EdgeState) -> Result<ConversationId, EdgeError> {
    let at = state.bus.log().begin_at(state.clock.now()).await?;
    Ok(ConversationId::from_uuid(uuid_at(at)))
}

/// A new command's id.
pub(crate) fn new_id(clock: &Clock) -> CommandId {
    CommandId::from_uuid(new_uuid(clock))
}

/// The id of the command that a caller gives under a key of their own: the same one for the same person, command,
/// target and key. A hash, so that nobody can name another person's command.
pub(crate) fn id_of_key(who: &str, command: &str, target: &str, key: &str) -> CommandId {
    let mut hasher = Sha256::new();
    for part in [who, command, target, key] {
        hasher.update(part.len().to_be_bytes());
        hasher.update(part.as_bytes());
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hasher.finalize()[..16]);
    CommandId::from_uuid(Builder::from_custom_bytes(bytes).into_uuid())
}

/// The id of a command that concerns `target`: of the caller's key when they gave one.
pub(crate) fn id_for(
    state: &EdgeState,
    who: &Identity,
    kind: &str,
    target: &str,
    key: Option<&str>,
) -> CommandId {
    match key {
        Some(key) => id_of_key(who.user_id.as_str(), kind, target, key),
        None => new_id(&state.clock),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_key_of_one_person_is_one_command() {
        let id = id_of_key("asha", "close", "c-1", "k");
        assert_eq!(id, id_of_key("asha", "close", "c-1", "k"));
        for (who, command, target, key) in [
            ("ravi", "close", "c-1", "k"),
            ("asha", "reopen", "c-1", "k"),
            ("asha", "close", "c-2", "k"),
            ("asha", "close", "c-1", "l"),
            ("asha", "close", "c-", "1k"),
        ] {
            assert_ne!(id, id_of_key(who, command, target, key));
        }
    }

    #[test]
    fn new_ids_sort_by_the_clock() {
        let clock = Clock::manual(1_700_000_000_005);
        let first = new_uuid(&clock);
        clock.advance(1);
        assert!(first < new_uuid(&clock));
        let id = ConversationId::from_uuid(first);
        assert_eq!(id.created_at(), Some(1_700_000_000_005));
    }

    #[test]
    fn an_outcome_survives_the_way_back() {
        let outcome = Outcome::Done { conversation: None, agent: None, ticket: None };
        let bytes = rmp_serde::to_vec_named(&outcome).expect("memory takes all");
        assert_eq!(decode(&bytes).expect("an outcome"), outcome);
        assert_eq!(decode(b"\xc1").expect_err("no outcome").code, ErrorCode::Internal);
    }
}
