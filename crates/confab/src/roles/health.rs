//! Metrics and health of a worker, which has no other listener: `/metrics`, `/health/live`, `/health/ready`.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use confab_bus::Bus;
use confab_store::Store;
use confab_telemetry::MetricsHandle;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long one check may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// A peer that has not sent its request by then is cut off.
const HEAD_LIMIT: Duration = Duration::from_secs(5);
/// Pause after a failure to accept.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What is looked at.
#[derive(Debug, Clone)]
pub(super) struct Health {
    pub(super) bus: Bus,
    pub(super) store: Store,
    pub(super) metrics: MetricsHandle,
}

/// Answers until `stop` is cancelled.
pub(super) async fn serve(
    listener: TcpListener,
    health: Health,
    tasks: TaskTracker,
    stop: CancellationToken,
) {
    let health = Arc::new(health);
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "a connection for metrics could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let (health, stop) = (Arc::clone(&health), stop.clone());
        tasks.spawn(async move {
            let service = service_fn(move |request| {
                let health = Arc::clone(&health);
                async move { Ok::<_, Infallible>(answer(&health, &request).await) }
            });
            let served = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_LIMIT)
                .keep_alive(false)
                .serve_connection(TokioIo::new(stream), service);
            if let Some(Err(error)) = stop.run_until_cancelled(served).await {
                tracing::debug!(%error, "a connection for metrics ended with an error");
            }
        });
    }
}

async fn answer(health: &Health, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let (status, text) = match (request.method(), request.uri().path()) {
        (&Method::GET, "/metrics") => (StatusCode::OK, health.metrics.render()),
        (&Method::GET, "/health/live") => (StatusCode::OK, "live\n".to_owned()),
        (&Method::GET, "/health/ready") => ready(health).await,
        _ => (StatusCode::NOT_FOUND, "here are /metrics, /health/live and /health/ready\n".to_owned()),
    };
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4"));
    response
}

async fn ready(health: &Health) -> (StatusCode, String) {
    let (bus, store) =
        tokio::join!(timeout(PATIENCE, health.bus.round_trip()), timeout(PATIENCE, health.store.ping()));
    let word = |ok: bool| if ok { "ok" } else { "does not answer" };
    let (bus, store) = (matches!(bus, Ok(Ok(_))), matches!(store, Ok(Ok(()))));
    let status = if bus && store { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, format!("nats: {}\ndatabase: {}\n", word(bus), word(store)))
}
