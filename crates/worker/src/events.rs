//! Tells others what happened: reads the log a second time, puts events into the streams that others follow, and notes
//! them for webhooks. An event's id comes from its place in the log, so telling it again changes nothing.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use confab_bus::{BusError, PendingAck, ProjectedEntry, ProjectorConsumer};
use confab_config::EventStream;
use confab_protocol::codec::decode_entry;
use confab_protocol::{ChatEvent, EventKind, TenantId};
use confab_store::{Delivery, Webhook};
use confab_telemetry::metrics::EVENTS;
use futures::future::try_join_all;
use metrics::counter;
use tokio::time::Instant;
use tracing::{Instrument as _, error, info_span, warn};

use crate::context::Context;
use crate::error::WorkerError;
use crate::projector;
use crate::retry::Backoff;

/// Events taken up at a time.
const BATCH: usize = 256;
/// How long a batch may take to fill.
const LINGER: Duration = Duration::from_millis(20);
/// How long a tenant's webhooks are taken to be as they were read.
const FRESH: Duration = Duration::from_secs(2);

/// Whether there is anything to do here.
pub(crate) fn is_wanted(context: &Context) -> bool {
    let events = &context.config.events;
    events.webhooks || !events.streams.is_empty()
}

/// Tells the events of one shard until the worker stops.
pub(crate) async fn run(context: Arc<Context>, shard: u16) {
    let mut backoff = Backoff::new();
    let mut webhooks = Webhooks::default();
    while !context.stop.is_cancelled() {
        match context.bus.event_source(shard).await {
            Ok(consumer) => {
                follow(&context, shard, consumer, &mut webhooks).await;
                backoff = Backoff::new();
            }
            Err(error) => warn!(shard, %error, "the log can't be read for events now"),
        }
        backoff.wait(&context.stop).await;
    }
}

async fn follow(context: &Context, shard: u16, mut consumer: ProjectorConsumer, webhooks: &mut Webhooks) {
    loop {
        let batch = tokio::select! {
            () = context.stop.cancelled() => break,
            batch = consumer.batch(BATCH, LINGER) => batch,
        };
        let span = info_span!("worker.events", shard, entries = batch.len());
        let telling = tell(context, &batch, webhooks);
        if let Err(error) =
            projector::while_beating(context, &consumer, &batch, telling).instrument(span).await
        {
            error!(shard, entries = batch.len(), %error, "events were not told; they are read again");
            break;
        }
        if let Err(error) = consumer.ack_all(&batch).await {
            tracing::debug!(%error, "events will be read twice");
        }
    }
    consumer.close().await;
}

async fn tell(
    context: &Context,
    batch: &[ProjectedEntry],
    webhooks: &mut Webhooks,
) -> Result<(), WorkerError> {
    let events = events_of(context, batch).await?;
    let mut told: Vec<(&ChatEvent, String)> = Vec::with_capacity(events.len());
    for event in &events {
        // Most are messages, which most hubs tell nobody of.
        if (has_stream(context, event.kind) || webhooks.want(context, event).await?)
            && let Ok(payload) = serde_json::to_string(event)
        {
            told.push((event, payload));
        }
    }
    context.persist("publishing events", || publish(context, &told)).await?;
    if context.config.events.webhooks {
        webhooks.note(context, &told).await?;
    }
    Ok(())
}

/// The events of entries, in the order of the log.
async fn events_of(context: &Context, batch: &[ProjectedEntry]) -> Result<Vec<ChatEvent>, WorkerError> {
    let Some(first) = batch.first() else { return Ok(Vec::new()) };
    let read_epoch = || async { context.bus.log().epoch_of_shard(first.shard).await };
    let epoch = context.persist::<_, BusError, _>("the epoch of a shard", read_epoch).await?.to_string();
    let event = |projected: &ProjectedEntry| {
        let confab_protocol::Channel::Conversation(conversation) = &projected.channel else { return None };
        let entry = decode_entry(&projected.payload).ok()?;
        ChatEvent::of_entry(&projected.tenant, conversation, &epoch, projected.seq, entry)
    };
    Ok(batch.iter().filter_map(event).collect())
}

/// Whether a stream is filled with events of this kind.
fn has_stream(context: &Context, kind: EventKind) -> bool {
    let stream = match kind {
        EventKind::MessageReceived => EventStream::Messages,
        _ => EventStream::Lifecycle,
    };
    context.config.events.streams.contains(&stream)
}

/// All of them are sent before the first is waited for; the order stays.
async fn publish(context: &Context, told: &[(&ChatEvent, String)]) -> Result<(), BusError> {
    let bus = &context.bus;
    let mut pending: Vec<PendingAck> = Vec::new();
    for (event, payload) in told.iter().filter(|(event, _)| has_stream(context, event.kind)) {
        let payload = Bytes::copy_from_slice(payload.as_bytes());
        let (sent, stream) = if event.kind == EventKind::MessageReceived {
            let (tenant, conversation) = (&event.tenant, &event.conversation_id);
            (bus.publish_message(tenant, conversation, &event.id, payload).await?, "messages")
        } else {
            (
                bus.publish_lifecycle(&event.tenant, event.kind.as_str(), &event.id, payload).await?,
                "lifecycle",
            )
        };
        pending.push(sent);
        counter!(EVENTS, "stream" => stream).increment(1);
    }
    try_join_all(pending).await.map(drop)
}

/// The webhooks of tenants, as they were read lately.
#[derive(Debug, Default)]
struct Webhooks(HashMap<TenantId, (Instant, Vec<Webhook>)>);

impl Webhooks {
    async fn of(&mut self, context: &Context, tenant: &TenantId) -> Result<&[Webhook], WorkerError> {
        let is_fresh = self.0.get(tenant).is_some_and(|(at, _)| at.elapsed() < FRESH);
        if !is_fresh {
            let read = match context.tenant(tenant).await? {
                Some(store) => context.persist("reading webhooks", || store.webhooks()).await?,
                None => Vec::new(),
            };
            self.0.insert(tenant.clone(), (Instant::now(), read));
        }
        Ok(self.0.get(tenant).map_or(&[], |(_, webhooks)| webhooks))
    }

    /// Whether one of the tenant's webhooks wants the event.
    async fn want(&mut self, context: &Context, event: &ChatEvent) -> Result<bool, WorkerError> {
        Ok(context.config.events.webhooks
            && self.of(context, &event.tenant).await?.iter().any(|hook| hook.wants(event.kind)))
    }

    /// Notes the events that webhooks want, and says that there is something to send.
    async fn note(&mut self, context: &Context, told: &[(&ChatEvent, String)]) -> Result<(), WorkerError> {
        let mut tenants: HashMap<&TenantId, Vec<Delivery>> = HashMap::new();
        for (event, payload) in told {
            let wanting = self.of(context, &event.tenant).await?.iter().filter(|hook| hook.wants(event.kind));
            let deliveries = wanting.map(|hook| Delivery::new(&hook.id, event, payload.clone()));
            let deliveries: Vec<Delivery> = deliveries.collect();
            if !deliveries.is_empty() {
                tenants.entry(&event.tenant).or_default().extend(deliveries);
            }
        }
        for (tenant, deliveries) in tenants {
            let Some(store) = context.tenant(tenant).await? else { continue };
            context.persist("noting events for webhooks", || store.add_deliveries(&deliveries)).await?;
            context.deliveries.notify_one();
        }
        Ok(())
    }
}
