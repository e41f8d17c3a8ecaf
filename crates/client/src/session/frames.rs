//! What a session does with the hub's frames, with answers to its requests, and as time passes.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use confab_protocol::frame::{Delivery, JoinedFrame};
use confab_protocol::{Channel, ClientFrame, ClientId, ErrorCode, ServerFrame};

use super::link::Link;
use super::{Ended, Fetched, Followed, RETRY, Session};
use crate::{ChatEvent, ClientError, ConnectionEvent, Position, Verdict, reader};

/// When to try again to renew a token.
const RENEW_RETRY: Duration = Duration::from_secs(10);

impl Session {
    pub(super) async fn hear(
        &mut self,
        link: &mut Link,
        event: Option<ConnectionEvent>,
    ) -> ControlFlow<Ended> {
        match event {
            Some(ConnectionEvent::Frame(frame)) => self.apply(link, *frame).await,
            // A frame of a later version: not for us.
            Some(ConnectionEvent::Unreadable { .. }) => {}
            Some(ConnectionEvent::Closed { code, reason }) => {
                let wait = link.drain_at.map(|at| at.saturating_duration_since(Instant::now()));
                let ended = Ended::from(ClientError::Closed { code, reason });
                return ControlFlow::Break(Ended { wait, ..ended });
            }
            None => return ControlFlow::Break(ClientError::Stopped.into()),
        }
        ControlFlow::Continue(())
    }

    async fn apply(&mut self, link: &mut Link, frame: ServerFrame) {
        match frame {
            ServerFrame::Joined(frame) => self.joined(frame).await,
            ServerFrame::Resync { channel, .. } => self.resync(channel).await,
            ServerFrame::Left { channel, .. } => {
                if !self.channels.contains_key(&channel) {
                    self.emit(ChatEvent::Left(channel)).await;
                }
            }
            ServerFrame::Entry(delivery) => self.deliver(delivery).await,
            ServerFrame::Event { channel, event } => {
                self.emit(ChatEvent::Event { channel, event: Box::new(event) }).await;
            }
            ServerFrame::Ack { channel, client_id, seq, duplicate } => {
                if self.outbox.remove(&channel, &client_id).is_some() {
                    self.emit(ChatEvent::Acked { channel, client_id, seq, duplicate }).await;
                }
            }
            ServerFrame::Nack { channel, client_id, code, message, retry_after_ms } => {
                self.turned_away(channel, client_id, code, message, retry_after_ms).await;
            }
            ServerFrame::Error { reference, code, message, channel } => {
                self.refused(reference, code, message, channel).await;
            }
            ServerFrame::Renewed { expires_at } => {
                let left = Duration::from_millis(expires_at.saturating_sub(link.hub_now()));
                self.schedule_renewal(left);
            }
            ServerFrame::Ping { n } => self.queue(ClientFrame::Pong { n }),
            ServerFrame::Draining { reconnect_after_ms } => {
                link.drain_at = Some(Instant::now() + Duration::from_millis(reconnect_after_ms));
            }
            ServerFrame::Welcome(_) | ServerFrame::Pong { .. } => {}
        }
    }

    async fn joined(&mut self, frame: JoinedFrame) {
        let Some(followed) = self.channels.get_mut(&frame.channel) else { return };
        let refilled = followed.tracker.is_joined();
        let other_epoch =
            followed.tracker.position().is_some_and(|at| !at.epoch.is_empty() && at.epoch != frame.epoch);
        let behind = followed.tracker.joined(&frame) > 0;
        let resumed = std::mem::replace(&mut followed.known, true);
        if other_epoch {
            self.outbox.epoch_changed(&frame.channel);
        }
        if !refilled {
            self.emit(ChatEvent::Joined { frame: Box::new(frame), resumed, behind }).await;
        }
    }

