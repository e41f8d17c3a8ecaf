//! The connection: made once, kept for ever, watched for interruptions, drained at the end.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use async_nats::jetstream::context::ContextBuilder;
use async_nats::jetstream::{Context, stream::Stream};
use async_nats::{Client, ConnectOptions, Event, HeaderMap, Statistics, connection::State};
use bytes::Bytes;
use futures::StreamExt as _;
use rand::Rng as _;
use secrecy::ExposeSecret as _;
use tokio::sync::{Notify, Semaphore, SemaphorePermit, watch};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::error::BusError;
use crate::log::{EpochCache, ProjectedCache};
use crate::settings::BusSettings;
use crate::shards::Shards;
use crate::topology::{Layout, StreamChange};
use crate::{subjects, topology};

/// Publishes that wait for their acknowledgement at one time; whoever comes after them waits.
const PUBLISHES_IN_FLIGHT: usize = 4096;
/// Batches being read at one time; whoever comes after them waits, so that a rush of readers is served one after the
/// other instead of all of them too late.
const READS_IN_FLIGHT: usize = 64;
/// How long a reader waits for its turn, in publish timeouts.
const TURN_TIMEOUTS: u32 = 6;
/// Commands the connection's task has not taken yet; whoever comes after them waits.
const COMMAND_QUEUE: usize = 4096;
/// Messages of one subscription that nobody has taken yet. What comes after them is dropped, which the sequence of
/// the next one shows.
const SUBSCRIPTION_QUEUE: usize = 8192;
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// How often the number of connections made is looked at, should the notice of one have been lost.
const CONNECTION_CHECK: Duration = Duration::from_secs(1);

/// The bus. Clones share one connection, which is kept until the last is gone or it was drained.
#[derive(Debug, Clone)]
pub struct Bus {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    settings: BusSettings,
    client: Client,
    jetstream: Context,
    connections: watch::Receiver<u64>,
    epochs: EpochCache,
    projected: ProjectedCache,
    shards: Shards,
    reads: Semaphore,
    tasks: TaskTracker,
    stop: CancellationToken,
    closed: CancellationToken,
    _stop_on_drop: DropGuard,
}

