//! What each frame of a client does.

use std::ops::ControlFlow;
use std::time::Duration;

use confab_protocol::frame::WelcomeFrame;
use confab_protocol::{Channel, ClientFrame, ClientId, CloseCode, ErrorCode, PROTOCOL_VERSION, ServerFrame};
use tokio::io::AsyncWrite;
use tokio::time::Instant;

use super::lookups::Looked;
use super::{Sent, Session};
use crate::error::EdgeError;
use crate::hub::{Follower, JoinRequest};
use crate::messages::{Outgoing, Said};

/// A person who goes on typing is announced again no sooner than this.
const TYPING_PAUSE: Duration = Duration::from_secs(2);

impl<W: AsyncWrite + Unpin> Session<W> {
    pub(super) async fn handle(&mut self, frame: ClientFrame) -> ControlFlow<CloseCode> {
        if self.who.is_none() {
            return match frame {
                ClientFrame::Hello { token, protocol, client } => self.hello(&token, protocol, client).await,
                _ => self.out_of_turn("the first frame must be hello").await,
            };
        }
        match frame {
            ClientFrame::Hello { .. } => self.out_of_turn("hello has been said").await,
            ClientFrame::Join { reference, channel, after, epoch } => {
                let request = JoinRequest { reference, after, epoch, continued: false };
                self.join(channel, request).await
            }
            ClientFrame::Leave { reference, channel } => self.leave(reference, channel).await,
            ClientFrame::Send { channel, client_id, text, known } => {
                self.send(Outgoing { channel, client_id, said: Said::Text(text), known }).await
            }
            ClientFrame::Receipt { channel, delivered, read } => self.receipt(channel, delivered, read).await,
            ClientFrame::TypingStart { channel } => self.typing(channel, true).await,
            ClientFrame::TypingStop { channel } => self.typing(channel, false).await,
            ClientFrame::View { channel, on } => self.view(channel, on).await,
            ClientFrame::Renew { token } => self.renew(&token).await,
            ClientFrame::Ping { n } => self.say(&ServerFrame::Pong { n }).await,
            ClientFrame::Pong { .. } => ControlFlow::Continue(()),
        }
    }

    async fn out_of_turn(&mut self, message: &str) -> ControlFlow<CloseCode> {
        self.complain(0, None, &EdgeError::new(ErrorCode::OutOfTurn, message)).await?;
        ControlFlow::Break(CloseCode::OutOfTurn)
    }

    async fn hello(&mut self, token: &str, protocol: u16, client: Option<String>) -> ControlFlow<CloseCode> {
        if protocol != PROTOCOL_VERSION {
            let message = format!("this hub speaks protocol version {PROTOCOL_VERSION}");
            self.complain(0, None, &EdgeError::new(ErrorCode::UnsupportedVersion, message)).await?;
            return ControlFlow::Break(CloseCode::UnsupportedVersion);
        }
        let who = match self.state.identify(token) {
            Ok(who) => who,
            Err(error) => {
                self.complain(0, None, &error).await?;
                return ControlFlow::Break(match error.code {
                    ErrorCode::TokenExpired => CloseCode::TokenExpired,
                    _ => CloseCode::Unauthenticated,
                });
            }
        };
        tracing::debug!(user.id = %who.user_id, tenant = %who.tenant, client, "a client said hello");
        self.state.leases.arrived(&who).await;
        let limits = &self.state.config.limits;
        let welcome = WelcomeFrame {
            protocol: PROTOCOL_VERSION,
            session: format!("{}-{}", self.state.node, self.id),
            node: self.state.node.clone(),
            user_id: who.user_id.clone(),
            name: who.name.clone(),
            role: who.role,
            tenant: who.tenant.clone(),
            feed: who.feed(),
            desk: who.role.is_staff().then(|| Channel::DeskFeed(who.tenant.clone())),
            now: self.state.clock.now(),
            expires_at: who.expires_at,
            heartbeat_ms: self.state.config.session.heartbeat_seconds * 1000,
            max_frame_bytes: limits.max_frame_bytes,
            max_message_chars: limits.max_message_chars,
        };
        self.who = Some(who);
        self.set_alarm();
        self.say(&ServerFrame::Welcome(welcome)).await
    }

    async fn join(&mut self, channel: Channel, request: JoinRequest) -> ControlFlow<CloseCode> {
        let reference = request.reference;
        match self.try_join(&channel, request).await {
            Ok(()) => {
                self.joined.entry(channel).or_default();
                ControlFlow::Continue(())
            }
            Err(error) => self.complain(reference, Some(channel), &error).await,
        }
    }

    async fn try_join(&mut self, channel: &Channel, request: JoinRequest) -> Result<(), EdgeError> {
        let Some(who) = &self.who else { return Err(EdgeError::forbidden()) };
        let max = self.state.config.session.max_rooms;
        if self.joined.len() >= max && !self.joined.contains_key(channel) {
            return Err(EdgeError::new(
                ErrorCode::TooManyRooms,
                format!("leave a channel first; {max} are allowed"),
            ));
        }
        if request.after.unwrap_or(0) > 0 && request.epoch.is_none() {
            return Err(EdgeError::new(ErrorCode::Invalid, "after needs the epoch it belongs to"));
        }
        self.state.access.join(who, channel).await?;
        let follower = Follower {
            id: self.id,
            tenant: who.tenant.clone(),
            who: who.member(),
            codec: self.codec,
            outbox: self.outbox.clone(),
        };
        self.state.hub.join(channel, follower, request).await
    }

