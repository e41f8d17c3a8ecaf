//! A worker against a real NATS server and a real database engine.

mod absence;
mod assignment;
mod desk;
mod encryption;
mod notes;
mod projection;
mod races;
mod redelivery;
