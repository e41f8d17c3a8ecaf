//! Epochs: which incarnation of a stream sequences belong to, known without asking each time.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_nats::jetstream::Context;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::error::BusError;

/// A stream deleted and made anew under a standing connection is noticed after this time at most.
const REFRESH: Duration = Duration::from_secs(30);

/// Identity of a stream: when it was created, in nanoseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Epoch(Arc<str>);

impl Epoch {
    /// The epoch as clients carry it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// The epochs of the streams that were asked for.
#[derive(Debug, Clone)]
pub(crate) struct EpochCache {
    jetstream: Context,
    known: Arc<RwLock<HashMap<String, Epoch>>>,
}

impl EpochCache {
    pub(crate) fn new(jetstream: Context) -> Self {
        Self { jetstream, known: Arc::default() }
    }

    /// The epoch of a stream, asked for when it isn't known.
    pub(crate) async fn of(&self, stream: &str) -> Result<Epoch, BusError> {
        if let Some(epoch) = self.known.read().unwrap_or_else(PoisonError::into_inner).get(stream) {
            return Ok(epoch.clone());
        }
        self.ask(stream).await
    }

    /// Forgets all: after an interruption the streams may be others.
    pub(crate) fn forget(&self) {
        self.known.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Asks again for what is known, now and then.
    pub(crate) async fn refresh_until(self, stop: CancellationToken) {
        let mut due = interval(REFRESH);
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while stop.run_until_cancelled(due.tick()).await.is_some() {
            if stop.run_until_cancelled(self.refresh()).await.is_none() {
                return;
            }
        }
    }

    async fn refresh(&self) {
        let streams: Vec<String> =
            self.known.read().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect();
        for stream in streams {
            if let Err(error) = self.ask(&stream).await {
                tracing::debug!(%error, stream, "the epoch cannot be asked for now");
            }
        }
    }

    async fn ask(&self, stream: &str) -> Result<Epoch, BusError> {
        let handle = self
            .jetstream
            .get_stream(stream)
            .await
            .map_err(|error| BusError::unavailable("the epoch of a stream", error))?;
        let created = handle.cached_info().created.unix_timestamp_nanos();
        let epoch = Epoch(created.to_string().into());
        self.known.write().unwrap_or_else(PoisonError::into_inner).insert(stream.to_owned(), epoch.clone());
        Ok(epoch)
    }
}
