//! How far the database has the log, known without asking each time.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_nats::jetstream::response::Response;
use async_nats::jetstream::{Context, ErrorCode};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::error::BusError;
use crate::projection::PROJECTOR;

/// For so long an answer is used again. An older one is only lower, and more is read from the log then.
const FRESH: Duration = Duration::from_secs(1);

/// Up to where the entries of the shards that were asked for are acknowledged by the projector.
#[derive(Debug, Clone)]
pub(crate) struct ProjectedCache {
    jetstream: Context,
    known: Arc<RwLock<HashMap<String, (Instant, u64)>>>,
}

/// The request, which has to be empty.
#[derive(Serialize)]
struct Ask {}

/// What is read of the answer about a consumer.
#[derive(Deserialize)]
struct Told {
    ack_floor: AckFloor,
}

#[derive(Deserialize)]
struct AckFloor {
    stream_seq: u64,
}

impl ProjectedCache {
    pub(crate) fn new(jetstream: Context) -> Self {
        Self { jetstream, known: Arc::default() }
    }

    /// The sequence up to which all entries of a shard's stream are in the database; 0 where no projector has read it.
    pub(crate) async fn of(&self, stream: &str) -> Result<u64, BusError> {
        let heard = self.known.read().unwrap_or_else(PoisonError::into_inner).get(stream).copied();
        if let Some((asked, floor)) = heard
            && asked.elapsed() < FRESH
        {
            return Ok(floor);
        }
        self.now(stream).await
    }

    /// The same, asked for at this moment.
    pub(crate) async fn now(&self, stream: &str) -> Result<u64, BusError> {
        let asked = Instant::now();
        let floor = self.ask(stream).await?;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(stream.to_owned(), (asked, floor));
        Ok(floor)
    }

    /// Forgets all: after an interruption the streams may be others.
    pub(crate) fn forget(&self) {
        self.known.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    async fn ask(&self, stream: &str) -> Result<u64, BusError> {
        let answer = self.jetstream.request(format!("CONSUMER.INFO.{stream}.{PROJECTOR}"), &Ask {}).await;
        match answer {
            Ok(Response::Ok(Told { ack_floor })) => Ok(ack_floor.stream_seq),
            Ok(Response::Err { error }) if error.error_code() == ErrorCode::CONSUMER_NOT_FOUND => Ok(0),
            Ok(Response::Err { error }) => Err(BusError::unavailable("the projector's place", error)),
            Err(error) => Err(BusError::unavailable("the projector's place", error)),
        }
    }
}