impl Bus {
    /// Connects, failing at once when no server answers. Afterwards a lost connection is made again for ever.
    pub async fn connect(settings: BusSettings) -> Result<Self, BusError> {
        subjects::name("node", &settings.name)?;
        if settings.shards == 0 {
            return Err(BusError::InvalidName { what: "number of shards", text: "0".into() });
        }
        let connected = Arc::new(Notify::new());
        let closed = CancellationToken::new();
        let options = options(&settings, Arc::clone(&connected), closed.clone()).await?;
        let servers: Vec<&str> = settings.url.split(',').map(str::trim).collect();
        let client = options
            .connect(servers.as_slice())
            .await
            .map_err(|error| BusError::connect(&settings.url, error))?;
        let jetstream = ContextBuilder::new()
            .timeout(settings.publish_timeout)
            .ack_timeout(settings.publish_timeout)
            .max_ack_inflight(PUBLISHES_IN_FLIGHT)
            .build(client.clone());

        let statistics = client.statistics();
        let (sender, connections) = watch::channel(statistics.connects.load(Ordering::Relaxed));
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let epochs = EpochCache::new(jetstream.clone());
        let shards = Shards::new(jetstream.clone(), settings.shards);
        let projected = ProjectedCache::new(jetstream.clone());
        let learned =
            Learned { epochs: epochs.clone(), projected: projected.clone(), shards: shards.clone() };
        tasks.spawn(watch_connection(statistics, connected, sender, learned, stop.clone()));
        tasks.spawn(epochs.clone().refresh_until(stop.clone()));
        tasks.spawn(shards.clone().refresh_until(stop.clone()));
        let inner = Inner {
            _stop_on_drop: stop.clone().drop_guard(),
            settings,
            client,
            jetstream,
            connections,
            epochs,
            projected,
            shards,
            reads: Semaphore::new(READS_IN_FLIGHT),
            tasks,
            stop,
            closed,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Creates the streams or brings them up to date. Any number of nodes may do so at once. Where nothing is to be
    /// changed it only reads, which a worker's permissions allow.
    pub async fn ensure_topology(&self) -> Result<Vec<StreamChange>, BusError> {
        let layout = self.layout().await?;
        let done = topology::ensure(&self.inner.jetstream, &self.inner.settings, layout).await?;
        self.inner.shards.read().await?;
        Ok(done)
    }

    /// What [`Bus::ensure_topology`] would change, in the order in which it would.
    pub async fn topology_changes(&self) -> Result<Vec<StreamChange>, BusError> {
        topology::changes(&self.inner.jetstream, &self.inner.settings, self.layout().await?).await
    }

    /// The shards that the log has, or is to be made with.
    pub(crate) async fn layout(&self) -> Result<Layout, BusError> {
        let configured = self.inner.settings.shards;
        Ok(match self.inner.shards.read().await? {
            Some(known) => Layout { first: known.plan.first(), count: known.plan.count() },
            None => Layout { first: configured, count: configured },
        })
    }

    /// Whether the connection stands at this moment.
    pub fn is_connected(&self) -> bool {
        self.inner.client.connection_state() == State::Connected
    }

    /// How many connections have been made so far. A change means that subscriptions were interrupted: what was
    /// published in between has to be asked for.
    pub fn connections(&self) -> watch::Receiver<u64> {
        self.inner.connections.clone()
    }

    /// Asks the leader of the log's first shard and answers with the time that took. For readiness: it fails while
    /// nothing could be published.
    pub async fn round_trip(&self) -> Result<Duration, BusError> {
        let start = Instant::now();
        let stream = self.stream(&subjects::shard_stream(0)).await?;
        stream.get_info().await.map_err(|error| BusError::unavailable("the log", error))?;
        Ok(start.elapsed())
    }

    /// Time of a message from this node to the server and back, nothing being stored.
    pub async fn rtt(&self) -> Result<Duration, BusError> {
        let start = Instant::now();
        let inbox = self.inner.client.new_inbox();
        let echo = async {
            let mut echo = self.subscribe(inbox.clone()).await?;
            self.publish(inbox.clone(), Bytes::new()).await?;
            echo.next().await;
            Ok(start.elapsed())
        };
        self.bounded("an echo", echo).await
    }

    /// Ends what this handle's tasks do, waits for publishes in flight, flushes and closes. Takes at most five times
    /// the publish timeout.
    pub async fn drain(&self) {
        let inner = &self.inner;
        let limit = inner.settings.publish_timeout;
        inner.stop.cancel();
        inner.tasks.close();
        let settled = timeout(limit, inner.tasks.wait()).await.is_ok()
            & timeout(limit, inner.jetstream.wait_for_acks()).await.is_ok()
            & timeout(limit, inner.client.flush()).await.is_ok();
        if self.is_connected() && matches!(timeout(limit, inner.client.drain()).await, Ok(Ok(()))) {
            drop(timeout(limit, inner.closed.cancelled()).await);
        }
        tracing::info!(bus.settled = settled, "drained the bus");
    }

    /// Answers whoever awaits the outcome of a command at `subject`.
    pub async fn reply(&self, subject: &str, payload: Bytes) -> Result<(), BusError> {
        self.publish(subject.to_owned(), payload).await
    }

    pub(crate) fn settings(&self) -> &BusSettings {
        &self.inner.settings
    }

    pub(crate) fn client(&self) -> &Client {
        &self.inner.client
    }

    pub(crate) fn jetstream(&self) -> &Context {
        &self.inner.jetstream
    }

    pub(crate) fn epochs(&self) -> &EpochCache {
        &self.inner.epochs
    }

    pub(crate) fn projected(&self) -> &ProjectedCache {
        &self.inner.projected
    }

    pub(crate) fn shards(&self) -> &Shards {
        &self.inner.shards
    }

    pub(crate) fn tasks(&self) -> &TaskTracker {
        &self.inner.tasks
    }

    /// Cancelled when the bus is drained or the last handle is gone.
    pub(crate) fn stop(&self) -> &CancellationToken {
        &self.inner.stop
    }

    /// A handle on a stream; asks nobody.
    pub(crate) async fn stream(&self, name: &str) -> Result<Stream<()>, BusError> {
        self.inner
            .jetstream
            .get_stream_no_info(name)
            .await
            .map_err(|error| BusError::unavailable("a stream", error))
    }

    pub(crate) async fn subscribe(&self, subject: String) -> Result<async_nats::Subscriber, BusError> {
        let subscribed = self.inner.client.subscribe(subject);
        self.bounded("a subscription", async {
            subscribed.await.map_err(|error| BusError::unavailable("a subscription", error))
        })
        .await
    }

    /// Sends without storing or asking for an answer.
    pub(crate) async fn publish(&self, subject: String, payload: Bytes) -> Result<(), BusError> {
        let published = self.inner.client.publish(subject, payload);
        self.bounded("a publish", async {
            published.await.map_err(|error| match error.kind() {
                async_nats::client::PublishErrorKind::MaxPayloadExceeded => BusError::TooLarge,
                _ => BusError::unavailable("a publish", error),
            })
        })
        .await
    }

    /// Stores a message and waits until that is acknowledged. Answers whether the server knew its id already.
    pub(crate) async fn store(
        &self,
        subject: String,
        headers: HeaderMap,
        payload: Bytes,
    ) -> Result<bool, BusError> {
        let context = &self.inner.jetstream;
        let sent = self
            .bounded("a publish", async {
                context.publish_with_headers(subject, headers, payload).await.map_err(BusError::publish)
            })
            .await?;
        let ack = sent.await.map_err(BusError::publish)?;
        Ok(ack.duplicate)
    }

    /// Waits for the turn to read a batch.
    pub(crate) async fn read_permit(&self) -> Result<SemaphorePermit<'_>, BusError> {
        let turn = timeout(self.inner.settings.publish_timeout * TURN_TIMEOUTS, self.inner.reads.acquire());
        let permit = turn.await.map_err(|_| BusError::Timeout("the turn to read"))?;
        permit.map_err(|error| BusError::unavailable("a read", error))
    }

    /// Bounds a wait by the publish timeout.
    pub(crate) async fn bounded<T>(
        &self,
        what: &'static str,
        wait: impl Future<Output = Result<T, BusError>>,
    ) -> Result<T, BusError> {
        match timeout(self.inner.settings.publish_timeout, wait).await {
            Ok(result) => result,
            Err(_) => Err(BusError::Timeout(what)),
        }
    }
}

async fn options(
    settings: &BusSettings,
    connected: Arc<Notify>,
    closed: CancellationToken,
) -> Result<ConnectOptions, BusError> {
    let mut options = ConnectOptions::new()
        .name(format!("confab-{}", settings.name))
        .custom_inbox_prefix(subjects::inbox_prefix(settings.user.as_deref(), &settings.name))
        .client_capacity(COMMAND_QUEUE)
        .subscription_capacity(SUBSCRIPTION_QUEUE)
        .request_timeout(Some(settings.publish_timeout))
        .connection_timeout(CONNECT_LIMIT)
        .ping_interval(settings.ping_interval)
        .max_reconnects(None)
        .reconnect_delay_callback(reconnect_delay)
        .event_callback(move |event| {
            note(&event, &connected, &closed);
            std::future::ready(())
        });
    if let (Some(user), Some(password)) = (&settings.user, &settings.password) {
        options = options.user_and_password(user.clone(), password.expose_secret().to_owned());
    }
    if let Some(file) = &settings.credentials_file {
        options = options.credentials_file(file).await.map_err(BusError::Credentials)?;
    }
    if let Some(file) = &settings.tls_ca_file {
        options = options.add_root_certificates(file.clone());
    }
    if let Some((certificate, key)) = &settings.tls_identity {
        options = options.add_client_certificate(certificate.clone(), key.clone());
    }
    Ok(options.require_tls(settings.tls_required))
}

/// At once the first time, then after 50 ms, doubling up to 1 s, half of it at random.
fn reconnect_delay(attempts: usize) -> Duration {
    if attempts <= 1 {
        return Duration::ZERO;
    }
    let doublings = u32::try_from(attempts - 2).unwrap_or(u32::MAX).min(5);
    let longest = (50_u64 << doublings).min(1000);
    Duration::from_millis(rand::rng().random_range(longest.div_ceil(2).max(50)..=longest))
}

fn note(event: &Event, connected: &Notify, closed: &CancellationToken) {
    match event {
        Event::Connected => connected.notify_one(),
        Event::Closed => closed.cancel(),
        Event::Disconnected => tracing::warn!("the connection to NATS is lost"),
        Event::SlowConsumer(_) => tracing::warn!("a subscription is full; messages of it were dropped"),
        Event::ServerError(error) => tracing::warn!(%error, "NATS reports an error"),
        Event::ClientError(error) => tracing::warn!(%error, "the NATS client reports an error"),
        Event::LameDuckMode | Event::Draining => tracing::debug!(%event, "NATS says"),
    }
}

/// What was learned of the servers, which may be others after an interruption.
struct Learned {
    epochs: EpochCache,
    projected: ProjectedCache,
    shards: Shards,
}

/// Tells of each new connection. The count is what counts: the library may drop its notice when it has many.
async fn watch_connection(
    statistics: Arc<Statistics>,
    connected: Arc<Notify>,
    connections: watch::Sender<u64>,
    learned: Learned,
    stop: CancellationToken,
) {
    let mut check = interval(CONNECTION_CHECK);
    check.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = connected.notified() => {}
            _ = check.tick() => {}
        }
        let made = statistics.connects.load(Ordering::Relaxed);
        if *connections.borrow() != made {
            learned.epochs.forget();
            learned.projected.forget();
            learned.shards.ask_soon();
            connections.send_replace(made);
            tracing::info!(nats.connections = made, "the connection to NATS stands again");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_between_attempts_stays_within_its_bounds() {
        assert_eq!(reconnect_delay(1), Duration::ZERO);
        for attempts in 2..100 {
            let delay = reconnect_delay(attempts);
            assert!(
                (Duration::from_millis(50)..=Duration::from_secs(1)).contains(&delay),
                "{attempts}: {delay:?}"
            );
        }
    }
}
