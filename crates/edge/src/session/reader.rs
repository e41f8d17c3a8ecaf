//! The reading half of a WebSocket: a stream, because reading a frame can't be cancelled and begun again.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use async_stream::stream;
use bytes::Bytes;
use confab_protocol::{CloseCode, Codec};
use fastwebsockets::{Frame, OpCode, Role, WebSocketError};
use futures::StreamExt as _;
use futures::stream::{BoxStream, Fuse};
use tokio::io::{AsyncRead, AsyncReadExt as _, ReadBuf};

/// Kept for each connection to read into: as long as most frames.
const FIRST_BYTES: usize = 256;

/// Length of a frame's mask.
const MASK_BYTES: usize = 4;

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

/// What comes from the peer, until it is gone or broke the rules. Dropping a `next` of it loses nothing.
///
/// While nothing comes, nothing but a few bytes are kept to read into: the frame reader with its buffer is there only
/// while it has something to read, and goes when it has read all that came.
pub(super) fn read<R>(mut source: R, codec: Codec, max_bytes: usize) -> Fuse<BoxStream<'static, Incoming>>
where
    R: AsyncRead + Unpin + Send + 'static,
{
    let events = stream! {
        let mut assembly = Assembly { codec, max_bytes, parts: Vec::new(), fragments: 0 };
        loop {
            let mut first = [0; FIRST_BYTES];
            let length = match source.read(&mut first).await {
                Ok(0) | Err(_) => {
                    yield Incoming::Gone;
                    return;
                }
                Ok(length) => length,
            };
            let came = AtomicUsize::new(length);
            let bytes = Metered { first: &first[..length], rest: &mut source, came: &came };
            let (mut socket, _) =
                fastwebsockets::after_handshake_split(bytes, tokio::io::sink(), Role::Server);
            socket.set_auto_close(false);
            socket.set_auto_pong(false);
            socket.set_max_message_size(max_bytes);
            let mut read = 0;
            loop {
                // With `auto_close` and `auto_pong` off nothing is ever obliged to be sent.
                let mut send = |_: Frame<'_>| std::future::ready(Ok::<(), Infallible>(()));
                let event = match socket.read_frame(&mut send).await {
                    Ok(frame) => {
                        read += bytes_of(&frame);
                        assembly.take(&frame)
                    }
                    Err(error) => Some(after(&error)),
                };
                if let Some(event) = event {
                    let is_last = matches!(event, Incoming::Gone | Incoming::Fault(_));
                    yield event;
                    if is_last {
                        return;
                    }
                }
                if read == came.load(Ordering::Relaxed) {
                    break;
                }
            }
        }
    };
    events.boxed().fuse()
}

/// Bytes of a client's frame on the wire: the head, the mask that every client's frame has (RFC 6455, 5.1), the payload.
fn bytes_of(frame: &Frame<'_>) -> usize {
    let head = match frame.payload.len() {
        0..126 => 2,
        126..=0xffff => 4,
        _ => 10,
    };
    head + MASK_BYTES + frame.payload.len()
}

/// Hands on what was read already, then the rest, and counts.
struct Metered<'a, R> {
    first: &'a [u8],
    rest: &'a mut R,
    came: &'a AtomicUsize,
}

impl<R: AsyncRead + Unpin> AsyncRead for Metered<'_, R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.first.is_empty() {
            let (now, later) = self.first.split_at(self.first.len().min(buffer.remaining()));
            buffer.put_slice(now);
            self.first = later;
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut *self.rest).poll_read(context, buffer))?;
        self.came.fetch_add(buffer.filled().len() - before, Ordering::Relaxed);
        Poll::Ready(Ok(()))
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
    use tokio::io::AsyncWriteExt as _;

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

    fn masked(opcode: u8, payload: &[u8]) -> Vec<u8> {
        let length = u16::try_from(payload.len()).expect("short");
        let mut bytes = vec![0x80 | opcode];
        match u8::try_from(length) {
            Ok(short) if short < 126 => bytes.push(0x80 | short),
            _ => {
                bytes.push(0xfe);
                bytes.extend(length.to_be_bytes());
            }
        }
        let mask = [1, 2, 3, 4];
        bytes.extend(mask);
        bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        bytes
    }

    /// What a stream that brings these bytes, `at_once` at a time, is read as.
    async fn read_all(bytes: Vec<u8>, at_once: usize) -> Vec<String> {
        let (near, mut far) = tokio::io::duplex(at_once);
        let write = async move {
            far.write_all(&bytes).await.expect("written");
            drop(far);
        };
        let incoming = read(near, Codec::Json, 4096);
        let told = incoming.map(|event| match event {
            Incoming::Message(bytes) => String::from_utf8(bytes.to_vec()).expect("text"),
            other => format!("{other:?}"),
        });
        tokio::join!(write, told.collect::<Vec<_>>()).1
    }

    #[tokio::test]
    async fn frames_are_read_whole_however_they_come() {
        let long = "x".repeat(1000);
        let payloads = ["{}", "", long.as_str(), "[1]", "{\"a\":2}"];
        let bytes: Vec<u8> = payloads.iter().flat_map(|payload| masked(1, payload.as_bytes())).collect();
        let expected: Vec<&str> = payloads.into_iter().chain(["Gone"]).collect();
        for at_once in [1, 2, 7, 256, 300, 5000] {
            assert_eq!(read_all(bytes.clone(), at_once).await, expected, "{at_once} bytes at a time");
        }
    }

    #[tokio::test]
    async fn parts_of_a_message_may_come_one_by_one() {
        let mut bytes = masked(1, b"ab");
        bytes[0] &= 0x7f;
        bytes.extend(masked(0, b"cd"));
        assert_eq!(read_all(bytes.clone(), 8).await, ["abcd", "Gone"]);
        assert_eq!(read_all(bytes, 64).await, ["abcd", "Gone"]);
    }

    #[test]
    fn the_kind_of_frame_must_fit_the_codec() {
        let fault = assembly().take(&frame(true, OpCode::Binary, b"{}"));
        assert!(matches!(fault, Some(Incoming::Fault(CloseCode::Malformed))));
        let fault = assembly().take(&frame(true, OpCode::Continuation, b"{}"));
        assert!(matches!(fault, Some(Incoming::Fault(CloseCode::Malformed))));
    }
}
