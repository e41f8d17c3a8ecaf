//! The history of a ticket: who changed what, when, from which value to which.

use confab_protocol::api::{FieldChange, Party, TicketStepView};
use confab_protocol::{Author, TicketId, UnixMillis};
use serde::{Deserialize, Serialize};

use super::{Ticket, workflow};

/// One version of a ticket, as a step from the one before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketStep {
    /// The ticket.
    pub ticket: TicketId,
    /// Its version after the step.
    pub version: u64,
    /// When.
    pub at: UnixMillis,
    /// Who.
    pub by: Author,
    /// What changed.
    pub changes: Vec<FieldChange>,
}

impl TicketStep {
    /// The step to `after`, from nothing when it is new.
    pub fn between(before: Option<&Ticket>, after: &Ticket, by: Author, at: UnixMillis) -> Self {
        Self { ticket: after.id.clone(), version: after.version, at, by, changes: changes(before, after) }
    }

    /// As it is shown.
    pub fn view(&self) -> TicketStepView {
        TicketStepView {
            version: self.version,
            at: self.at,
            by: self.by.clone(),
            changes: self.changes.clone(),
        }
    }
}

fn changes(before: Option<&Ticket>, after: &Ticket) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    let mut add = |field: &str, from: Option<String>, to: Option<String>| {
        if from != to {
            changes.push(FieldChange { field: field.to_owned(), from, to });
        }
    };
    match before.map(|before| workflow::steps(before.status, after.status)) {
        None => add("status", None, Some(after.status.as_str().to_owned())),
        Some(steps) => {
            for (from, to) in steps {
                add("status", Some(from.as_str().to_owned()), Some(to.as_str().to_owned()));
            }
        }
    }
    // What a ticket begins with stands in the ticket; its texts are not kept twice.
    for (field, read) in FIELDS.iter().filter(|(field, _)| before.is_some() || *field != "description") {
        add(field, before.and_then(read), read(after));
    }
    changes
}

type Read = fn(&Ticket) -> Option<String>;

/// Every field but the status with its value as text.
const FIELDS: [(&str, Read); 14] = [
    ("subject", |ticket| Some(ticket.subject.clone())),
    ("description", |ticket| Some(ticket.description.clone())),
    ("priority", |ticket| Some(ticket.priority.as_str().to_owned())),
    ("category", |ticket| Some(ticket.category.as_str().to_owned())),
    ("assigned_agent", |ticket| ticket.assigned_agent.as_ref().map(name)),
    ("labels", |ticket| list(&ticket.labels)),
    ("snoozed_until", |ticket| ticket.snoozed_until.map(|until| until.to_string())),
    ("merged_into", |ticket| ticket.merged_into.as_ref().map(ToString::to_string)),
    ("satisfaction", |ticket| ticket.satisfaction.as_ref().map(|given| given.score.to_string())),
    ("conversations", |ticket| {
        list(&ticket.conversations.iter().map(ToString::to_string).collect::<Vec<_>>())
    }),
    ("first_response_due_at", |ticket| ticket.first_response_due_at.map(|due| due.to_string())),
    ("resolution_due_at", |ticket| ticket.resolution_due_at.map(|due| due.to_string())),
    ("breached", |ticket| {
        list(&ticket.breached.iter().map(|goal| goal.as_str().to_owned()).collect::<Vec<_>>())
    }),
    ("deleted", |ticket| ticket.deleted.then(|| "true".to_owned())),
];

fn name(party: &Party) -> String {
    party.id.to_string()
}

fn list(items: &[String]) -> Option<String> {
    (!items.is_empty()).then(|| items.join(", "))
}
