//! A buffer before the socket that takes memory only while something waits in it: most connections are idle most of
//! the time.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::AsyncWrite;

/// Bytes gathered before they are written to the socket though nobody has asked for it.
const FULL: usize = 16 * 1024;

/// Room made for the first frame: most frames are smaller.
const FIRST: usize = 512;

/// Gathers what is written until it is flushed.
#[derive(Debug)]
pub(super) struct Gather<W> {
    inner: W,
    waiting: Vec<u8>,
    /// How much of `waiting` has been written.
    written: usize,
}

impl<W: AsyncWrite + Unpin> Gather<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { inner, waiting: Vec::new(), written: 0 }
    }

    fn poll_write_out(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.written < self.waiting.len() {
            let part = &self.waiting[self.written..];
            match ready!(Pin::new(&mut self.inner).poll_write(context, part))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => self.written += written,
            }
        }
        self.waiting = Vec::new();
        self.written = 0;
        Poll::Ready(Ok(()))
    }
}

impl<W: AsyncWrite + Unpin> AsyncWrite for Gather<W> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.waiting.len() >= FULL {
            ready!(self.poll_write_out(context))?;
        }
        if self.waiting.capacity() == 0 {
            self.waiting.reserve(FIRST.max(bytes.len()));
        }
        self.waiting.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_write_out(context))?;
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_write_out(context))?;
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    #[tokio::test]
    async fn what_is_flushed_goes_out_whole_and_leaves_nothing_behind() {
        let (near, mut far) = tokio::io::duplex(7);
        let mut gather = Gather::new(near);
        gather.write_all(b"one and ").await.expect("memory takes it");
        gather.write_all(b"two").await.expect("memory takes it");
        let mut read = [0; 11];
        let (flushed, got) = tokio::join!(gather.flush(), far.read_exact(&mut read));
        flushed.expect("written");
        got.expect("read");
        assert_eq!(&read, b"one and two");
        assert_eq!(gather.waiting.capacity(), 0);
    }

    #[tokio::test]
    async fn what_grows_too_long_goes_out_before_more_is_taken() {
        let (near, mut far) = tokio::io::duplex(64);
        let mut gather = Gather::new(near);
        let written = async {
            for _ in 0..3 {
                gather.write_all(&[7; FULL]).await.expect("written");
                assert!(gather.waiting.len() <= FULL);
            }
            gather.shutdown().await.expect("written");
        };
        let mut read = Vec::new();
        let ((), got) = tokio::join!(written, far.read_to_end(&mut read));
        assert_eq!(got.expect("read"), 3 * FULL);
    }
}
