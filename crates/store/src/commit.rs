//! Commits decisions: all changes of one command, on the versions it was decided on, with the record of the command,
//! in one transaction. Done a second time, it finds the record and changes nothing.

use std::borrow::Cow;

use confab_domain::{Change, Changed, Conversation, Decision, Event, Outcome, TimerOp};
use confab_protocol::{CommandId, UnixMillis};
use serde::{Deserialize, Serialize};
use surrealdb::types::{Object, RecordId, SurrealValue as _, Value, Variables};

use crate::error::StoreError;
use crate::guarded::{Guarded, is_raced};
use crate::rows::{Fields, number, packed, record, to_content, variables};
use crate::tenant::TenantStore;
use crate::{assignments, conversations, queue, reports, search, tickets};

/// Records deleted in one transaction when old ones are forgotten.
const PRUNE_BATCH: u64 = 500;

/// A decision to commit.
#[derive(Debug, Clone, Copy)]
pub struct Commit<'a> {
    /// The command it follows from.
    pub command_id: &'a CommandId,
    /// The command's name.
    pub name: &'a str,
    /// When it was decided.
    pub at: UnixMillis,
    /// The decision.
    pub decision: &'a Decision,
}

/// What came of a commit.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "one is returned for each command, and none is kept")]
pub enum Committed {
    /// The decision is in force now.
    Now,
    /// The command was carried out before, with this outcome; the decision was not looked at.
    Already(Recorded),
}

/// A command that was carried out or refused, and what is to follow from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// The command.
    pub command_id: CommandId,
    /// Its name.
    pub name: String,
    /// When it was decided.
    pub at: UnixMillis,
    /// What the caller is told.
    pub outcome: Outcome,
    /// Entries to publish.
    pub events: Vec<Event>,
    /// Timers to set and to cancel.
    pub timers: Vec<TimerOp>,
    /// Whether the queue should be drawn.
    pub draws: bool,
    /// Whether all that was noted as done.
    pub published: bool,
}

/// What no query looks at.
#[derive(Serialize, Deserialize)]
struct Rest<'a> {
    name: Cow<'a, str>,
    outcome: Cow<'a, Outcome>,
    events: Cow<'a, [Event]>,
    timers: Cow<'a, [TimerOp]>,
    draws: bool,
}

impl Recorded {
    fn content(&self) -> Result<Object, StoreError> {
        let rest = Rest {
            name: Cow::Borrowed(&self.name),
            outcome: Cow::Borrowed(&self.outcome),
            events: Cow::Borrowed(&self.events),
            timers: Cow::Borrowed(&self.timers),
            draws: self.draws,
        };
        let mut content = Object::new();
        content.insert("at", number(self.at));
        content.insert("published", self.published);
        content.insert("rest", packed(&rest)?);
        Ok(content)
    }

    fn of(row: Value) -> Result<Self, StoreError> {
        let mut row = Fields::of(row)?;
        let Rest { name, outcome, events, timers, draws } = row.unpack("rest")?;
        Ok(Self {
            command_id: row.key()?,
            name: name.into_owned(),
            at: row.expect("at")?,
            outcome: outcome.into_owned(),
            events: events.into_owned(),
            timers: timers.into_owned(),
            draws,
            published: row.expect("published")?,
        })
    }
}

/// What a transaction writes: as many statements for one commit as for all of them.
#[derive(Default)]
struct Script {
    records: Guarded,
    /// Customers of new conversations.
    greeted: Vec<Value>,
}

