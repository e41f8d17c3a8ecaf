//! What tests stand on: real servers, started on free ports and ended on drop; processes, and waiting for them.

pub mod binaries;
pub mod link;
pub mod nats;
pub mod nats_cluster;
pub mod network;
pub mod process;
pub mod wait;
