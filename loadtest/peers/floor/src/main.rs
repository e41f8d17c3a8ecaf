//! A bare relay: WebSocket, JetStream, WebSocket. It knows no users, checks nothing and has no database: what it takes
//! is the floor that a hub on the same bus is compared with.

mod connection;
mod rooms;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use async_nats::jetstream;
use async_nats::jetstream::stream::{Config, Republish, StorageType};
use bytes::Bytes;
use clap::Parser;
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use mimalloc::MiMalloc;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::TaskTracker;

use crate::rooms::{ALL_LIVE, ALL_WRITTEN, Rooms};

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The one stream that keeps all messages.
const STREAM: &str = "FLOOR";

/// How long a message may take to be stored. Beyond its limits the relay is slow, as everything is; it gives nothing up.
const PATIENCE: Duration = Duration::from_mins(2);

/// A bare relay from WebSocket over JetStream to WebSocket.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    /// Where NATS is.
    #[arg(long, value_name = "URL")]
    nats: String,
    /// Where to listen.
    #[arg(long, value_name = "ADDR")]
    listen: SocketAddr,
}

/// What every connection needs.
#[derive(Debug)]
pub(crate) struct Relay {
    pub(crate) jetstream: jetstream::Context,
    pub(crate) rooms: Rooms,
    pub(crate) tasks: TaskTracker,
}

#[tokio::main]
async fn main() -> Result<()> {
    let cli = Cli::parse();
    let client = async_nats::connect(&cli.nats).await.context("NATS doesn't answer")?;
    let mut jetstream = jetstream::new(client.clone());
    jetstream.set_timeout(PATIENCE);
    let stream = Config {
        name: STREAM.to_owned(),
        subjects: vec![ALL_WRITTEN.to_owned()],
        storage: StorageType::File,
        num_replicas: 1,
        republish: Some(Republish {
            source: ALL_WRITTEN.to_owned(),
            destination: ALL_LIVE.to_owned(),
            headers_only: false,
        }),
        ..Config::default()
    };
    jetstream.get_or_create_stream(stream).await.context("the stream can't be made")?;
    let tasks = TaskTracker::new();
    let relay = Arc::new(Relay { jetstream, rooms: Rooms::new(client, tasks.clone()), tasks });
    let listener = TcpListener::bind(cli.listen).await.with_context(|| format!("{} is taken", cli.listen))?;
    println!("ready");
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        relay.tasks.spawn(serve(stream, Arc::clone(&relay)));
    }
}

async fn serve(stream: TcpStream, relay: Arc<Relay>) {
    let service = service_fn(|request| {
        let relay = Arc::clone(&relay);
        async move { upgrade(request, relay) }
    });
    let served = http1::Builder::new().serve_connection(TokioIo::new(stream), service).with_upgrades();
    if let Err(error) = served.await {
        eprintln!("a connection ended: {error}");
    }
}

/// Every request is one for a WebSocket; its query names the rooms: `/?rooms=one,two`.
fn upgrade(mut request: Request<Incoming>, relay: Arc<Relay>) -> Result<Response<Empty<Bytes>>> {
    let rooms = request.uri().query().and_then(|query| query.strip_prefix("rooms="));
    let Some(rooms) = rooms.map(|rooms| rooms.split(',').map(str::to_owned).collect()) else {
        let mut refusal = Response::new(Empty::new());
        *refusal.status_mut() = StatusCode::BAD_REQUEST;
        return Ok(refusal);
    };
    let (response, socket) = fastwebsockets::upgrade::upgrade(&mut request)?;
    relay.tasks.clone().spawn(async move {
        match socket.await {
            Ok(socket) => connection::run(socket.into_inner(), rooms, relay).await,
            Err(error) => eprintln!("a WebSocket handshake was not completed: {error}"),
        }
    });
    Ok(response)
}
