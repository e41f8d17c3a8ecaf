//! The store against real SurrealDB engines: one file per behaviour, one program, because linking the engine takes long.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod commands;
mod figures;
mod history;
mod lists;
mod queue;
mod racing;
mod receipts;
mod remote;
mod search;
mod search_at_scale;
mod support;
mod tenants;
mod tickets;
