//! `GET /ws`: from an HTTP request to a WebSocket session.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, Response, header};
use confab_protocol::{Codec, ErrorCode};

use crate::error::EdgeError;
use crate::session;
use crate::state::EdgeState;

/// Upgrades the connection. The subprotocol chooses the codec; without one it is JSON.
pub(crate) async fn upgrade(
    State(state): State<EdgeState>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
) -> Result<Response<Body>, EdgeError> {
    if state.draining.is_cancelled() {
        return Err(EdgeError::new(ErrorCode::Unavailable, "this node is going away; connect to another"));
    }
    check_origin(&state.config.server.allowed_origins, request.headers())?;
    let (codec, answer) = negotiate(request.headers())?;
    let slot = state.limits.connect(peer.ip())?;
    let upgraded = fastwebsockets::upgrade::upgrade(&mut request);
    let (response, socket) = upgraded
        .map_err(|error| EdgeError::new(ErrorCode::Invalid, format!("no WebSocket handshake: {error}")))?;
    let tasks = state.tasks.clone();
    tasks.spawn(async move {
        match socket.await {
            Ok(socket) => session::run(state, socket.into_inner(), codec, slot).await,
            Err(error) => tracing::debug!(%error, "a WebSocket handshake was not completed"),
        }
    });
    let (mut head, _) = response.into_parts();
    if let Some(subprotocol) = answer {
        head.headers.insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(subprotocol));
    }
    Ok(Response::from_parts(head, Body::empty()))
}

fn negotiate(headers: &HeaderMap) -> Result<(Codec, Option<&'static str>), EdgeError> {
    let Some(offered) = headers.get(header::SEC_WEBSOCKET_PROTOCOL) else {
        return Ok((Codec::Json, None));
    };
    let codec = offered.to_str().ok().and_then(Codec::from_subprotocols).ok_or_else(|| {
        let ours = Codec::ALL.map(Codec::subprotocol).join(" and ");
        EdgeError::new(ErrorCode::UnsupportedVersion, format!("offer one of the subprotocols {ours}"))
    })?;
    Ok((codec, Some(codec.subprotocol())))
}

/// Browsers always say where a page comes from; programs that do not are no danger to a browser's user.
pub(crate) fn check_origin(allowed: &[String], headers: &HeaderMap) -> Result<(), EdgeError> {
    let Some(origin) = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok()) else {
        return Ok(());
    };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let is_same = origin.split_once("://").map(|(_, origin_host)| origin_host) == host;
    if is_same || allowed.iter().any(|entry| entry == "*" || entry == origin) {
        return Ok(());
    }
    Err(EdgeError::new(
        ErrorCode::Forbidden,
        "pages of this origin may not connect; add it to server.allowed_origins",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(header::HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn foreign_origins_need_permission() {
        let foreign = headers(&[(header::ORIGIN, "https://shop.example"), (header::HOST, "hub.example")]);
        assert!(check_origin(&[], &foreign).is_err());
        assert!(check_origin(&["https://shop.example".into()], &foreign).is_ok());
        assert!(check_origin(&["*".into()], &foreign).is_ok());
        let same = headers(&[(header::ORIGIN, "http://127.0.0.1:8480"), (header::HOST, "127.0.0.1:8480")]);
        assert!(check_origin(&[], &same).is_ok());
        assert!(check_origin(&[], &HeaderMap::new()).is_ok());
    }

    #[test]
    fn unknown_subprotocols_are_refused_and_none_is_json() {
        assert!(negotiate(&headers(&[(header::SEC_WEBSOCKET_PROTOCOL, "chat")])).is_err());
        assert_eq!(negotiate(&HeaderMap::new()).expect("a codec").0, Codec::Json);
    }
}
