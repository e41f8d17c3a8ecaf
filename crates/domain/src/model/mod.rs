//! The records the hub keeps. Each has a version that grows by one with every change: the store accepts a change
//! only on the version it was decided on.

mod agent;
mod conversation;
mod settings;
mod ticket;
mod ticket_step;
pub mod workflow;

pub use agent::Agent;
pub use confab_protocol::api::{Category, TicketStatus};
pub use conversation::Conversation;
pub use settings::{Policy, TenantSettings};
pub use ticket::{Ticket, public};
pub use ticket_step::TicketStep;
