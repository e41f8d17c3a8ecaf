//! Whole streams to bytes and back, by the server's own snapshots: entries with their sequences and times, consumers with
//! their places, and the stream's time of creation, by which clients tell whether sequences still mean the same.
//!
//! Format: the server's `STREAM.SNAPSHOT` and `STREAM.RESTORE` requests. The bytes belong to the server's version.

use async_nats::Request;
use bytes::Bytes;
use futures::StreamExt as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;

use crate::bus::Bus;
use crate::error::BusError;
use crate::subjects::{PRESENCE, WORK};
use crate::topology;
use crate::work::WORKERS;

/// Bytes of one piece.
const PIECE: usize = 128 * 1024;

/// A stream that was saved: what the server needs to make it again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedStream {
    /// Its name.
    pub name: String,
    config: Value,
    state: Value,
}

#[derive(Deserialize)]
struct Answer {
    error: Option<Value>,
    config: Option<Value>,
    state: Option<Value>,
    deliver_subject: Option<String>,
}

impl SavedStream {
    /// How many entries it holds.
    pub fn messages(&self) -> u64 {
        self.number("messages")
    }

    /// The sequence of its last entry.
    pub fn last_sequence(&self) -> u64 {
        self.number("last_seq")
    }

    fn number(&self, field: &str) -> u64 {
        self.state.get(field).and_then(Value::as_u64).unwrap_or_default()
    }
}

impl Bus {
    /// The streams that a backup keeps: all but presence, whose leases are over by the time anybody restores them.
    pub async fn lasting_streams(&self) -> Result<Vec<String>, BusError> {
        let names = topology::names(self.settings(), self.layout().await?);
        Ok(names.into_iter().filter(|name| name != PRESENCE).collect())
    }

    /// Whether a stream of the hub exists and has ever held anything.
    pub async fn is_used(&self, stream: &str) -> Result<bool, BusError> {
        let stored = topology::stored_sequence(self.jetstream(), stream).await?;
        Ok(stored.is_some_and(|last| last > 0))
    }

    /// Whether a worker takes commands at this moment.
    pub async fn has_workers(&self) -> Result<bool, BusError> {
        let stream = self.stream(WORK).await?;
        match stream.consumer_info(WORKERS).await {
            Ok(info) => Ok(info.num_waiting > 0),
            Err(error) if error.kind() == async_nats::jetstream::context::ConsumerInfoErrorKind::NotFound => {
                Ok(false)
            }
            Err(error) => Err(BusError::unavailable("the work queue", error)),
        }
    }

    /// Writes a stream, checked by the server, with all its consumers.
    pub async fn save_stream(
        &self,
        name: &str,
        out: &mut (impl AsyncWrite + Unpin + Send),
    ) -> Result<SavedStream, BusError> {
        let inbox = self.client().new_inbox();
        let mut pieces = self.subscribe(inbox.clone()).await?;
        let request = json!({ "deliver_subject": inbox, "chunk_size": PIECE, "jsck": true });
        let answer = self.administer(&format!("STREAM.SNAPSHOT.{name}"), &request).await?;
        let (Some(config), Some(state)) = (answer.config, answer.state) else {
            return Err(BusError::Malformed("an answer about a snapshot"));
        };
        let limit = self.settings().publish_timeout * 4;
        loop {
            let piece = timeout(limit, pieces.next())
                .await
                .map_err(|_| BusError::Timeout("a piece of a snapshot"))?
                .ok_or_else(|| BusError::unavailable("a snapshot", "the connection was closed"))?;
            if piece.payload.is_empty() {
                let ended = piece.status.filter(|status| !matches!(status.as_u16(), 200 | 204));
                let Some(status) = ended else {
                    return Ok(SavedStream { name: name.to_owned(), config, state });
                };
                let told = piece.description.unwrap_or_default();
                return Err(BusError::unavailable("a snapshot", format!("{status} {told}")));
            }
            out.write_all(&piece.payload).await.map_err(BusError::Copy)?;
            if let Some(reply) = piece.reply {
                self.publish(reply.to_string(), Bytes::new()).await?;
            }
        }
    }

    /// Makes a stream that was saved. One that exists and was never used gives way; one that holds anything is an error.
    pub async fn load_stream(
        &self,
        saved: &SavedStream,
        from: &mut (impl AsyncRead + Unpin + Send),
    ) -> Result<(), BusError> {
        let name = &saved.name;
        if self.is_used(name).await? {
            return Err(BusError::topology(name, "it exists and is not empty"));
        }
        topology::remove(self.jetstream(), name).await?;
        let mut config = saved.config.clone();
        if let Some(config) = config.as_object_mut() {
            config.insert("num_replicas".to_owned(), json!(self.settings().replicas));
        }
        let request = json!({ "config": config, "state": saved.state });
        let answer = self.administer(&format!("STREAM.RESTORE.{name}"), &request).await?;
        let target = answer.deliver_subject.ok_or(BusError::Malformed("an answer about a restoration"))?;
        loop {
            let mut piece = vec![0; PIECE];
            let mut filled = 0;
            while filled < PIECE {
                match from.read(&mut piece[filled..]).await.map_err(BusError::Copy)? {
                    0 => break,
                    count => filled += count,
                }
            }
            piece.truncate(filled);
            let answer = self.ask(target.clone(), piece.into()).await?;
            refused(&answer, name)?;
            if filled == 0 {
                return Ok(());
            }
        }
    }

    async fn administer(&self, verb: &str, request: &Value) -> Result<Answer, BusError> {
        let payload = serde_json::to_vec(request).map_err(|_| BusError::Malformed("a request"))?;
        let answer = self.ask(format!("$JS.API.{verb}"), payload.into()).await?;
        refused(&answer, verb)?;
        serde_json::from_slice(&answer).map_err(|_| BusError::Malformed("an answer of JetStream"))
    }

    async fn ask(&self, subject: String, payload: Bytes) -> Result<Bytes, BusError> {
        // A large stream takes the server a while at its beginning and its end.
        let limit = self.settings().publish_timeout * 12;
        let request = Request::new().payload(payload).timeout(Some(limit));
        let answer = self.client().send_request(subject, request).await;
        Ok(answer.map_err(|error| BusError::request("a copy of a stream", error))?.payload)
    }
}

fn refused(answer: &[u8], what: &str) -> Result<(), BusError> {
    let told = serde_json::from_slice::<Answer>(answer).ok().and_then(|answer| answer.error);
    match told {
        Some(error) => {
            let text = error.get("description").and_then(Value::as_str).unwrap_or("no reason is given");
            Err(BusError::topology(what, text.to_owned()))
        }
        None => Ok(()),
    }
}
