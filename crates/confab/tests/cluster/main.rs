//! The hub as its users and operators see it, in real processes: one file per behaviour.
//!
//! One binary, because each links the database engine.

mod accept_race;
mod accounts;
mod backup;
mod bad_input;
mod database_outage;
mod dead_letters;
mod demo;
mod drain;
mod errands;
mod faults;
mod lifecycle;
mod nats_cluster;
mod outbox;
mod python_client;
mod rolling;
mod shards;
mod slow_reader;
mod two_edges;
