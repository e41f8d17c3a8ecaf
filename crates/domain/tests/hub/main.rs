//! The domain's decisions, carried out on records in memory: behaviours as sentences, and random runs.

mod desk;
mod lifecycle;
mod model;
mod policies;
mod random_commands;
mod service;
mod skew;
mod tickets;
