//! What moves: channels kept in a log, commands on a work queue, timers and presence, over NATS JetStream.
//!
//! The only crate that names `async-nats`. It knows channels, ids and codes of the protocol, and nothing of what
//! entries and commands say: they are bytes here. Handles are cheap to clone and share one connection.

mod ack;
mod bus;
mod dead_letters;
mod direct;
mod ephemeral;
mod erasures;
mod errands;
mod error;
mod events;
mod find;
mod leaders;
mod log;
mod nodes;
mod once;
mod permissions;
mod presence;
mod projection;
mod pull;
mod replies;
mod settings;
mod shards;
mod snapshot;
mod streams;
mod subjects;
mod timers;
mod topology;
mod traces;
mod work;

pub use ack::Ackable;
pub use bus::Bus;
pub use dead_letters::{DeadLetter, DeadLetters};
pub use ephemeral::{Receipt, Receipts};
pub use erasures::{Erasure, Erasures, Wish};
pub use errands::{Errand, ErrandConsumer, ErrandKind, Errands};
pub use error::BusError;
pub use events::{EventReader, EventStream, ReadEvent};
pub use find::FoundEntry;
pub use log::{
    ChannelEvent, ChannelSubscription, Epoch, FindOutcome, LiveEntry, Log, LogEntry, PendingAck, Published,
    Replay, Stored,
};
pub use nodes::Nodes;
pub use permissions::{Permissions, Role, accounts};
pub use presence::{
    Presence, PresenceChange, PresenceConsumer, PresenceItem, PresenceKey, PresenceKind, Renewal,
};
pub use projection::{ProjectedEntry, ProjectorConsumer};
pub use replies::{ReplyFuture, ReplyInbox};
pub use settings::BusSettings;
pub use shards::{Generation, ShardPlan, ShardRaise};
pub use snapshot::SavedStream;
pub use streams::{ConsumerFigures, StreamFigures};
pub use timers::{FiredTimer, TimerConsumer, Timers};
pub use topology::{FieldChange, StreamChange};
pub use traces::{Traces, TracesMark, TracesStep};
pub use work::{Submitted, WorkConsumer, WorkItem, WorkQueue};