    async fn deliver(&mut self, delivery: Delivery) {
        let Some(followed) = self.channels.get_mut(&delivery.channel) else { return };
        match followed.tracker.receive(delivery.seq, delivery.prev) {
            Verdict::Next => {
                followed.delivered.reached = delivery.seq;
                self.emit(ChatEvent::Entry(delivery)).await;
            }
            Verdict::Gap { .. } => self.ask_to_join(&delivery.channel),
            Verdict::Known | Verdict::Awaited => {}
        }
    }

    async fn resync(&mut self, channel: Channel) {
        let Some(followed) = self.channels.get_mut(&channel) else { return };
        let Some(conversation) = channel.conversation().cloned() else {
            followed.tracker.move_to(None);
            self.ask_to_join(&channel);
            self.emit(ChatEvent::Resync(channel)).await;
            return;
        };
        followed.tracker.disconnected();
        if std::mem::replace(&mut followed.reading, true) {
            return;
        }
        let last = followed.tracker.position().cloned();
        let token = self.options.credentials.token.clone();
        let http = self.hubs[self.hub].with_token(token);
        let results = self.results_sender.clone();
        self.tasks.spawn(async move {
            let missed = reader::read(&http, &channel, &conversation, last.as_ref()).await;
            // The session may have ended meanwhile; then nobody wants the answer.
            drop(results.send(Fetched::History(channel, missed)).await);
        });
    }

    pub(super) async fn take(&mut self, result: Fetched) {
        match result {
            Fetched::History(channel, Ok(missed)) => {
                let Some(followed) = self.channels.get_mut(&channel) else { return };
                followed.reading = false;
                let moved = followed.tracker.position() != Some(&missed.position);
                followed.tracker.move_to(Some(missed.position));
                followed.delivered.reached = followed.delivered.reached.max(followed.tracker.seq());
                if moved {
                    self.ask_to_join(&channel);
                } else {
                    // The database has not caught up with the log's oldest entry yet.
                    followed.retry_at = Some(Instant::now() + RETRY);
                }
                self.outbox.epoch_changed(&channel);
                if !missed.items.is_empty() || missed.from_the_start {
                    let (items, from_the_start) = (missed.items, missed.from_the_start);
                    self.emit(ChatEvent::History { channel, items, from_the_start }).await;
                }
            }
            Fetched::History(channel, Err(error)) => {
                if let Some(followed) = self.channels.get_mut(&channel) {
                    followed.reading = false;
                    followed.retry_at = Some(Instant::now() + RETRY * 4);
                }
                self.trouble(Some(channel), &error).await;
            }
            Fetched::Token(Ok(tokens)) => {
                self.renewing = false;
                self.queue(ClientFrame::Renew { token: tokens.access_token.clone() });
                self.accept_tokens(tokens);
            }
            Fetched::Token(Err(error)) => {
                self.renewing = false;
                self.renew_at = Some(Instant::now() + RENEW_RETRY);
                self.trouble(None, &error).await;
            }
        }
    }

    async fn turned_away(
        &mut self,
        channel: Channel,
        client_id: ClientId,
        code: ErrorCode,
        message: String,
        retry_after_ms: Option<u64>,
    ) {
        let wait = retry_after_ms.map_or(RETRY, Duration::from_millis);
        if code.is_retryable() {
            return self.outbox.postpone(&channel, &client_id, Instant::now() + wait);
        }
        if code == ErrorCode::NotJoined && self.channels.contains_key(&channel) {
            self.outbox.postpone(&channel, &client_id, Instant::now() + RETRY);
            return self.ask_to_join(&channel);
        }
        if self.outbox.remove(&channel, &client_id).is_some() {
            self.emit(ChatEvent::Refused { channel, client_id, code, message }).await;
        }
    }

