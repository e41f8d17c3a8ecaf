//! A worker against a real NATS server and a real database engine.

mod absence;
mod assignment;
mod desk;
mod notes;
mod projection;
mod races;
mod redelivery;
