//! The bus against a real `nats-server`: one file per behaviour.

mod accounts;
mod interruption;
mod log;
mod once;
mod presence;
mod projection;
mod replies;
mod shards;
mod streams;
mod support;
mod timers;
mod topology;
mod traces;
mod work;
