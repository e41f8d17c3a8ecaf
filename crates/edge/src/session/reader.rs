//! The reading half of a WebSocket. It has its own task, because reading a frame can't be cancelled.

use bytes::Bytes;
use confab_protocol::{CloseCode, Codec};
use fastwebsockets::{Frame, OpCode, WebSocketError, WebSocketRead};
use tokio::io::AsyncRead;
use tokio::sync::mpsc;

/// Parts of a fragmented message at most; clients have no need to fragment.
const MAX_FRAGMENTS: usize = 64;

/// What came from the peer.
#[derive(Debug)]
pub(super) enum Incoming {
    /// A whole message.
    Message(Bytes),
    /// A WebSocket ping, with its payload.
    Ping(Bytes),
    /// A WebSocket pong: the peer lives.
    Pong,
    /// The peer says good-bye, or the connection broke.
    Gone,
    /// The peer broke the rules.
    Fault(CloseCode),
}

/// Reads until the peer is gone or broke the rules, then until the connection ends, so that the peer can still read
/// why it was closed.
pub(super) async fn read<R: AsyncRead + Unpin>(
    mut socket: WebSocketRead<R>,
    codec: Codec,
    max_bytes: usize,
    incoming: mpsc::Sender<Incoming>,
) {
    socket.set_auto_close(false);
    socket.set_auto_pong(false);
    socket.set_max_message_size(max_bytes);
    let mut assembly = Assembly { codec, max_bytes, parts: Vec::new(), fragments: 0 };
    loop {
        // With `auto_close` and `auto_pong` off nothing is ever obliged to be sent.
        let mut send = |_: Frame<'_>| std::future::ready(Ok::<(), std::convert::Infallible>(()));
        let event = match socket.read_frame(&mut send).await {
            Ok(frame) => assembly.take(&frame),
            Err(error) => Some(after(&error)),
        };
        let Some(event) = event else { continue };
        let is_last = matches!(event, Incoming::Gone | Incoming::Fault(_));
        if incoming.send(event).await.is_err() || is_last {
            return;
        }
    }
}

fn after(error: &WebSocketError) -> Incoming {
    match error {
        WebSocketError::FrameTooLarge => Incoming::Fault(CloseCode::TooLarge),
        WebSocketError::ConnectionClosed | WebSocketError::UnexpectedEOF | WebSocketError::IoError(_) => {
            Incoming::Gone
        }
        _ => Incoming::Fault(CloseCode::Malformed),
    }
}

/// A message that comes in parts.
struct Assembly {
    codec: Codec,
    max_bytes: usize,
    parts: Vec<u8>,
    fragments: usize,
}

impl Assembly {
    /// What the frame amounts to; `None` while more of it is to come.
    fn take(&mut self, frame: &Frame<'_>) -> Option<Incoming> {
        let payload: &[u8] = &frame.payload;
        match frame.opcode {
            OpCode::Close => Some(Incoming::Gone),
            OpCode::Ping => Some(Incoming::Ping(Bytes::copy_from_slice(payload))),
            OpCode::Pong => Some(Incoming::Pong),
            OpCode::Text | OpCode::Binary => {
                let expected = if self.codec == Codec::Json { OpCode::Text } else { OpCode::Binary };
                if frame.opcode != expected || self.fragments > 0 {
                    return Some(Incoming::Fault(CloseCode::Malformed));
                }
                if frame.fin {
                    return Some(Incoming::Message(Bytes::copy_from_slice(payload)));
                }
                self.add(payload)
            }
            OpCode::Continuation => {
                if self.fragments == 0 {
                    return Some(Incoming::Fault(CloseCode::Malformed));
                }
                if let Some(fault) = self.add(payload) {
                    return Some(fault);
                }
                frame.fin.then(|| {
                    self.fragments = 0;
                    Incoming::Message(std::mem::take(&mut self.parts).into())
                })
            }
        }
    }

    fn add(&mut self, payload: &[u8]) -> Option<Incoming> {
        self.fragments += 1;
        if self.parts.len() + payload.len() > self.max_bytes {
            return Some(Incoming::Fault(CloseCode::TooLarge));
        }
        if self.fragments > MAX_FRAGMENTS {
            return Some(Incoming::Fault(CloseCode::Malformed));
        }
        self.parts.extend_from_slice(payload);
        None
    }
}

#[cfg(test)]
mod tests {
    use fastwebsockets::Payload;

    use super::*;

    fn frame(fin: bool, opcode: OpCode, payload: &[u8]) -> Frame<'_> {
        Frame::new(fin, opcode, None, Payload::Borrowed(payload))
    }

    fn assembly() -> Assembly {
        Assembly { codec: Codec::Json, max_bytes: 8, parts: Vec::new(), fragments: 0 }
    }

    #[test]
    fn parts_become_one_message() {
        let mut assembly = assembly();
        assert!(assembly.take(&frame(false, OpCode::Text, b"ab")).is_none());
        assert!(matches!(assembly.take(&frame(true, OpCode::Ping, b"")), Some(Incoming::Ping(_))));
        assert!(assembly.take(&frame(false, OpCode::Continuation, b"cd")).is_none());
        let whole = assembly.take(&frame(true, OpCode::Continuation, b"ef"));
        assert!(matches!(whole, Some(Incoming::Message(bytes)) if bytes == "abcdef"));
    }

    #[test]
    fn parts_are_bounded_in_bytes_and_in_number() {
        let mut large = assembly();
        large.take(&frame(false, OpCode::Text, b"abcdef"));
        let fault = large.take(&frame(false, OpCode::Continuation, b"ghi"));
        assert!(matches!(fault, Some(Incoming::Fault(CloseCode::TooLarge))));
        let mut many = assembly();
        many.take(&frame(false, OpCode::Text, b""));
        let last = (0..MAX_FRAGMENTS).find_map(|_| many.take(&frame(false, OpCode::Continuation, b"")));
        assert!(matches!(last, Some(Incoming::Fault(CloseCode::Malformed))));
    }

    #[test]
    fn the_kind_of_frame_must_fit_the_codec() {
        let fault = assembly().take(&frame(true, OpCode::Binary, b"{}"));
        assert!(matches!(fault, Some(Incoming::Fault(CloseCode::Malformed))));
        let fault = assembly().take(&frame(true, OpCode::Continuation, b"{}"));
        assert!(matches!(fault, Some(Incoming::Fault(CloseCode::Malformed))));
    }
}
