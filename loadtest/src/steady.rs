//! Rooms of two, the customer at one edge and the agent at another, in which both sides write in turn at a fixed rate.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context as _, Result};
use confab_client::{ClientError, HttpClient};
use confab_protocol::api::{Priority, StartRequest, StartResponse};
use confab_protocol::{Channel, ConversationId, ErrorCode};
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::generator::{Speaker, Speakers, pace};
use crate::recorder::{Measurements, Stage};
use crate::report::{Cpu, Latency, Report};
use crate::scenario::Output;
use crate::system::{Agent, System, Target};

/// Rooms of one agent.
const ROOMS_PER_AGENT: usize = 5;
/// Requests under way while rooms are made.
const PARALLEL: usize = 16;
/// Attempts to accept a conversation that the worker has not made yet, and the pause between them.
const ACCEPT_ATTEMPTS: usize = 500;
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);
/// Time in which nothing is measured.
const WARM_UP: Duration = Duration::from_secs(2);
/// How long what was sent may take to arrive, and to be in the database.
const SETTLE: Duration = Duration::from_secs(20);
const CATCH_UP: Duration = Duration::from_mins(2);
const POLL: Duration = Duration::from_millis(50);

/// Steady traffic.
#[derive(Debug, clap::Args)]
pub(crate) struct Steady {
    /// Conversations, each of a customer and an agent.
    #[arg(long, default_value_t = 250)]
    rooms: usize,
    /// Messages per second, over all rooms.
    #[arg(long, default_value_t = 500)]
    rate: u32,
    /// Measured time.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// A conversation that has an agent.
struct Room {
    started: StartResponse,
    agent: usize,
}

impl Room {
    fn channel(&self) -> Channel {
        Channel::Conversation(self.started.conversation_id.clone())
    }
}

/// Makes the rooms, writes, and sums up.
pub(crate) async fn run(options: &Steady) -> Result<Report> {
    let agents = options.rooms.div_ceil(ROOMS_PER_AGENT);
    let capacity = u32::try_from(ROOMS_PER_AGENT)?;
    let system = options.target.prepare(agents, capacity).await?;
    let measurements = Arc::new(Measurements::new()?);
    let stop = CancellationToken::new();
    let speakers =
        Speakers { measurements: Arc::clone(&measurements), tasks: TaskTracker::new(), stop: stop.clone() };
    let rooms = make_rooms(&system, options.rooms).await?;
    let voices = connect(&system, &speakers, &rooms).await?;
    eprintln!("{} rooms are open, {} voices", rooms.len(), voices.len());

    let cpu = write(options, &system, voices, &measurements).await?;
    settle(&measurements).await;
    let conversations: Vec<ConversationId> =
        rooms.iter().map(|room| room.started.conversation_id.clone()).collect();
    let behind = system.caught_up(&conversations, CATCH_UP).await?;
    if let Some(cluster) = system.cluster() {
        measurements.history.read_log(cluster.bus(), &conversations).await;
        measurements.history.read_store(&cluster.tenant().store, &conversations).await;
    }
    // Only now: without its people the hub would put the conversations back into the queue.
    stop.cancel();
    speakers.tasks.close();
    speakers.tasks.wait().await;
    let load = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
    Ok(Report {
        scenario: "steady",
        rooms: rooms.len(),
        rate: options.rate,
        seconds: options.seconds,
        sync: format!("{:?}", options.target.sync).to_lowercase(),
        edges: system.urls.len(),
        sent: load(&measurements.sent),
        stalled: load(&measurements.stalled),
        acknowledged: load(&measurements.acknowledged),
        refused: load(&measurements.refused),
        disconnected: load(&measurements.disconnected),
        delivery: Latency::from(&measurements.latencies(Stage::Delivery)),
        ack: Latency::from(&measurements.latencies(Stage::Ack)),
        cpu,
        projector_behind_seconds: behind.map(|behind| behind.as_secs_f64()),
        violations: measurements.history.violations().iter().map(ToString::to_string).collect(),
    })
}

/// Warms up, then measures. Answers with the processor time the servers took.
async fn write(
    options: &Steady,
    system: &System,
    voices: Vec<(Speaker, Channel)>,
    measurements: &Arc<Measurements>,
) -> Result<Vec<Cpu>> {
    let rate = options.rate;
    let voices = Arc::new(voices);
    let pacing = |time| {
        let (voices, measurements) = (Arc::clone(&voices), Arc::clone(measurements));
        tokio::task::spawn_blocking(move || pace(&voices, rate, time, &measurements))
    };
    pacing(WARM_UP).await??;
    measurements.begin();
    let before = system.cpu();
    pacing(Duration::from_secs(options.seconds)).await??;
    let after = system.cpu();
    let took = after
        .into_iter()
        .zip(before)
        .map(|(after, before)| Cpu { seconds: after.seconds - before.seconds, process: after.process });
    Ok(took.collect())
}

/// Starts conversations and has agents take them, some at a time.
async fn make_rooms(system: &System, count: usize) -> Result<Vec<Room>> {
    stream::iter(0..count).map(|number| make_room(system, number)).buffered(PARALLEL).try_collect().await
}

async fn make_room(system: &System, number: usize) -> Result<Room> {
    let agent = number / ROOMS_PER_AGENT % system.agents.len();
    let request = StartRequest {
        tenant: Some(system.tenant.clone()),
        issue_type: "LOAD".to_owned(),
        message: "Hello".to_owned(),
        client_id: None,
        name: Some(format!("Customer {number}")),
        team: None,
        priority: Priority::Medium,
    };
    // The customer's edge is the one after the agent's.
    let started = system.http(agent + 1)?.start(&request).await.context("a conversation can't be started")?;
    let http = system.http(agent)?.with_token(&system.agents[agent].token);
    accept(&http, &started.conversation_id).await?;
    Ok(Room { started, agent })
}

async fn accept(http: &HttpClient, id: &ConversationId) -> Result<()> {
    for _ in 0..ACCEPT_ATTEMPTS {
        match http.accept(id).await {
            Ok(_) => return Ok(()),
            Err(ClientError::Refused(problem)) if problem.code == ErrorCode::NotFound => {}
            Err(error) => return Err(error).context("a conversation can't be accepted"),
        }
        tokio::time::sleep(ACCEPT_PAUSE).await;
    }
    anyhow::bail!("the conversation {id} did not come to be");
}

/// Connects everybody. Voices alternate between customers and agents, so that both sides of every room are heard.
async fn connect(system: &System, speakers: &Speakers, rooms: &[Room]) -> Result<Vec<(Speaker, Channel)>> {
    let customers = stream::iter(rooms).map(|room| async move {
        let http = system.http(room.agent + 1)?.with_token(&room.started.token);
        let speaker = speakers.connect(&http, &room.started.customer_id, &[room.channel()]).await?;
        Ok::<_, anyhow::Error>((speaker, room.channel()))
    });
    let customers: Vec<_> = customers.buffered(PARALLEL).try_collect().await?;
    let agents = stream::iter(rooms.chunks(ROOMS_PER_AGENT)).map(|own| async move {
        let Agent { id, token } = &system.agents[own[0].agent];
        let http = system.http(own[0].agent)?.with_token(token);
        let channels: Vec<Channel> = own.iter().map(Room::channel).collect();
        let speaker = speakers.connect(&http, id, &channels).await?;
        Ok::<_, anyhow::Error>(channels.into_iter().map(move |channel| (speaker.clone(), channel)))
    });
    let agents: Vec<_> =
        agents.buffered(PARALLEL).try_collect::<Vec<_>>().await?.into_iter().flatten().collect();
    Ok(customers.into_iter().zip(agents).flat_map(|(customer, agent)| [customer, agent]).collect())
}

/// Waits until everything sent is answered, or too long has passed: the report then says what is missing.
async fn settle(measurements: &Measurements) {
    let begun = tokio::time::Instant::now();
    while begun.elapsed() < SETTLE {
        let answered =
            measurements.acknowledged.load(Ordering::Relaxed) + measurements.refused.load(Ordering::Relaxed);
        let expected =
            measurements.sent.load(Ordering::Relaxed) - measurements.stalled.load(Ordering::Relaxed);
        if answered >= expected && measurements.latencies(Stage::Delivery).len() >= answered {
            break;
        }
        tokio::time::sleep(POLL).await;
    }
}
