//! A link between two processes that can be cut, held up and slowed down: a relay of TCP connections, each way with a
//! queue of bounded length. Knows nothing of what passes through it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

/// Connections at a time; more are turned away.
const CONNECTIONS: usize = 65_536;
/// Pieces on their way in one direction of a connection; the sender then waits, as on a real link.
const PIECES: usize = 256;
const PIECE_BYTES: usize = 16 * 1024;
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// How a link is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// Everything passes.
    Open,
    /// Everything passes this much later, in each direction.
    Delayed(Duration),
    /// Connections stand and nothing passes.
    Held,
    /// Connections are broken, and new ones too.
    Cut,
}

/// A link; what goes to its address arrives at the other end. It ends when it goes out of scope.
#[derive(Debug)]
pub struct Link {
    address: SocketAddr,
    gate: watch::Sender<Gate>,
    _stop: DropGuard,
}

impl Link {
    /// An open link to `to`, on the runtime of the caller.
    ///
    /// # Panics
    /// When the machine has no port left.
    pub async fn to(to: SocketAddr) -> Self {
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listener = TcpListener::bind(anywhere).await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let (gate, watched) = watch::channel(Gate::Open);
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        tasks.spawn(accept(listener, to, watched, tasks.clone(), stop.clone()));
        tasks.close();
        Self { address, gate, _stop: stop.drop_guard() }
    }

    /// Where to connect instead of the other end.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on the link is like this.
    pub fn set(&self, gate: Gate) {
        self.gate.send_replace(gate);
    }
}

async fn accept(
    listener: TcpListener,
    to: SocketAddr,
    gate: watch::Receiver<Gate>,
    tasks: TaskTracker,
    stop: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    while let Some(accepted) = stop.run_until_cancelled(listener.accept()).await {
        let Ok((near, _)) = accepted else { continue };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
        let (gate, stop) = (gate.clone(), stop.clone());
        tasks.spawn(async move {
            let _place = place;
            // A connection that breaks is what links are for.
            drop(stop.run_until_cancelled(connect(near, to, gate)).await);
        });
    }
}

async fn connect(near: TcpStream, to: SocketAddr, mut gate: watch::Receiver<Gate>) -> io::Result<()> {
    if *gate.borrow() == Gate::Cut {
        return Ok(());
    }
    let far = timeout(CONNECT_LIMIT, TcpStream::connect(to)).await??;
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    let ((near_read, near_write), (far_read, far_write)) = (near.into_split(), far.into_split());
    let (there, back) =
        (carry(near_read, far_write, gate.clone()), carry(far_read, near_write, gate.clone()));
    tokio::select! {
        carried = async { tokio::try_join!(there, back) } => carried.map(drop),
        _ = gate.wait_for(|gate| *gate == Gate::Cut) => Ok(()),
    }
}

/// Carries one direction until its sender has said everything.
async fn carry(from: OwnedReadHalf, to: OwnedWriteHalf, gate: watch::Receiver<Gate>) -> io::Result<()> {
    let (queue, waiting) = mpsc::channel(PIECES);
    tokio::try_join!(take(from, queue), give(waiting, to, gate)).map(drop)
}

async fn take(from: OwnedReadHalf, queue: mpsc::Sender<(Instant, Vec<u8>)>) -> io::Result<()> {
    loop {
        // Only now: thousands of connections that say nothing need no buffers.
        from.readable().await?;
        let mut piece = Vec::with_capacity(PIECE_BYTES);
        match from.try_read_buf(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(_) => {
                if queue.send((Instant::now(), piece)).await.is_err() {
                    return Ok(());
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}

async fn give(
    mut waiting: mpsc::Receiver<(Instant, Vec<u8>)>,
    mut to: OwnedWriteHalf,
    mut gate: watch::Receiver<Gate>,
) -> io::Result<()> {
    while let Some((since, piece)) = waiting.recv().await {
        let Ok(open) = gate.wait_for(|gate| *gate != Gate::Held).await.map(|gate| *gate) else {
            return Ok(());
        };
        if let Gate::Delayed(delay) = open {
            sleep_until(since + delay).await;
        }
        to.write_all(&piece).await?;
    }
    to.shutdown().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt as _;

    const SOON: Duration = Duration::from_millis(300);

    /// A link to somebody who says everything back, and the task that does so.
    async fn echo() -> (Link, DropGuard) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let until = stop.clone();
        tasks.clone().spawn(async move {
            while let Some(Ok((mut stream, _))) = until.run_until_cancelled(listener.accept()).await {
                let until = until.clone();
                tasks.spawn(async move {
                    let (mut reading, mut writing) = stream.split();
                    let echoing = tokio::io::copy(&mut reading, &mut writing);
                    drop(until.run_until_cancelled(echoing).await);
                });
            }
        });
        (Link::to(address).await, stop.drop_guard())
    }

    /// Says a word and waits for it; `None` when the connection is broken.
    async fn said(stream: &mut TcpStream, word: &[u8; 4]) -> Option<()> {
        stream.write_all(word).await.ok()?;
        let mut heard = [0; 4];
        stream.read_exact(&mut heard).await.ok()?;
        assert_eq!(&heard, word);
        Some(())
    }

    async fn opened(link: &Link) -> TcpStream {
        TcpStream::connect(link.address()).await.expect("the link listens")
    }

    #[tokio::test]
    async fn what_is_cut_breaks_and_comes_back_only_for_new_connections() {
        let (link, _echo) = echo().await;
        let mut stream = opened(&link).await;
        assert!(said(&mut stream, b"open").await.is_some());
        link.set(Gate::Cut);
        assert!(timeout(SOON, said(&mut stream, b"gone")).await.expect("it is told at once").is_none());
        assert!(said(&mut opened(&link).await, b"gone").await.is_none());
        link.set(Gate::Open);
        assert!(said(&mut opened(&link).await, b"back").await.is_some());
        assert!(said(&mut stream, b"gone").await.is_none());
    }

    #[tokio::test]
    async fn what_is_held_arrives_later_and_whole() {
        let (link, _echo) = echo().await;
        let mut stream = opened(&link).await;
        link.set(Gate::Held);
        assert!(timeout(SOON, said(&mut stream, b"wait")).await.is_err());
        link.set(Gate::Open);
        let mut heard = [0; 4];
        stream.read_exact(&mut heard).await.expect("it arrives");
        assert_eq!(&heard, b"wait");
    }

    #[tokio::test]
    async fn a_delay_is_as_long_as_was_said_in_each_direction() {
        let (link, _echo) = echo().await;
        let mut stream = opened(&link).await;
        link.set(Gate::Delayed(Duration::from_millis(60)));
        let began = Instant::now();
        assert!(said(&mut stream, b"slow").await.is_some());
        assert!(began.elapsed() >= Duration::from_millis(120), "{:?}", began.elapsed());
    }
}