    async fn refused(&mut self, reference: u64, code: ErrorCode, message: String, channel: Option<Channel>) {
        let asked = self
            .channels
            .iter_mut()
            .find(|(_, followed)| reference > 0 && followed.reference == reference)
            .map(|(channel, followed)| (channel.clone(), followed));
        let channel = match asked {
            Some((asked, followed)) if code.is_retryable() => {
                followed.retry_at = Some(Instant::now() + RETRY);
                Some(asked)
            }
            Some((asked, _)) => {
                self.channels.remove(&asked);
                Some(asked)
            }
            None => channel,
        };
        self.emit(ChatEvent::Trouble { channel, code: Some(code), message }).await;
    }

    async fn trouble(&mut self, channel: Option<Channel>, error: &ClientError) {
        let (code, message) = (error.code(), error.to_string());
        self.emit(ChatEvent::Trouble { channel, code, message }).await;
    }

    pub(super) fn join_all(&mut self) {
        for channel in self.channels.keys().cloned().collect::<Vec<_>>() {
            self.ask_to_join(&channel);
        }
    }

    /// Asks for a channel from where it was received last. Not while its history is being read: that ends with asking.
    pub(super) fn ask_to_join(&mut self, channel: &Channel) {
        let reference = self.reference + 1;
        let Some(followed) = self.channels.get_mut(channel) else { return };
        followed.retry_at = None;
        if followed.reading {
            return;
        }
        self.reference = reference;
        followed.reference = reference;
        followed.tracker.awaits(reference);
        let position: Option<Position> = followed.tracker.position().cloned();
        self.queue(ClientFrame::Join {
            reference,
            channel: channel.clone(),
            after: position.as_ref().map(|position| position.seq),
            epoch: position.map(|position| position.epoch).filter(|epoch| !epoch.is_empty()),
        });
    }

    pub(super) fn look_at_time(&mut self, link: &mut Link) -> ControlFlow<Ended> {
        let now = Instant::now();
        let end = |reason: &str| {
            ControlFlow::Break(Ended {
                reason: reason.into(),
                code: None,
                wait: Some(Duration::ZERO),
                token: false,
            })
        };
        if link.drain_at.is_some_and(|at| at <= now) {
            return end("the node is going away");
        }
        let unanswered = self.outbox.oldest_sent();
        if link.is_dead(now, unanswered) {
            return end("nothing was heard from the hub for too long");
        }
        if let Some(ping) = link.heartbeat(now, unanswered) {
            self.queue(ping);
        }
        self.outbox.expire(now, self.options.ack_limit);
        let due: Vec<Channel> = self
            .channels
            .iter()
            .filter(|(_, followed)| followed.retry_at.is_some_and(|at| at <= now))
            .map(|(channel, _)| channel.clone())
            .collect();
        for channel in due {
            self.ask_to_join(&channel);
        }
        self.tell_watermarks();
        if self.renew_at.is_some_and(|at| at <= now) && !self.renewing {
            self.begin_renewal();
        }
        ControlFlow::Continue(())
    }

    fn tell_watermarks(&mut self) {
        let automatic = self.options.receipts;
        let mut frames = Vec::new();
        for (channel, followed) in &mut self.channels {
            if !matches!(channel, Channel::Conversation(_)) || !followed.tracker.is_joined() {
                continue;
            }
            let Followed { delivered, read, .. } = followed;
            let told = (if automatic { delivered.due() } else { None }, read.due());
            if told == (None, None) {
                continue;
            }
            delivered.told = told.0.unwrap_or(delivered.told);
            read.told = told.1.unwrap_or(read.told);
            frames.push(ClientFrame::Receipt { channel: channel.clone(), delivered: told.0, read: told.1 });
        }
        for frame in frames {
            self.queue(frame);
        }
    }

    fn begin_renewal(&mut self) {
        let Some(refresh) = self.options.credentials.refresh_token.clone() else { return };
        self.renewing = true;
        let (http, results) = (self.hubs[self.hub].clone(), self.results_sender.clone());
        self.tasks.spawn(async move {
            let tokens = http.renew(&refresh).await;
            // The session may have ended meanwhile; then nobody wants the answer.
            drop(results.send(Fetched::Token(tokens)).await);
        });
    }
}
