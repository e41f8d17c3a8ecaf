//! Does what was decided to be done: carries out commands, assigns conversations, projects the log into the database.
//!
//! Any number of workers share the work. None of them holds anything that another could not take up: the work queue
//! delivers again what was not finished, and what was done is found done.

mod access;
mod audit;
mod automation;
mod batches;
mod commands;
mod context;
mod draw;
mod effects;
mod erasures;
mod errands;
mod error;
mod events;
mod extensions;
mod housekeeping;
mod intake;
mod lanes;
mod listener;
mod mail;
mod mentions;
mod presence;
mod projector;
mod receipts;
mod replies;
mod retention;
mod retry;
mod shards;
mod snapshots;
mod state;
mod streams;
mod timers;
mod webhooks;
mod worker;

pub use error::WorkerError;
pub use extensions::Extensions;
pub use listener::{Listener, ListenerError};
pub use mail::{Mail, MailError, Mailer, smtp_mailer};
pub use replies::{Question, Reply, Responder, ResponderError, Said};
pub use worker::{Worker, WorkerDeps, WorkerHandle};
