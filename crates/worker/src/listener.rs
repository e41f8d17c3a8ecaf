//! Tells an embedder's listener what happens: steps of conversations and messages, from the streams that others follow,
//! too. It has its own place in them, so that nothing waits for it, and what it did not take comes again.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use confab_bus::{BusError, EventReader, EventStream, ReadEvent};
use confab_config::EventStream as Setting;
use confab_protocol::ChatEvent;
use futures::future::BoxFuture;
use tokio::time::timeout;
use tracing::{debug, error, warn};

use crate::context::Context;
use crate::retry;

/// How long a listener may take over one event.
const LIMIT: Duration = Duration::from_secs(30);
/// How often an event is told before it is left out.
const ATTEMPTS: i64 = 10;
/// Pause before the second attempt; it grows with each.
const PAUSE: Duration = Duration::from_millis(200);

/// An event was not taken; it is told again later.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ListenerError(pub String);

/// Hears what happens. Events come at least once, those of a worker one after the other; with several workers they are
/// spread over them. Their ids tell repetitions apart.
pub trait Listener: fmt::Debug + Send + Sync {
    /// Name of its place in the streams: 1 to 64 of `A-Z a-z 0-9 _ -`. A new name begins with the oldest event kept.
    fn name(&self) -> &'static str;

    /// Takes an event. Dropped when it takes longer than 30 seconds; then, and after an error, the event comes again, ten
    /// times at most.
    fn hear<'a>(&'a self, event: &'a ChatEvent) -> BoxFuture<'a, Result<(), ListenerError>>;
}

/// Tells the events of a stream until the worker stops.
pub(crate) async fn run(context: Arc<Context>, listener: Arc<dyn Listener>, stream: EventStream) {
    let (setting, name) = match stream {
        EventStream::Lifecycle => (Setting::Lifecycle, "lifecycle"),
        EventStream::Messages => (Setting::Messages, "messages"),
    };
    if !context.config.events.streams.contains(&setting) {
        return warn!(
            listener = listener.name(),
            "events.streams lacks {name}: the listener hears nothing of it"
        );
    }
    let open = || async { context.bus.read_events(stream, listener.name()).await };
    let opened =
        retry::until_done::<_, BusError, _>("reading events for a listener", &context.stop, open).await;
    let mut reader: EventReader = match opened {
        Ok(reader) => reader,
        Err(error) => return error!(%error, listener = listener.name(), "the listener hears nothing"),
    };
    while let Some(event) = context.stop.run_until_cancelled(reader.next()).await {
        if let Err(error) = tell(&context, listener.as_ref(), &event).await {
            debug!(%error, "an event may be told again");
        }
    }
}

async fn tell(context: &Context, listener: &dyn Listener, read: &ReadEvent) -> Result<(), BusError> {
    let event: ChatEvent = match serde_json::from_slice(&read.payload) {
        Ok(event) => event,
        Err(error) => {
            error!(%error, subject = read.subject, "an event can't be read and is left out");
            return read.ackable.term("no event of the hub").await;
        }
    };
    let cause = match hear(context, listener, &event, read).await {
        None => return read.ackable.nak(Duration::ZERO).await,
        Some(Ok(())) => return read.ackable.ack().await,
        Some(Err(cause)) => cause,
    };
    let listener = listener.name();
    if read.delivered >= ATTEMPTS {
        error!(listener, event = event.id, cause, "an event is left out");
        return read.ackable.term("the listener did not take it").await;
    }
    warn!(listener, event = event.id, cause, "an event is told again");
    read.ackable.nak(PAUSE * u32::try_from(read.delivered.max(1)).unwrap_or(1)).await
}

/// What came of it; none when the worker gives up its work.
async fn hear(
    context: &Context,
    listener: &dyn Listener,
    event: &ChatEvent,
    read: &ReadEvent,
) -> Option<Result<(), String>> {
    let hearing = timeout(LIMIT, listener.hear(event));
    tokio::pin!(hearing);
    let mut beat = tokio::time::interval(Duration::from_secs(context.config.worker.ack_wait_seconds) / 3);
    beat.reset();
    loop {
        tokio::select! {
            () = context.abandon.cancelled() => return None,
            heard = &mut hearing => return Some(match heard {
                Ok(heard) => heard.map_err(|error| error.to_string()),
                Err(_) => Err("it took too long".to_owned()),
            }),
            _ = beat.tick() => {
                if let Err(error) = read.ackable.progress().await {
                    debug!(%error, "an event may be told twice");
                }
            }
        }
    }
}
