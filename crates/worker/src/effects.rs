//! What follows from a committed decision outside the database: entries in the log and timers.
//!
//! Both can be carried out again and again: an entry's id comes from the command, a timer of the same id replaces the
//! one before.

use std::sync::Arc;

use bytes::Bytes;
use confab_bus::{BusError, FindOutcome, LogEntry, PendingAck};
use confab_domain::{Event, TimerOp, message_id};
use confab_protocol::codec::{decode_entry, encode_entry};
use confab_protocol::{Channel, CommandId, Entry, TenantId, UnixMillis, UserId};
use confab_store::{AuditEntry, TenantStore};
use futures::future::try_join_all;
use tracing::warn;

use crate::context::{Context, encode};
use crate::error::WorkerError;
use crate::lanes::Published;

/// An entry, ready for the log.
#[derive(Debug)]
struct Prepared {
    channel: Channel,
    author: Option<UserId>,
    entry_id: String,
    message_id: String,
    payload: Bytes,
}

/// The entries and timers of one command.
#[derive(Debug)]
pub(crate) struct Effects {
    context: Arc<Context>,
    tenant: TenantId,
    store: TenantStore,
    command: CommandId,
    at: UnixMillis,
    entries: Vec<Prepared>,
    timers: Vec<TimerOp>,
    audit: Option<AuditEntry>,
}

impl Effects {
    /// The effects of a command that was decided at `at`: the same arguments make the same bytes.
    pub(crate) fn new(
        context: &Arc<Context>,
        tenant: &TenantId,
        store: &TenantStore,
        command: &CommandId,
        at: UnixMillis,
        events: &[Event],
        timers: &[TimerOp],
    ) -> Self {
        let entries = events.iter().enumerate().map(|(index, event)| prepare(command, at, index, event));
        Self {
            context: Arc::clone(context),
            tenant: tenant.clone(),
            store: store.clone(),
            command: command.clone(),
            at,
            entries: entries.collect(),
            timers: timers.to_vec(),
            audit: None,
        }
    }

    /// The same, and what the audit log says of the command.
    pub(crate) fn audited(self, audit: Option<AuditEntry>) -> Self {
        Self { audit, ..self }
    }

    /// Sends the entries in their order without waiting until they are stored: [`Effects::settle`] does.
    pub(crate) async fn send(&self) -> Result<Vec<PendingAck>, BusError> {
        let mut pending = Vec::with_capacity(self.entries.len());
        for entry in &self.entries {
            pending.push(self.publish(entry).await?);
        }
        Ok(pending)
    }

    /// Waits until every entry is stored, sending again what was not.
    pub(crate) async fn settle(&self, sent: Result<Vec<PendingAck>, BusError>) -> Result<(), WorkerError> {
        let stored = match sent {
            Ok(pending) => try_join_all(pending).await.map(drop),
            Err(error) => Err(error),
        };
        match stored {
            Ok(()) => Ok(()),
            Err(error) => {
                warn!(command = %self.command, %error, "the events of a command are sent again");
                self.repeat().await
            }
        }
    }

    /// Makes sure that every entry is in the log, whatever happened before.
    pub(crate) async fn repeat(&self) -> Result<(), WorkerError> {
        self.context.persist("publishing events", || self.repeat_once()).await
    }

    async fn repeat_once(&self) -> Result<(), WorkerError> {
        let mut pending = Vec::with_capacity(self.entries.len());
        for entry in &self.entries {
            // While the log itself drops repetitions, there is no need to look for them.
            let age = self.context.clock.now().saturating_sub(self.at);
            let known = age < self.context.safe_duplicate_window_ms();
            if known || !self.is_stored(entry).await? {
                pending.push(self.publish(entry).await?);
            }
        }
        try_join_all(pending).await?;
        Ok(())
    }

    async fn publish(&self, entry: &Prepared) -> Result<PendingAck, BusError> {
        let log_entry = LogEntry {
            channel: &entry.channel,
            tenant: &self.tenant,
            message_id: &entry.message_id,
            payload: entry.payload.clone(),
            customer: None,
        };
        self.context.bus.log().publish(log_entry).await
    }

    async fn is_stored(&self, entry: &Prepared) -> Result<bool, WorkerError> {
        let log = self.context.bus.log();
        let found = log.find(&entry.channel, 0, |stored| is_same(stored, entry)).await?;
        match (found, entry.channel.conversation()) {
            (FindOutcome::Found(_), _) => Ok(true),
            (FindOutcome::Absent, _) | (FindOutcome::Trimmed, None) => Ok(false),
            (FindOutcome::Trimmed, Some(conversation)) => {
                let message =
                    self.store.find_message(conversation, entry.author.as_ref(), &entry.entry_id).await?;
                Ok(message.is_some())
            }
        }
    }

    /// Sets and cancels the timers.
    pub(crate) async fn set_timers(&self) -> Result<(), WorkerError> {
        for timer in &self.timers {
            self.context.persist("setting a timer", || self.set_timer(timer)).await?;
        }
        Ok(())
    }

    async fn set_timer(&self, timer: &TimerOp) -> Result<(), BusError> {
        let timers = self.context.bus.timers();
        match timer {
            TimerOp::Set { id, at, command } => timers.schedule(&self.tenant, id, *at, encode(command)).await,
            TimerOp::Cancel { id } => timers.cancel(&self.tenant, id).await.map(drop),
        }
    }

    /// Notes that all effects have been carried out; together with those of other commands that wait for the same.
    pub(crate) async fn mark_published(&self) -> Result<(), WorkerError> {
        let lane = self.context.lanes.of(&self.tenant);
        lane.publish(Published { command: self.command.clone(), audit: self.audit.clone() });
        let Some(turn) = lane.marks.turn(self.at).await else { return Ok(()) };
        let done = lane.take_published();
        let audit: Vec<_> = done.iter().filter_map(|one| one.audit.clone()).collect();
        let commands: Vec<_> = done.iter().map(|one| one.command.clone()).collect();
        // The audit log first: a command that is not noted comes again, and with it its entry.
        let mark = || async {
            self.store.append_audit(&audit).await?;
            self.store.mark_published(&commands).await
        };
        let marked = self.context.persist("noting commands as published", mark).await;
        if marked.is_ok() {
            turn.complete();
        } else {
            for command in done {
                lane.publish(command);
            }
        }
        marked
    }
}

fn prepare(command: &CommandId, at: UnixMillis, index: usize, event: &Event) -> Prepared {
    let entry_id = event.entry_id(command, index);
    let author = event.author.id.clone();
    let entry = Entry { id: entry_id.clone(), author: event.author.clone(), at, body: event.body.clone() };
    Prepared {
        message_id: message_id(&event.channel, author.as_ref(), &entry_id),
        payload: Bytes::from(encode_entry(&entry)),
        channel: event.channel.clone(),
        author,
        entry_id,
    }
}

fn is_same(stored: &[u8], prepared: &Prepared) -> bool {
    decode_entry(stored)
        .is_ok_and(|entry| entry.id == prepared.entry_id && entry.author.id == prepared.author)
}
