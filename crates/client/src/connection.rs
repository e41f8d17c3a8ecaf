//! One WebSocket connection: frames out and in, raw bytes too. Knows nothing of channels or of reconnecting.

mod upgrade;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use confab_protocol::frame::WelcomeFrame;
use confab_protocol::{ClientFrame, CloseCode, Codec, PROTOCOL_VERSION, ServerFrame};
use futures::stream::{SplitSink, SplitStream};
use futures::{SinkExt as _, StreamExt as _};
use tokio::sync::Mutex;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};

use crate::ClientError;
use upgrade::{Socket, shake_hands};

/// A message as it travels, for those who want to send what no client should: frames, fragments, pings.
pub type RawMessage = Message;

/// How long connecting and being welcomed may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// Small, because load tests hold thousands of connections.
const READ_BUFFER_BYTES: usize = 4 * 1024;
/// Larger than any frame the hub sends.
const LARGEST_MESSAGE_BYTES: usize = 4 * 1024 * 1024;
const CLIENT: &str = concat!("confab-client/", env!("CARGO_PKG_VERSION"));

/// Opens connections.
#[derive(Debug)]
pub struct Connection;

impl Connection {
    /// Connects and says hello. Done when the hub said welcome.
    pub async fn connect(
        url: &str,
        token: &str,
        codec: Codec,
    ) -> Result<(ConnectionSender, ConnectionEvents), ClientError> {
        Self::connect_from(None, url, token, codec).await
    }

    /// The same from one of this machine's addresses: each has ports of its own, of which thousands of connections to
    /// one edge would otherwise run short.
    pub async fn connect_from(
        source: Option<IpAddr>,
        url: &str,
        token: &str,
        codec: Codec,
    ) -> Result<(ConnectionSender, ConnectionEvents), ClientError> {
        let hello = ClientFrame::Hello {
            token: token.to_owned(),
            protocol: PROTOCOL_VERSION,
            client: Some(CLIENT.to_owned()),
        };
        let (sender, mut events) = Self::open_from(source, url, codec).await?;
        sender.send(&hello).await?;
        let welcome = timeout(CONNECT_LIMIT, events.welcomed());
        events.welcome = Some(welcome.await.map_err(|_| ClientError::Timeout("the hub's welcome"))??);
        Ok((sender, events))
    }

    /// Connects and says nothing.
    pub async fn open(url: &str, codec: Codec) -> Result<(ConnectionSender, ConnectionEvents), ClientError> {
        Self::open_from(None, url, codec).await
    }

    async fn open_from(
        source: Option<IpAddr>,
        url: &str,
        codec: Codec,
    ) -> Result<(ConnectionSender, ConnectionEvents), ClientError> {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(0)
            .max_message_size(Some(LARGEST_MESSAGE_BYTES))
            .max_frame_size(Some(LARGEST_MESSAGE_BYTES));
        let shaking = timeout(CONNECT_LIMIT, shake_hands(source, url, codec, config));
        let socket = shaking.await.map_err(|_| ClientError::Timeout("the WebSocket handshake"))??;
        let (sink, stream) = socket.split();
        let sender = ConnectionSender { sink: Arc::new(Mutex::new(sink)), codec };
        Ok((sender, ConnectionEvents { stream, codec, welcome: None, ended: false }))
    }
}

/// The sending half. Cheap to clone.
#[derive(Clone)]
pub struct ConnectionSender {
    sink: Arc<Mutex<SplitSink<Socket, Message>>>,
    codec: Codec,
}

impl std::fmt::Debug for ConnectionSender {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("ConnectionSender").field("codec", &self.codec).finish_non_exhaustive()
    }
}

impl ConnectionSender {
    /// Sends a frame. Waits while the hub does not read.
    pub async fn send(&self, frame: &ClientFrame) -> Result<(), ClientError> {
        self.send_bytes(self.codec.encode_client(frame)).await
    }

    /// Sends bytes as one whole frame of the codec's kind, whatever they are.
    pub async fn send_bytes(&self, bytes: Vec<u8>) -> Result<(), ClientError> {
        let message = match self.codec {
            Codec::MessagePack => Message::Binary(bytes.into()),
            Codec::Json => match String::from_utf8(bytes) {
                Ok(text) => Message::Text(text.into()),
                Err(error) => Message::Binary(error.into_bytes().into()),
            },
        };
        self.send_raw(message).await
    }

    /// Sends a text frame, whatever the codec.
    pub async fn send_text(&self, text: &str) -> Result<(), ClientError> {
        self.send_raw(Message::Text(text.into())).await
    }

