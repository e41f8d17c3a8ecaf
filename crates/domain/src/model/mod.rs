//! The records the hub keeps. Each has a version that grows by one with every change: the store accepts a change
//! only on the version it was decided on.

mod agent;
mod conversation;
mod settings;
mod ticket;

pub use agent::Agent;
pub use conversation::Conversation;
pub use settings::{Policy, TenantSettings};
pub use ticket::{Category, Ticket, TicketStatus};