    async fn leave(&mut self, reference: u64, channel: Channel) -> ControlFlow<CloseCode> {
        if self.joined.remove(&channel).is_some() {
            self.state.hub.leave(&channel, self.id).await;
        }
        self.say(&ServerFrame::Left { reference, channel }).await
    }

    async fn send(&mut self, message: Outgoing) -> ControlFlow<CloseCode> {
        if let Err(error) = self.may_send(&message.channel) {
            return self.refuse_send(message.channel, message.client_id, error).await;
        }
        let Some(who) = &self.who else { return ControlFlow::Continue(()) };
        if message.known.is_some() || self.lookups.len() > 0 {
            self.lookups.push(&self.state, who, message);
            return ControlFlow::Continue(());
        }
        self.publish(Looked { message, earlier: Ok(None) }).await
    }

    fn may_send(&self, channel: &Channel) -> Result<(), EdgeError> {
        if !self.joined.contains_key(channel) {
            return Err(not_joined());
        }
        self.sends.check().map_err(|_| {
            EdgeError::new(ErrorCode::RateLimited, "too many messages in too short a time; wait")
        })
    }

    /// Sends a message of which it is known whether an earlier try got through.
    pub(super) async fn publish(&mut self, looked: Looked) -> ControlFlow<CloseCode> {
        let Looked { message, earlier } = looked;
        let (channel, client_id) = (message.channel.clone(), message.client_id.clone());
        match self.begin_send(message, earlier).await {
            Ok(pending) => {
                self.sending.push(Box::pin(async move {
                    let outcome = pending.finish().await;
                    Sent { channel, client_id, outcome }
                }));
                ControlFlow::Continue(())
            }
            Err(error) => self.refuse_send(channel, client_id, error).await,
        }
    }

    async fn begin_send(
        &mut self,
        message: Outgoing,
        earlier: Result<Option<u64>, EdgeError>,
    ) -> Result<crate::messages::PendingSend, EdgeError> {
        let Some(who) = &self.who else { return Err(EdgeError::forbidden()) };
        let is_closed = message.channel.conversation().and_then(|id| self.state.hub.is_closed(id));
        self.state.messages.begin(who, message, earlier?, is_closed == Some(true)).await
    }

    async fn refuse_send(
        &mut self,
        channel: Channel,
        client_id: ClientId,
        error: EdgeError,
    ) -> ControlFlow<CloseCode> {
        self.answer_send(Sent { channel, client_id, outcome: Err(error) }).await
    }

    async fn receipt(
        &mut self,
        channel: Channel,
        delivered: Option<u64>,
        read: Option<u64>,
    ) -> ControlFlow<CloseCode> {
        let (Some(who), Some(_), Some(id)) = (&self.who, self.joined.get(&channel), conversation(&channel))
        else {
            return self.complain(0, Some(channel), &not_joined()).await;
        };
        match self.state.hub.receipt(who, id, delivered, read).await {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => self.complain(0, Some(channel), &error).await,
        }
    }

    async fn typing(&mut self, channel: Channel, on: bool) -> ControlFlow<CloseCode> {
        let (Some(who), Some(joined), Some(_)) =
            (&self.who, self.joined.get_mut(&channel), conversation(&channel))
        else {
            return self.complain(0, Some(channel), &not_joined()).await;
        };
        let told_lately = joined.typing_told.is_some_and(|told| told.elapsed() < TYPING_PAUSE);
        if (on && told_lately) || (!on && joined.typing_told.is_none()) {
            return ControlFlow::Continue(());
        }
        joined.typing_told = on.then(Instant::now);
        match self.state.hub.typing(who, &channel, on).await {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => self.complain(0, Some(channel), &error).await,
        }
    }

    async fn view(&mut self, channel: Channel, on: bool) -> ControlFlow<CloseCode> {
        if !self.joined.contains_key(&channel) {
            return self.complain(0, Some(channel), &not_joined()).await;
        }
        self.state.hub.view(&channel, self.id, on).await;
        ControlFlow::Continue(())
    }

    async fn renew(&mut self, token: &str) -> ControlFlow<CloseCode> {
        let renewed = self.state.identify(token).and_then(|fresh| {
            let is_same = self
                .who
                .as_ref()
                .is_some_and(|who| who.user_id == fresh.user_id && who.tenant == fresh.tenant);
            if is_same {
                Ok(fresh)
            } else {
                Err(EdgeError::new(
                    ErrorCode::Forbidden,
                    "the token is another person's; connect anew with it",
                ))
            }
        });
        match renewed {
            Ok(fresh) => {
                let expires_at = fresh.expires_at;
                self.who = Some(fresh);
                self.set_alarm();
                self.say(&ServerFrame::Renewed { expires_at }).await
            }
            Err(error) => self.complain(0, None, &error).await,
        }
    }
}

fn not_joined() -> EdgeError {
    EdgeError::new(ErrorCode::NotJoined, "join the channel first")
}

/// The conversation of its main channel; notes and feeds have no typing and no receipts.
fn conversation(channel: &Channel) -> Option<&confab_protocol::ConversationId> {
    match channel {
        Channel::Conversation(id) => Some(id),
        _ => None,
    }
}
