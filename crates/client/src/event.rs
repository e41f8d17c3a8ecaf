//! What a [`ChatClient`](crate::ChatClient) tells its owner.

use std::time::Duration;

use confab_protocol::api::HistoryItem;
use confab_protocol::frame::{Delivery, JoinedFrame, WelcomeFrame};
use confab_protocol::{Channel, ClientId, Ephemeral, ErrorCode};

/// How the link to the hub is.
#[derive(Debug, Clone, PartialEq)]
pub enum LinkState {
    /// An attempt is under way.
    Connecting {
        /// The hub's URL.
        url: String,
    },
    /// The hub said welcome.
    Connected(Box<WelcomeFrame>),
    /// There is no connection; the next attempt comes after `wait`.
    Waiting {
        /// Why the last one ended.
        reason: String,
        /// Close code of the last one, when the hub gave one.
        code: Option<u16>,
        /// Time until the next attempt.
        wait: Duration,
    },
    /// The end: no further attempt is made.
    Stopped {
        /// Why.
        reason: String,
    },
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "most events are entries, so that boxing them would save nothing"
)]
pub enum ChatEvent {
    /// The link changed.
    Link(LinkState),
    /// A channel is followed.
    Joined {
        /// The hub's answer.
        frame: Box<JoinedFrame>,
        /// Whether it was followed before, on an earlier connection.
        resumed: bool,
        /// Whether there are entries between the last one received and the head; they come next.
        behind: bool,
    },
    /// A channel is no longer followed.
    Left(Channel),
    /// An entry, in order, once.
    Entry(Delivery),
    /// What was missed could not be had from the log and was read from the history instead. The items come once, oldest
    /// first, and go on where the last entry was; with `from_the_start` they replace everything of the channel.
    History {
        /// The channel.
        channel: Channel,
        /// The items.
        items: Vec<HistoryItem>,
        /// Whether they replace what the owner has.
        from_the_start: bool,
    },
    /// What was missed on a personal or desk channel is gone: ask for the lists again. The channel is followed from now on.
    Resync(Channel),
    /// An ephemeral event.
    Event {
        /// The channel.
        channel: Channel,
        /// What happened.
        event: Box<Ephemeral>,
    },
    /// A message of this client is stored.
    Acked {
        /// The channel.
        channel: Channel,
        /// Its id.
        client_id: ClientId,
        /// Its sequence.
        seq: u64,
        /// Whether the hub had it already.
        duplicate: bool,
    },
    /// A message of this client was refused for good.
    Refused {
        /// The channel.
        channel: Channel,
        /// Its id.
        client_id: ClientId,
        /// Why.
        code: ErrorCode,
        /// What to do.
        message: String,
    },
    /// A frame was refused, or a request on the way failed; the client goes on.
    Trouble {
        /// The channel, when it concerns one. A channel that could not be joined is not followed.
        channel: Option<Channel>,
        /// The hub's code, when it gave one.
        code: Option<ErrorCode>,
        /// What to do.
        message: String,
    },
}
