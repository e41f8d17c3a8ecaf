//! Connections that write what is due and measure what arrives, and the clock that says what is due.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use confab_client::{Connection, ConnectionEvent, ConnectionEvents, ConnectionSender, HttpClient};
use confab_protocol::{Channel, ClientFrame, ClientId, Codec, ServerFrame, UserId};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::recorder::{Measurements, Stage};

/// Messages that may wait for a connection; more are dropped and counted, so that the clock never waits.
const QUEUE: usize = 4096;
/// A message of usual length.
const TEXT: &str =
    "Hello, my payment has been stuck since yesterday. Could you please have a look at it for me?";
/// How long a join may take.
const JOIN_LIMIT: Duration = Duration::from_secs(30);

/// A message that is due.
#[derive(Debug)]
struct Due {
    channel: Channel,
    client_id: ClientId,
}

/// A connection that is ready to write.
#[derive(Debug, Clone)]
pub(crate) struct Speaker {
    queue: mpsc::Sender<Due>,
}

/// Opens connections of a run and owns their tasks.
#[derive(Debug, Clone)]
pub(crate) struct Speakers {
    pub(crate) measurements: Arc<Measurements>,
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
}

impl Speakers {
    /// Connects somebody and joins their channels from the start.
    pub(crate) async fn connect(
        &self,
        http: &HttpClient,
        id: &UserId,
        channels: &[Channel],
    ) -> Result<Speaker> {
        let token = http.token().context("no token")?;
        let (sender, mut events) =
            Connection::connect(&http.websocket_url(), token, Codec::MessagePack).await?;
        let mut listener = Listener {
            id: id.clone(),
            epochs: Vec::new(),
            sender: sender.clone(),
            measurements: Arc::clone(&self.measurements),
        };
        for channel in channels {
            self.measurements.history.follows(id.as_str(), channel);
            let join =
                ClientFrame::Join { reference: 1, channel: channel.clone(), after: Some(0), epoch: None };
            sender.send(&join).await?;
        }
        let joined = async {
            while listener.epochs.len() < channels.len() {
                let frame = events.next_frame().await?;
                if let ServerFrame::Error { message, .. } | ServerFrame::Resync { epoch: message, .. } =
                    &frame
                {
                    bail!("a channel can't be joined: {message}");
                }
                listener.hear(frame).await;
            }
            Ok(())
        };
        tokio::time::timeout(JOIN_LIMIT, joined).await.context("the hub is slow to join")??;
        let (queue, due) = mpsc::channel(QUEUE);
        self.tasks.spawn(listener.run(events, self.stop.clone()));
        self.tasks.spawn(write(sender, due, self.stop.clone()));
        Ok(Speaker { queue })
    }
}

/// Writes what is due, in order.
async fn write(sender: ConnectionSender, mut due: mpsc::Receiver<Due>, stop: CancellationToken) {
    loop {
        let message = tokio::select! {
            () = stop.cancelled() => return,
            message = due.recv() => message,
        };
        let Some(Due { channel, client_id }) = message else { return };
        let frame = ClientFrame::Send { channel, client_id, text: TEXT.to_owned(), known: None };
        if sender.send(&frame).await.is_err() {
            return;
        }
    }
}

struct Listener {
    id: UserId,
    epochs: Vec<(Channel, String)>,
    sender: ConnectionSender,
    measurements: Arc<Measurements>,
}

impl Listener {
    async fn run(mut self, mut events: ConnectionEvents, stop: CancellationToken) {
        loop {
            let event = tokio::select! {
                () = stop.cancelled() => return,
                event = events.next() => event,
            };
            match event {
                Some(ConnectionEvent::Frame(frame)) => self.hear(*frame).await,
                Some(ConnectionEvent::Unreadable { reason, .. }) => {
                    eprintln!("an unreadable frame: {reason}");
                }
                Some(ConnectionEvent::Closed { code, reason }) => {
                    eprintln!("{} was cut off: {reason} ({code:?})", self.id);
                    Measurements::count(&self.measurements.disconnected);
                    return;
                }
                None => return,
            }
        }
    }

    async fn hear(&mut self, frame: ServerFrame) {
        let measurements = &self.measurements;
        match frame {
            ServerFrame::Joined(joined) => self.epochs.push((joined.channel, joined.epoch)),
            ServerFrame::Entry(delivery) => {
                let foreign = delivery.entry.author.id.as_ref() != Some(&self.id);
                if let Some(due) = due_of(&delivery.entry.id).filter(|_| foreign) {
                    measurements.record(Stage::Delivery, due);
                }
                let epoch = self.epochs.iter().find(|(channel, _)| *channel == delivery.channel);
                let epoch = epoch.map_or("", |(_, epoch)| epoch);
                let (channel, seq) = (&delivery.channel, delivery.seq);
                measurements.history.delivered(self.id.as_str(), channel, epoch, seq, &delivery.entry);
            }
            ServerFrame::Ack { channel, client_id, seq, .. } => {
                measurements.history.acked(&self.id, &channel, client_id.as_str(), seq);
                if let Some(due) = due_of(client_id.as_str()) {
                    Measurements::count(&measurements.acknowledged);
                    measurements.record(Stage::Ack, due);
                }
            }
            ServerFrame::Nack { message, .. }
                if measurements.refused.fetch_add(1, Ordering::Relaxed) == 0 =>
            {
                eprintln!("the first message that was refused: {message}");
            }
            ServerFrame::Ping { n } => drop(self.sender.send(&ClientFrame::Pong { n }).await),
            _ => {}
        }
    }
}

/// Id of a message: when it was due, if it counts; those of the warm-up do not.
fn id_of(number: u64, due: Option<u64>) -> String {
    due.map_or_else(|| format!("w-{number}"), |due| format!("m-{due}-{number}"))
}

/// When a message that counts was due, by its id.
fn due_of(id: &str) -> Option<u64> {
    let (due, _) = id.strip_prefix("m-")?.split_once('-')?;
    due.parse().ok()
}

/// Says what is due, at a fixed rate, whatever becomes of it: message after message, to the speakers in turn.
///
/// Runs on a thread of its own, because the timers of the runtime are too coarse: they would show up as latency.
pub(crate) fn pace(
    speakers: &[(Speaker, Channel)],
    rate: u32,
    time: Duration,
    measurements: &Measurements,
) -> Result<()> {
    let began = Instant::now();
    let total = u64::from(rate) * time.as_secs();
    let step = Duration::from_secs(1) / rate.max(1);
    for number in 0..total {
        let at = began + step * u32::try_from(number).context("a run of more than 4 billion messages")?;
        if let Some(early) = at.checked_duration_since(Instant::now()) {
            std::thread::sleep(early);
        }
        let counts = measurements.is_measuring();
        if counts {
            Measurements::count(&measurements.sent);
        }
        let turn = usize::try_from(number).unwrap_or(0) % speakers.len();
        let (speaker, channel) = &speakers[turn];
        let client_id = ClientId::parse(id_of(number, counts.then(|| measurements.stamp(at))))?;
        if speaker.queue.try_send(Due { channel: channel.clone(), client_id }).is_err() {
            measurements.stalled.fetch_add(1, Ordering::Relaxed);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_says_when_its_message_was_due_unless_it_was_for_warming_up() {
        assert_eq!(due_of(&id_of(3, Some(1_000_123))), Some(1_000_123));
        assert_eq!(due_of(&id_of(3, None)), None);
        assert_eq!(due_of("0190-of-somebody-else"), None);
    }
}
