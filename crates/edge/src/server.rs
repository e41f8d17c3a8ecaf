//! The listener: accepts connections, serves HTTP/1.1 on them, and on shutdown lets what runs come to its end.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::routing::get;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tower::ServiceExt as _;

use crate::state::EdgeState;
use crate::tls::Tls;
use crate::{http, sse, ws};

/// A peer that has not sent the head of its request by then is cut off.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);

/// Pause after a failure to accept, as when no file descriptor is left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Every route of the edge.
fn router(state: EdgeState) -> Router {
    let live = Router::new().route("/ws", get(ws::upgrade)).route("/api/events", get(sse::events));
    let live = http::surrounded(live, &state).with_state(state.clone());
    live.merge(http::router(state))
}

/// Accepts and serves connections, encrypted when there is a certificate, until the node drains.
pub(crate) async fn serve(listener: TcpListener, tls: Option<Tls>, state: EdgeState) {
    let router = router(state.clone());
    loop {
        let accepted = tokio::select! {
            () = state.draining.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "small frames may be delayed");
                }
                let (router, served) = (router.clone(), state.clone());
                match tls.clone() {
                    None => state.tasks.spawn(connection(stream, peer, router, served)),
                    Some(tls) => state.tasks.spawn(async move {
                        if let Some(stream) = tls.accept(stream).await {
                            connection(stream, peer, router, served).await;
                        }
                    }),
                };
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn connection<S>(stream: S, peer: SocketAddr, router: Router, state: EdgeState)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = router.map_request(move |mut request: axum::http::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request.map(axum::body::Body::new)
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
        .with_upgrades();
    tokio::pin!(served);
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = state.draining.cancelled() => {
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended with an error");
    }
}
