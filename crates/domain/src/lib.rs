//! What the hub decides, as pure functions: conversations, agents, tickets, the queue, assignment.
//!
//! Nothing here reads a clock, draws a random number or does I/O; time and ids are arguments.
//! A worker loads a [`decide::State`], asks [`decide::decide`] what follows from a command, and carries out the
//! [`decide::Decision`].

pub mod address;
pub mod assign;
pub mod calendar;
pub mod clock;
pub mod command;
pub mod decide;
pub mod invariants;
pub mod library;
pub mod mentions;
pub mod model;
pub mod notice;
pub mod placeholders;
pub mod queue;
pub mod report;
pub mod responder;
pub mod transcript;

pub use clock::Clock;
pub use command::{Actor, Assignee, Command, CommandKind, Outcome, Refusal, TicketEdit, TransferTarget};
pub use decide::{Change, Changed, Decision, Event, ServiceTimes, State, TimerOp, decide};
pub use model::{Agent, Conversation, Policy, TenantSettings, Ticket, TicketStep};

use confab_protocol::{Channel, UserId};

/// The id under which the log drops repetitions of an entry: the channel, its author and the author's own id.
/// The author is part of it so that nobody can suppress another's message by guessing its id.
pub fn message_id(channel: &Channel, author: Option<&UserId>, entry_id: &str) -> String {
    let author = author.map_or("", UserId::as_str);
    format!("{channel}:{author}:{entry_id}")
}
