//! Awaiting the outcome of commands: one subscription for the whole process, one future per command.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use async_nats::Subscriber;
use bytes::Bytes;
use futures::StreamExt as _;
use tokio::sync::oneshot;
use tokio::time::{Sleep, sleep};
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

use crate::bus::Bus;
use crate::error::BusError;
use crate::subjects;

type Waiting = Arc<Mutex<HashMap<u64, oneshot::Sender<Bytes>>>>;

/// Where this process awaits outcomes. The subscription ends with the last clone.
#[derive(Debug, Clone)]
pub struct ReplyInbox {
    inner: Arc<Inbox>,
}

#[derive(Debug)]
struct Inbox {
    prefix: String,
    next: AtomicU64,
    waiting: Waiting,
    _stop_on_drop: DropGuard,
}

/// The outcome of one command: its bytes, or [`BusError::Timeout`]. Dropping it forgets the command.
#[derive(Debug)]
pub struct ReplyFuture {
    answer: oneshot::Receiver<Bytes>,
    deadline: Pin<Box<Sleep>>,
    number: u64,
    waiting: Waiting,
}

impl Bus {
    /// Subscribes to this process's own reply subjects.
    pub async fn replies(&self) -> Result<ReplyInbox, BusError> {
        let random = Uuid::new_v4().simple().to_string();
        let prefix = subjects::reply_prefix(&self.settings().name, &random);
        let subscriber = self.subscribe(format!("{prefix}.*")).await?;
        // The answer to this shows that the server has the subscription.
        self.rtt().await?;
        let waiting = Waiting::default();
        let stop = self.stop().child_token();
        self.tasks().spawn(hand_out(subscriber, Arc::clone(&waiting), stop.clone()));
        let next = AtomicU64::new(1);
        Ok(ReplyInbox { inner: Arc::new(Inbox { prefix, next, waiting, _stop_on_drop: stop.drop_guard() }) })
    }
}

impl ReplyInbox {
    /// A subject to be answered at, once, within `limit`.
    pub fn expect(&self, limit: Duration) -> (String, ReplyFuture) {
        let number = self.inner.next.fetch_add(1, Ordering::Relaxed);
        let (sender, answer) = oneshot::channel();
        lock(&self.inner.waiting).insert(number, sender);
        let waiting = Arc::clone(&self.inner.waiting);
        let future = ReplyFuture { answer, deadline: Box::pin(sleep(limit)), number, waiting };
        (format!("{}.{number}", self.inner.prefix), future)
    }

    /// How many answers are awaited.
    pub fn awaited(&self) -> usize {
        lock(&self.inner.waiting).len()
    }
}

impl Future for ReplyFuture {
    type Output = Result<Bytes, BusError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let Poll::Ready(answer) = Pin::new(&mut self.answer).poll(context) {
            return Poll::Ready(answer.map_err(|error| BusError::unavailable("an outcome", error)));
        }
        self.deadline.as_mut().poll(context).map(|()| Err(BusError::Timeout("an outcome")))
    }
}

impl Drop for ReplyFuture {
    fn drop(&mut self) {
        lock(&self.waiting).remove(&self.number);
    }
}

fn lock(waiting: &Waiting) -> std::sync::MutexGuard<'_, HashMap<u64, oneshot::Sender<Bytes>>> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn hand_out(mut answers: Subscriber, waiting: Waiting, stop: CancellationToken) {
    while let Some(Some(answer)) = stop.run_until_cancelled(answers.next()).await {
        let number = answer.subject.rsplit('.').next().and_then(|number| number.parse().ok());
        let sender = number.and_then(|number: u64| lock(&waiting).remove(&number));
        if let Some(sender) = sender {
            // Whoever waited may have given up in this moment.
            drop(sender.send(answer.payload));
        }
    }
    lock(&waiting).clear();
}
