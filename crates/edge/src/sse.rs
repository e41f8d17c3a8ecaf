//! `GET /api/events`: the same channels as server-sent events, for networks in which WebSocket is blocked.
//! What a client says goes by POST.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, RawQuery, State};
use axum::http::{HeaderMap, Response, header};
use bytes::Bytes;
use confab_protocol::{Channel, Codec, ErrorCode, ServerFrame};
use confab_telemetry::metrics::CONNECTIONS;
use futures::stream;
use rand::Rng;
use tokio::time::{Instant, sleep_until};

use crate::error::EdgeError;
use crate::hub::{Follower, JoinRequest};
use crate::identity::Identity;
use crate::limits::ConnectionSlot;
use crate::outbox::{OutboxReader, Outgoing, outbox};
use crate::state::EdgeState;
use crate::ws::check_origin;

/// Where a client stands in one channel: nowhere, or after a sequence of an epoch.
type Positions = BTreeMap<Channel, Option<(String, u64)>>;

/// What the query asks for.
#[derive(Debug, Default, PartialEq)]
struct Wish {
    positions: Positions,
    token: Option<String>,
}

/// Streams the channels named by `join=<channel>[~<epoch>~<after>]`, any number of them. Each event's id says where the
/// client stands in all of them; a browser gives it back by itself when it reconnects.
pub(crate) async fn events(
    State(state): State<EdgeState>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response<Body>, EdgeError> {
    if state.draining.is_cancelled() {
        return Err(EdgeError::new(ErrorCode::Unavailable, "this node is going away; connect to another"));
    }
    check_origin(&state.config.server.allowed_origins, &headers)?;
    let mut wish = parse(query.as_deref().unwrap_or_default())?;
    if let Some(last) = headers.get("last-event-id").and_then(|id| id.to_str().ok()) {
        for (channel, position) in parse_positions(last)? {
            wish.positions.entry(channel).and_modify(|place| *place = position);
        }
    }
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = bearer.and_then(|value| value.strip_prefix("Bearer ")).or(wish.token.as_deref());
    let token = token.ok_or_else(|| EdgeError::new(ErrorCode::Unauthenticated, "send a bearer token"))?;
    let who = state.identify(token)?;
    if wish.positions.is_empty() || wish.positions.len() > state.config.session.max_rooms {
        return Err(EdgeError::new(ErrorCode::Invalid, "name the channels to follow: join=<channel>"));
    }
    let slot = state.limits.connect(peer.ip())?;
    let session = EventStream::begin(state, who, wish.positions, slot).await?;
    let body = Body::from_stream(stream::unfold(session, |mut session| async move {
        let chunk = session.next().await?;
        Some((Ok::<_, Infallible>(chunk), session))
    }));
    let mut response = Response::new(body);
    let fields = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    for (name, value) in fields {
        response.headers_mut().insert(name, header::HeaderValue::from_static(value));
    }
    Ok(response)
}

struct EventStream {
    state: EdgeState,
    who: Identity,
    follower: Follower,
    deliveries: OutboxReader,
    positions: Positions,
    next_beat: Instant,
    ends_at: Instant,
    draining: bool,
    over: bool,
    _slot: ConnectionSlot,
}

impl EventStream {
    async fn begin(
        state: EdgeState,
        who: Identity,
        positions: Positions,
        slot: ConnectionSlot,
    ) -> Result<Self, EdgeError> {
        for channel in positions.keys() {
            state.access.join(&who, channel).await?;
        }
        let config = &state.config.session;
        let (outbox, deliveries) = outbox(config.outbox_frames, config.outbox_bytes);
        let id = state.hub.follower_id();
        let follower =
            Follower { id, tenant: who.tenant.clone(), who: who.member(), codec: Codec::Json, outbox };
        state.leases.arrived(&who).await;
        metrics::gauge!(CONNECTIONS, "transport" => "sse").increment(1);
        let left = who.expires_at.saturating_sub(state.clock.now());
        let now = Instant::now();
        let session = Self {
            next_beat: now + Duration::from_secs(config.heartbeat_seconds),
            ends_at: now + Duration::from_millis(left),
            state,
            who,
            follower,
            deliveries,
            positions,
            draining: false,
            over: false,
            _slot: slot,
        };
        for (channel, position) in &session.positions {
            let (epoch, after) =
                position.clone().map_or((None, None), |(epoch, after)| (Some(epoch), Some(after)));
            let request = JoinRequest { reference: 0, after, epoch, continued: false };
            session.state.hub.join(channel, session.follower.clone(), request).await?;
        }
        Ok(session)
    }

    /// The next piece of the stream; `None` at its end. An evicted reader's stream simply ends: it resumes by its last id.
    async fn next(&mut self) -> Option<Bytes> {
        if self.over {
            return None;
        }
        let draining = self.state.draining.clone();
        tokio::select! {
            biased;
            outgoing = self.deliveries.next() => outgoing.ok().map(|outgoing| self.event(outgoing)),
            () = draining.cancelled(), if !self.draining => {
                self.draining = true;
                let spread = self.state.config.server.reconnect_jitter_ms.max(1);
                let reconnect_after_ms = rand::rng().random_range(0..spread);
                self.ends_at = self.ends_at.min(Instant::now() + Duration::from_millis(reconnect_after_ms));
                Some(frame_event(&ServerFrame::Draining { reconnect_after_ms }))
            }
            () = sleep_until(self.ends_at) => {
                self.over = true;
                (!self.draining).then(|| frame_event(&ServerFrame::Error {
                    reference: 0,
                    code: ErrorCode::TokenExpired,
                    message: "the token has run out; connect with a new one".into(),
                    channel: None,
                }))
            }
            () = sleep_until(self.next_beat) => {
                self.next_beat = Instant::now() + Duration::from_secs(self.state.config.session.heartbeat_seconds);
                Some(Bytes::from_static(b": heartbeat\n\n"))
            }
        }
    }

    fn event(&mut self, outgoing: Outgoing) -> Bytes {
        let mut text = Vec::with_capacity(outgoing.frame.len() + 128);
        if let Some(position) = outgoing.position {
            self.positions.insert(
                Arc::unwrap_or_clone(position.channel),
                Some((position.epoch.to_string(), position.seq)),
            );
            text.extend_from_slice(format!("id: {}\n", write_positions(&self.positions)).as_bytes());
        }
        text.extend_from_slice(b"data: ");
        text.extend_from_slice(&outgoing.frame);
        text.extend_from_slice(b"\n\n");
        text.into()
    }
}

impl Drop for EventStream {
    fn drop(&mut self) {
        metrics::gauge!(CONNECTIONS, "transport" => "sse").decrement(1);
        let (state, who, id) = (self.state.clone(), self.who.clone(), self.follower.id);
        let channels: Vec<Channel> = self.positions.keys().cloned().collect();
        self.state.tasks.spawn(async move {
            for channel in channels {
                state.hub.leave(&channel, id).await;
            }
            state.leases.left(&who).await;
        });
    }
}

fn frame_event(frame: &ServerFrame) -> Bytes {
    let mut text = b"data: ".to_vec();
    text.extend(Codec::Json.encode_server(frame));
    text.extend_from_slice(b"\n\n");
    text.into()
}

fn parse(query: &str) -> Result<Wish, EdgeError> {
    let mut wish = Wish::default();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("join", place)) => wish.positions.extend(parse_positions(place)?),
            Some(("access_token", token)) => wish.token = Some(token.to_owned()),
            _ => return Err(EdgeError::new(ErrorCode::Invalid, "the query knows join and access_token")),
        }
    }
    Ok(wish)
}

