//! Commits decisions: all changes of one command, on the versions it was decided on, with the record of the command,
//! in one transaction. Done a second time, it finds the record and changes nothing.

use std::fmt::Write as _;

use confab_domain::{Change, Conversation, Decision, Event, Outcome, TimerOp};
use confab_protocol::api::ConversationStatus;
use confab_protocol::{CommandId, UnixMillis};
use serde::{Deserialize, Serialize};
use surrealdb::types::{Object, RecordId, Variables};

use crate::error::{Fault, StoreError};
use crate::rows::{number, record, record_of, text, to_content, variables};
use crate::tenant::TenantStore;
use crate::{conversations, queue, reports, search, tickets};

/// What the transaction throws when the command was committed before.
const ALREADY: &str = "already";
/// What it throws when a record is not in the version the decision was made on.
const VERSION: &str = "version";
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// The command.
    #[serde(rename = "id")]
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

/// The statements of a commit and their variables.
struct Script {
    statements: String,
    variables: Variables,
    at: UnixMillis,
}

impl Script {
    fn new(commit: &Commit<'_>) -> Result<Self, StoreError> {
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
        let variables = variables! {
            "command": record("command", commit.command_id.as_str()),
            "record": to_content(&recorded)?,
        };
        let statements = format!(
            "BEGIN; IF record::exists($command) {{ THROW '{ALREADY}' }}; \
             CREATE $command CONTENT $record RETURN NONE; "
        );
        let mut script = Self { statements, variables, at: commit.at };
        for (index, change) in decision.changes.iter().enumerate() {
            script.change(index, change)?;
        }
        script.add(format_args!("COMMIT;"));
        Ok(script)
    }

    fn add(&mut self, statement: std::fmt::Arguments<'_>) {
        // Writing to a text does not fail.
        let _ = self.statements.write_fmt(statement);
    }

    fn bind(&mut self, name: &str, index: usize, value: impl surrealdb::types::SurrealValue) {
        self.variables.insert(format!("{name}{index}"), value);
    }

    fn change(&mut self, index: usize, change: &Change) -> Result<(), StoreError> {
        match change {
            Change::Conversation(conversation) => {
                let id = record("conversation", conversation.id.as_str());
                self.write(index, id, conversations::content(conversation)?, conversation.version);
                self.enqueue(index, conversation);
                if conversation.version <= 1 {
                    self.greet(index, conversation);
                }
                let (of, version) = (conversation.id.as_str(), conversation.version);
                let samples = reports::conversation_samples(index, of, self.at, version, &mut self.variables);
                self.statements.push_str(&samples);
            }
            Change::Agent(agent) => {
                let id = record("agent", agent.id.as_str());
                self.write(index, id, to_content(agent)?, agent.version);
            }
            Change::Ticket(ticket) => {
                let id = record("ticket", ticket.id.as_str());
                let mut content = tickets::content(ticket)?;
                content.insert("words", search::ticket_words(ticket));
                self.write(index, id, content, ticket.version);
                let (of, version) = (ticket.id.as_str(), ticket.version);
                let samples = reports::ticket_samples(index, of, self.at, version, &mut self.variables);
                self.statements.push_str(&samples);
            }
            Change::TicketStep(step) => {
                self.bind("id", index, tickets::step_record(&step.ticket, step.version));
                self.bind("content", index, tickets::step_content(step)?);
                self.add(format_args!("CREATE $id{index} CONTENT $content{index} RETURN NONE; "));
            }
        }
        Ok(())
    }

    /// Creates the first version, or replaces the one before, leaving what it was in `$before<index>`.
    fn write(&mut self, index: usize, id: RecordId, content: Object, version: u64) {
        self.bind("id", index, id);
        self.bind("content", index, content);
        if version <= 1 {
            self.add(format_args!(
                "LET $before{index} = NONE; CREATE $id{index} CONTENT $content{index} RETURN NONE; "
            ));
            return;
        }
        self.bind("expected", index, version - 1);
        self.add(format_args!(
            "LET $before{index} = (UPDATE $id{index} CONTENT $content{index} \
             WHERE version = $expected{index} RETURN BEFORE)[0]; \
             IF $before{index} = NONE {{ THROW '{VERSION}' }}; "
        ));
    }

    /// Keeps the customer of a new conversation known.
    fn greet(&mut self, index: usize, conversation: &Conversation) {
        let customer = &conversation.customer;
        self.bind("customer", index, record("customer", customer.id.as_str()));
        self.bind("named", index, customer.name.as_str());
        self.bind("seen", index, conversation.started_at);
        let (id, name) = (format!("$customer{index}"), format!("$named{index}"));
        let upsert = search::upsert_customer(&id, &name, &format!("$seen{index}"));
        self.add(format_args!("{upsert}"));
    }

    /// Keeps the queue, and notes that a conversation got an agent.
    fn enqueue(&mut self, index: usize, conversation: &Conversation) {
        if conversation.version > 1 {
            self.add(format_args!(
                "IF $before{index}.queue != NONE {{ DELETE type::record('queue_entry', $before{index}.queue) }}; "
            ));
        }
        match conversation.status {
            // What was put aside waits for its time, not in the queue.
            ConversationStatus::Waiting if conversation.snoozed_until.is_some() => {}
            ConversationStatus::Waiting => {
                self.bind("entry", index, queue::entry(conversation));
                self.bind("place", index, queue::place(conversation));
                self.add(format_args!(
                    "CREATE $entry{index} CONTENT {{ conversation: $id{index}, place: $place{index} }} RETURN NONE; "
                ));
            }
            ConversationStatus::Active => {
                let key = vec![number(self.at), text(conversation.id.as_str()), number(conversation.version)];
                self.bind("sample", index, record_of("assignment", key));
                self.add(format_args!(
                    "IF $before{index}.status != 'active' {{ CREATE $sample{index} CONTENT \
                     {{ agent: $content{index}.agent.id, waiting_since: $before{index}.queued_at }} RETURN NONE }}; "
                ));
            }
            ConversationStatus::Closed => {}
        }
    }
}

impl TenantStore {
    /// Commits a decision. [`StoreError::Conflict`] when a record is no longer in the version it was decided on:
    /// nothing was changed, and the command has to be decided anew.
    pub async fn commit(&self, commit: Commit<'_>) -> Result<Committed, StoreError> {
        let Script { statements, variables, .. } = Script::new(&commit)?;
        match self.database.query("commit", statements, variables).await {
            Ok(_) => Ok(Committed::Now),
            Err(Fault::Thrown(word)) if word == ALREADY => {
                let recorded = self.recorded(commit.command_id).await?;
                // Only pruning can have come in between, long after anybody waited.
                recorded.map(Committed::Already).ok_or(StoreError::Conflict)
            }
            Err(Fault::Thrown(word)) if word == VERSION => Err(StoreError::Conflict),
            Err(Fault::Exists(_) | Fault::Contended) => Err(StoreError::Conflict),
            Err(fault) => Err(fault.into()),
        }
    }

    /// What came of a command, if it was committed.
    pub async fn recorded(&self, command_id: &CommandId) -> Result<Option<Recorded>, StoreError> {
        self.one("command", command_id.as_str()).await
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
