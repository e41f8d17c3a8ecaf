//! A hub inside a program of one's own, with a listener that prints what happens and a responder that knows one answer.
//! Needs a `nats-server` with JetStream at 127.0.0.1:4222; the database is in memory and gone with the program.

use std::sync::Arc;

use confab_auth::{Lifetimes, Tokens};
use confab_bus::{Bus, BusSettings};
use confab_config::Config;
use confab_domain::responder::{ResponderSettings, SETTING};
use confab_domain::{Clock, TenantSettings};
use confab_edge::{Edge, EdgeDeps};
use confab_protocol::api::{ReplySource, ResponderBody};
use confab_protocol::{ChatEvent, TenantId};
use confab_store::{Store, StoreSettings};
use confab_worker::{
    Extensions, Listener, ListenerError, Question, Reply, Responder, ResponderError, Worker, WorkerDeps,
};
use futures::future::BoxFuture;

/// Prints what happens.
#[derive(Debug)]
struct Printer;

impl Listener for Printer {
    fn name(&self) -> &'static str {
        "printer"
    }

    fn hear<'a>(&'a self, event: &'a ChatEvent) -> BoxFuture<'a, Result<(), ListenerError>> {
        Box::pin(async move {
            println!("{} {} {}", event.at, event.kind.as_str(), event.conversation_id);
            Ok(())
        })
    }
}

/// Knows when the shop is open.
#[derive(Debug)]
struct Doorkeeper;

impl Responder for Doorkeeper {
    fn reply<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Reply, ResponderError>> {
        Box::pin(async move {
            if question.text.to_lowercase().contains("open") {
                return Ok(Reply::Text("We are open from nine to five.".to_owned()));
            }
            Ok(Reply::Unsure)
        })
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let config = Arc::new(Config::load(None)?);
    let metrics = confab_telemetry::install_recorder(env!("CARGO_PKG_VERSION"))?;
    let bus = BusSettings {
        url: "nats://127.0.0.1:4222".to_owned(),
        shards: config.nats.shards,
        ..BusSettings::default()
    };
    let bus = Bus::connect(bus).await?;
    bus.ensure_topology().await?;
    let store = Store::open(StoreSettings::memory()).await?;
    store.migrate().await?;

    let tenant: TenantId = "acme".parse()?;
    store.create_tenant(&tenant, "Acme", &TenantSettings::default()).await?;
    // Whether there are automatic replies is the tenant's decision; here it is made for them.
    let body = ResponderBody { source: ReplySource::Library, ..ResponderBody::default() };
    let settings = ResponderSettings { body, key: None };
    store.tenant(&tenant).await?.put_setting(SETTING, &settings, 0).await?;

    let lifetimes = Lifetimes { access_seconds: 900, refresh_seconds: 86_400, customer_seconds: 86_400 };
    let tokens = || Tokens::new(b"a key of at least thirty-two bytes", "confab", lifetimes);
    let worker = Worker::spawn(WorkerDeps {
        config: Arc::clone(&config),
        bus: bus.clone(),
        store: store.clone(),
        attachments: None,
        clock: Clock::system(),
        tokens: Arc::new(tokens()?),
        extensions: Extensions {
            listener: Some(Arc::new(Printer)),
            responder: Some(Arc::new(Doorkeeper)),
            ..Extensions::default()
        },
        node: "embedded-worker".to_owned(),
    });
    let edge = Edge::bind(EdgeDeps {
        config: Arc::clone(&config),
        bus: bus.clone(),
        store,
        attachments: None,
        tokens: tokens()?,
        clock: Clock::system(),
        node: "embedded-edge".to_owned(),
        metrics,
    })
    .await?;
    println!("open http://{}/demo and ask when the shop is open", edge.local_addr());
    let edge = edge.spawn();

    tokio::signal::ctrl_c().await?;
    let limit = std::time::Duration::from_secs(config.server.drain_seconds);
    edge.drain(limit).await;
    worker.drain(limit).await;
    bus.drain().await;
    Ok(())
}