impl Script {
    fn of(commits: &[Commit<'_>]) -> Result<Self, StoreError> {
        let mut script = Self::default();
        for commit in commits {
            script.commit(commit)?;
        }
        Ok(script)
    }

    fn into_statements(self) -> (String, Variables) {
        let mut variables = Variables::new();
        let mut statements = format!("BEGIN; {}", self.records.statements(&mut variables));
        if !self.greeted.is_empty() {
            variables.insert("customers", self.greeted);
            statements.push_str(search::GREET);
        }
        statements.push_str("COMMIT;");
        (statements, variables)
    }

    fn commit(&mut self, commit: &Commit<'_>) -> Result<(), StoreError> {
        let decision = commit.decision;
        let recorded = Recorded {
            command_id: commit.command_id.clone(),
            name: commit.name.to_owned(),
            at: commit.at,
            outcome: decision.outcome.clone(),
            events: decision.events.clone(),
            timers: decision.timers.clone(),
            draws: decision.draws,
            published: false,
        };
        self.records.insert(record("command", commit.command_id.as_str()), recorded.content()?);
        for change in &decision.changes {
            self.change(commit.at, change)?;
        }
        Ok(())
    }

    fn change(&mut self, at: UnixMillis, change: &Change) -> Result<(), StoreError> {
        match change {
            Change::Conversation(changed) => self.conversation(at, changed)?,
            Change::Agent(agent) => {
                let read = (agent.version > 1).then(|| agent.version - 1);
                self.records.add(record("agent", agent.id.as_str()), to_content(agent)?, read);
            }
            Change::Ticket(changed @ Changed { before, after }) => {
                let mut content = tickets::content(after)?;
                content.insert("words", search::ticket_words(after));
                let read = before.as_ref().map(|before| before.version);
                self.records.add(record("ticket", after.id.as_str()), content, read);
                self.note(reports::ticket_samples(changed, at));
            }
            Change::TicketStep(step) => {
                let id = tickets::step_record(&step.ticket, step.version);
                self.records.insert(id, tickets::step_content(step)?);
            }
        }
        Ok(())
    }

    fn conversation(&mut self, at: UnixMillis, changed: &Changed<Conversation>) -> Result<(), StoreError> {
        let Changed { before, after } = changed;
        let id = record("conversation", after.id.as_str());
        let read = before.as_ref().map(|before| before.version);
        self.records.add(id, conversations::content(after)?, read);
        self.note(reports::conversation_samples(changed, at));
        let (left, entered) = (before.as_ref().and_then(queue::entry), queue::entry(after));
        if left != entered {
            if let Some(entry) = left {
                self.records.remove(entry);
            }
            if let Some(entry) = entered {
                self.records.insert(entry, queue::content(after));
            }
        }
        self.note(assignments::noted(changed, at));
        if before.is_none() {
            self.greet(after);
        }
        Ok(())
    }

    fn note(&mut self, rows: impl IntoIterator<Item = (RecordId, Object)>) {
        for (id, row) in rows {
            self.records.insert(id, row);
        }
    }

    /// Keeps the customer of a new conversation known.
    fn greet(&mut self, conversation: &Conversation) {
        let customer = &conversation.customer;
        let mut greeted = Object::new();
        greeted.insert("id", record("customer", customer.id.as_str()));
        greeted.insert("name", customer.name.as_str());
        greeted.insert("seen_at", number(conversation.started_at));
        self.greeted.push(greeted.into_value());
    }
}

impl TenantStore {
    /// Commits a decision. [`StoreError::Conflict`] when a record is no longer in the version it was decided on:
    /// nothing was changed, and the command has to be decided anew.
    pub async fn commit(&self, commit: Commit<'_>) -> Result<Committed, StoreError> {
        match self.commit_all(std::slice::from_ref(&commit)).await {
            Ok(()) => Ok(Committed::Now),
            Err(StoreError::Conflict) => {
                let recorded = self.recorded(commit.command_id).await?;
                recorded.map(Committed::Already).ok_or(StoreError::Conflict)
            }
            Err(error) => Err(error),
        }
    }

    /// Commits several decisions in one transaction: all of them, or none. Each must be decided on what those before
    /// it leave behind. [`StoreError::Conflict`] when one of them is outdated or was committed before; committing them
    /// one by one tells which.
    pub async fn commit_all(&self, commits: &[Commit<'_>]) -> Result<(), StoreError> {
        let (statements, variables) = Script::of(commits)?.into_statements();
        match self.database.query("commit", statements, variables).await {
            Ok(_) => Ok(()),
            Err(fault) if is_raced(&fault) => Err(StoreError::Conflict),
            Err(fault) => Err(fault.into()),
        }
    }

    /// What came of a command, if it was committed.
    pub async fn recorded(&self, command_id: &CommandId) -> Result<Option<Recorded>, StoreError> {
        let variables = variables! { "id": record("command", command_id.as_str()) };
        let mut answer = self.database.query("recorded", "SELECT * FROM $id", variables).await?;
        answer.values(0)?.into_iter().next().map(Recorded::of).transpose()
    }

    /// Notes that the commands' entries are published and their timers set.
    pub async fn mark_published(&self, commands: &[CommandId]) -> Result<(), StoreError> {
        let ids: Vec<_> = commands.iter().map(|id| record("command", id.as_str())).collect();
        let variables = variables! { "ids": ids };
        let update = "UPDATE $ids SET published = true RETURN NONE";
        self.database.query("mark_published", update, variables).await?;
        Ok(())
    }

    /// Forgets commands decided before `older_than` whose effects are published; returns how many.
    pub async fn prune_commands(&self, older_than: UnixMillis) -> Result<u64, StoreError> {
        let select = "SELECT VALUE id FROM command WHERE at < $older_than AND published = true LIMIT $batch";
        self.prune("prune_commands", select, variables! { "older_than": older_than }).await
    }

    /// Deletes what `select` finds, batch by batch.
    pub(crate) async fn prune(
        &self,
        operation: &'static str,
        select: &str,
        mut variables: Variables,
    ) -> Result<u64, StoreError> {
        let statement = format!("RETURN array::len((DELETE ({select}) RETURN BEFORE))");
        variables.insert("batch", PRUNE_BATCH);
        let mut total = 0;
        loop {
            let mut answer = self.database.query(operation, statement.clone(), variables.clone()).await?;
            let deleted = answer.first::<u64>(0)?.unwrap_or_default();
            total += deleted;
            if deleted < PRUNE_BATCH {
                return Ok(total);
            }
        }
    }
}