fn write_positions(positions: &Positions) -> String {
    let known = positions
        .iter()
        .filter_map(|(channel, place)| place.as_ref().map(|(epoch, seq)| format!("{channel}~{epoch}~{seq}")));
    known.collect::<Vec<_>>().join(",")
}

fn parse_positions(text: &str) -> Result<Positions, EdgeError> {
    let bad = || EdgeError::new(ErrorCode::Invalid, "a place is <channel> or <channel>~<epoch>~<after>");
    let mut positions = Positions::new();
    for place in text.split(',').filter(|place| !place.is_empty()) {
        let parts: Vec<&str> = place.split('~').collect();
        let position = match parts[..] {
            [_] => None,
            [_, epoch, after] => Some((epoch.to_owned(), after.parse().map_err(|_| bad())?)),
            _ => return Err(bad()),
        };
        positions.insert(parts[0].parse().map_err(|_| bad())?, position);
    }
    Ok(positions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_survive_a_round_trip() {
        let wish = parse("join=conv.a~17~5&join=feed.desk.acme&access_token=x.y.z").expect("a wish");
        assert_eq!(wish.token.as_deref(), Some("x.y.z"));
        assert_eq!(wish.positions.len(), 2);
        assert_eq!(write_positions(&wish.positions), "conv.a~17~5");
        assert_eq!(parse_positions("conv.a~17~5").expect("positions").len(), 1);
    }

    #[test]
    fn nonsense_is_refused() {
        for query in ["join=conv.>", "join=conv.a~1", "join=conv.a~e~x", "follow=conv.a"] {
            assert!(parse(query).is_err(), "{query} was taken");
        }
    }
}
