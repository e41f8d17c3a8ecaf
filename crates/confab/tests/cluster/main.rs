//! The hub as its users and operators see it, in real processes: one file per behaviour.
//!
//! One binary, because each links the database engine.

mod accept_race;
mod bad_input;
mod database_outage;
mod dead_letters;
mod demo;
mod drain;
mod faults;
mod lifecycle;
mod outbox;
mod python_client;
mod slow_reader;
mod two_edges;