    /// Sends any message of the WebSocket protocol: fragments, pings, frames with odd opcodes.
    pub async fn send_raw(&self, message: RawMessage) -> Result<(), ClientError> {
        self.sink.lock().await.send(message).await.map_err(|error| ClientError::from_socket(&error))
    }

    /// Says goodbye. The other half then ends.
    pub async fn close(&self) -> Result<(), ClientError> {
        let frame =
            CloseFrame { code: CloseCode::Normal.number().into(), reason: CloseCode::Normal.reason().into() };
        self.send_raw(Message::Close(Some(frame))).await
    }
}

/// What arrives on a connection.
#[derive(Debug, Clone, PartialEq)]
pub enum ConnectionEvent {
    /// A frame of the hub.
    Frame(Box<ServerFrame>),
    /// A message that is no frame of this version.
    Unreadable {
        /// Why.
        reason: String,
        /// What came.
        bytes: Bytes,
    },
    /// The end. Nothing comes after it.
    Closed {
        /// Code of the close frame, when there was one.
        code: Option<u16>,
        /// Its reason, or what the network said.
        reason: String,
    },
}

/// The receiving half. Dropping both halves cuts the connection without a word.
pub struct ConnectionEvents {
    stream: SplitStream<Socket>,
    codec: Codec,
    welcome: Option<WelcomeFrame>,
    ended: bool,
}

impl std::fmt::Debug for ConnectionEvents {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("ConnectionEvents").field("welcome", &self.welcome).finish_non_exhaustive()
    }
}

impl ConnectionEvents {
    /// The hub's answer to hello; absent on a connection that was only opened.
    pub fn welcome(&self) -> Option<&WelcomeFrame> {
        self.welcome.as_ref()
    }

    /// The next event; `None` after the end. Safe to cancel. Nothing is read, and no ping answered, while nobody waits here.
    pub async fn next(&mut self) -> Option<ConnectionEvent> {
        loop {
            let bytes = match self.next_raw().await? {
                Ok(Message::Binary(bytes)) => bytes,
                Ok(Message::Text(text)) => text.into(),
                Ok(Message::Close(frame)) => {
                    self.ended = true;
                    return Some(closed(frame));
                }
                Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_)) => continue,
                Err(error) => {
                    let ClientError::Closed { code, reason } = error else { return None };
                    return Some(ConnectionEvent::Closed { code, reason });
                }
            };
            return Some(match self.codec.decode_server(&bytes) {
                Ok(frame) => ConnectionEvent::Frame(Box::new(frame)),
                Err(error) => ConnectionEvent::Unreadable { reason: error.to_string(), bytes },
            });
        }
    }

    /// The next message as it travels, not decoded; `None` after the end. Safe to cancel.
    pub async fn next_raw(&mut self) -> Option<Result<RawMessage, ClientError>> {
        if self.ended {
            return None;
        }
        match self.stream.next().await {
            Some(Ok(message)) => Some(Ok(message)),
            Some(Err(error)) => {
                self.ended = true;
                Some(Err(ClientError::from_socket(&error)))
            }
            None => {
                self.ended = true;
                Some(Err(ClientError::Closed { code: None, reason: "the connection broke".into() }))
            }
        }
    }

    /// The next frame; the end of the connection and what can't be read are errors.
    pub async fn next_frame(&mut self) -> Result<ServerFrame, ClientError> {
        match self.next().await {
            Some(ConnectionEvent::Frame(frame)) => Ok(*frame),
            Some(ConnectionEvent::Unreadable { reason, .. }) => {
                Err(confab_protocol::DecodeError::Malformed(reason).into())
            }
            Some(ConnectionEvent::Closed { code, reason }) => Err(ClientError::Closed { code, reason }),
            None => Err(ClientError::Closed { code: None, reason: "the connection has ended before".into() }),
        }
    }

    async fn welcomed(&mut self) -> Result<WelcomeFrame, ClientError> {
        let mut refusal = None;
        loop {
            match self.next_frame().await {
                Ok(ServerFrame::Welcome(welcome)) => return Ok(welcome),
                Ok(ServerFrame::Error { code, message, .. }) => {
                    refusal = Some(ClientError::Rejected { code, message });
                }
                Ok(_) => {}
                Err(error) => return Err(refusal.unwrap_or(error)),
            }
        }
    }
}

fn closed(frame: Option<CloseFrame>) -> ConnectionEvent {
    match frame {
        Some(frame) => ConnectionEvent::Closed {
            code: Some(frame.code.into()),
            reason: frame.reason.as_str().to_owned(),
        },
        None => ConnectionEvent::Closed { code: None, reason: "closed without a reason".into() },
    }
}
