//! Whole hubs for tests, of processes or inside the test, the people who use them, and a record of what they see.
//!
//! Apart from the test kit, so that crates that need no more than a NATS server compile no database engine.

pub mod cluster;
pub mod crowd;
pub mod database;
pub mod edge;
pub mod hosts;
pub mod hub;
pub mod links;
pub mod mailbox;
pub mod one_node;
pub mod people;
pub mod person;
pub mod recorder;
pub mod sse;
