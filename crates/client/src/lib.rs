//! A client of the hub: its HTTP API, one WebSocket connection, and a session that outlives connections.
//!
//! Three layers, each usable alone: [`HttpClient`] asks, [`Connection`] exchanges frames, [`ChatClient`] follows
//! channels without loss and sends without duplicates. Knows the protocol and nothing of the hub's inside.

mod api;
mod backoff;
mod chat;
mod connection;
mod error;
mod event;
mod http;
mod outbox;
mod reader;
mod session;
mod tracker;

pub use api::{ConversationFilter, TransferTo};
pub use backoff::Backoff;
pub use chat::{ChatClient, ChatOptions, Credentials};
pub use connection::{Connection, ConnectionEvent, ConnectionEvents, ConnectionSender, RawMessage};
pub use error::ClientError;
pub use event::{ChatEvent, LinkState};
pub use http::HttpClient;
pub use outbox::{Outbox, Pending};
pub use tracker::{Position, Tracker, Verdict};

use confab_protocol::ClientId;
use uuid::Uuid;

/// A fresh id for a message: a UUID of version 7, so that ids sort by time.
pub fn new_client_id() -> ClientId {
    ClientId::from_uuid(Uuid::now_v7())
}
