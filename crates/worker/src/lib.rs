//! Does what was decided to be done: carries out commands, assigns conversations, projects the log into the database.
//!
//! Any number of workers share the work. None of them holds anything that another could not take up: the work queue
//! delivers again what was not finished, and what was done is found done.

mod access;
mod audit;
mod batches;
mod commands;
mod context;
mod draw;
mod effects;
mod erasures;
mod error;
mod events;
mod housekeeping;
mod intake;
mod lanes;
mod mentions;
mod presence;
mod projector;
mod receipts;
mod retention;
mod retry;
mod snapshots;
mod state;
mod timers;
mod webhooks;
mod worker;

pub use error::WorkerError;
pub use worker::{Worker, WorkerDeps, WorkerHandle};
