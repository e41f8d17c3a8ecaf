//! One client. It writes `msg ROOM ID TEXT`, which everybody in the room gets as it is, and hears `ack ID` when that is
//! stored, `nack ID WHY` when it is not. Before anything else it hears `joined`.

use std::sync::Arc;

use async_nats::jetstream::context::PublishAckFuture;
use bytes::Bytes;
use fastwebsockets::{Frame, OpCode, Payload, Role, WebSocketError, WebSocketRead, WebSocketWrite};
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use tokio::io::{AsyncRead, AsyncWrite, BufWriter};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::Relay;
use crate::rooms::{Member, written};

/// Frames that may wait for a client; one that lets them pile up is cut off.
const OUTBOX: usize = 4096;
/// Messages of one client that are on their way into the stream; beyond, its socket is not read.
const IN_FLIGHT: usize = 1024;
/// Bytes that are written to the socket at once.
const WRITE_BUFFER: usize = 4096;

/// A message that was published and is not acknowledged yet.
struct Published {
    id: String,
    ack: PublishAckFuture,
}

/// Serves a connection until it ends.
pub(crate) async fn run<S>(stream: S, rooms: Vec<String>, relay: Arc<Relay>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (read_half, write_half) = tokio::io::split(stream);
    let write_half = BufWriter::with_capacity(WRITE_BUFFER, write_half);
    let (reader, mut writer) = fastwebsockets::after_handshake_split(read_half, write_half, Role::Server);
    let (outbox, deliveries) = mpsc::channel(OUTBOX);
    let member = Member { outbox, cut: CancellationToken::new() };
    let mut joined = "joined".to_owned();
    for room in &rooms {
        if let Err(error) = relay.rooms.join(room, member.clone()).await {
            joined = format!("refused {error}");
        }
    }
    let (publishing, published) = mpsc::channel(IN_FLIGHT);
    relay.tasks.spawn(read(reader, Arc::clone(&relay), publishing));
    let ended = async {
        say(&mut writer, joined.as_bytes()).await?;
        write(&mut writer, deliveries, published, &member.cut).await
    };
    if let Err(error) = ended.await {
        eprintln!("a client is gone: {error}");
    }
    for room in &rooms {
        relay.rooms.leave(room, &member);
    }
}

/// Publishes what the client writes, in its order, without waiting for acknowledgements.
async fn read<R: AsyncRead + Unpin>(
    mut socket: WebSocketRead<R>,
    relay: Arc<Relay>,
    published: mpsc::Sender<Published>,
) {
    socket.set_auto_close(false);
    socket.set_auto_pong(false);
    let mut send = |_: Frame<'_>| std::future::ready(Ok::<(), std::convert::Infallible>(()));
    while let Ok(frame) = socket.read_frame(&mut send).await {
        match frame.opcode {
            OpCode::Text => {}
            OpCode::Close => return,
            _ => continue,
        }
        let Some((room, id)) = head(&frame.payload) else { return };
        let (subject, id) = (written(room), id.to_owned());
        let payload = Bytes::copy_from_slice(&frame.payload);
        let Ok(ack) = relay.jetstream.publish(subject, payload).await else { return };
        if published.send(Published { id, ack }).await.is_err() {
            return;
        }
    }
}

/// Room and id of a message.
fn head(payload: &[u8]) -> Option<(&str, &str)> {
    let mut words = std::str::from_utf8(payload).ok()?.strip_prefix("msg ")?.splitn(3, ' ');
    Some((words.next()?, words.next()?))
}

/// Writes deliveries and acknowledgements until the reader has ended, or the client is too slow.
async fn write<W: AsyncWrite + Unpin>(
    socket: &mut WebSocketWrite<W>,
    mut deliveries: mpsc::Receiver<Bytes>,
    mut published: mpsc::Receiver<Published>,
    cut: &CancellationToken,
) -> Result<(), WebSocketError> {
    let mut waiting = FuturesUnordered::new();
    let mut unflushed = true;
    loop {
        tokio::select! {
            biased;
            () = cut.cancelled() => return Ok(()),
            Some(answer) = waiting.next() => {
                let answer: String = answer;
                say(socket, answer.as_bytes()).await?;
                unflushed = true;
            }
            Some(delivery) = deliveries.recv() => {
                say(socket, &delivery).await?;
                unflushed = true;
            }
            () = std::future::ready(()), if unflushed => {
                socket.flush().await?;
                unflushed = false;
            }
            next = published.recv(), if waiting.len() < IN_FLIGHT => {
                let Some(Published { id, ack }) = next else { return Ok(()) };
                waiting.push(async move {
                    match ack.await {
                        Ok(_) => format!("ack {id}"),
                        Err(error) => format!("nack {id} {error}"),
                    }
                });
            }
        }
    }
}

async fn say<W: AsyncWrite + Unpin>(
    socket: &mut WebSocketWrite<W>,
    text: &[u8],
) -> Result<(), WebSocketError> {
    socket.write_frame(Frame::text(Payload::Borrowed(text))).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_its_room_and_its_id() {
        assert_eq!(head(b"msg room-1 m-7 Hello there"), Some(("room-1", "m-7")));
        assert_eq!(head(b"msg room-1"), None);
        assert_eq!(head(b"ping"), None);
    }
}
