//! How a process ends: the first signal asks it to, the second cuts it off.

use std::io;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Tells when to end.
#[derive(Debug, Clone)]
pub(crate) struct Shutdown {
    drain: CancellationToken,
    abort: CancellationToken,
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Everything came to its end.
    Drained,
    /// It was cut off.
    Aborted,
}

impl Shutdown {
    /// Listens for SIGTERM and SIGINT from now on.
    pub(crate) fn listen(tasks: &TaskTracker) -> io::Result<Self> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let shutdown = Self { drain: CancellationToken::new(), abort: CancellationToken::new() };
        let heard = shutdown.clone();
        tasks.spawn(async move {
            while !heard.abort.is_cancelled() {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                    () = heard.abort.cancelled() => return,
                }
                heard.hear();
            }
        });
        Ok(shutdown)
    }

    fn hear(&self) {
        if self.drain.is_cancelled() {
            tracing::warn!("a second signal: stopping at once");
            self.abort.cancel();
        } else {
            tracing::info!("stopping; a second signal stops at once");
            self.drain.cancel();
        }
    }

    /// Waits until the process is asked to end.
    pub(crate) async fn requested(&self) {
        self.drain.cancelled().await;
    }

    /// Runs the start of a role unless the process is asked to end meanwhile.
    pub(crate) async fn unless_requested<T>(&self, start: impl Future<Output = T>) -> Option<T> {
        self.drain.run_until_cancelled(start).await
    }

    /// Runs the steps of an ending, unless they are cut off or take longer than `limit`.
    pub(crate) async fn carry_out(&self, limit: Duration, ending: impl Future<Output = ()>) -> Ending {
        let bounded = tokio::time::timeout(limit, ending);
        match self.abort.run_until_cancelled(bounded).await {
            Some(Ok(())) => Ending::Drained,
            Some(Err(_)) => {
                tracing::warn!(limit_seconds = limit.as_secs(), "stopping took too long and is cut off");
                Ending::Aborted
            }
            None => Ending::Aborted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shutdown() -> Shutdown {
        Shutdown { drain: CancellationToken::new(), abort: CancellationToken::new() }
    }

    #[tokio::test]
    async fn the_first_signal_drains_and_the_second_aborts() {
        let shutdown = shutdown();
        shutdown.hear();
        shutdown.requested().await;
        let quick = shutdown.carry_out(Duration::from_secs(5), async {}).await;
        assert_eq!(quick, Ending::Drained);
        shutdown.hear();
        let endless = shutdown.carry_out(Duration::from_secs(5), std::future::pending()).await;
        assert_eq!(endless, Ending::Aborted);
    }

    #[tokio::test]
    async fn an_ending_that_takes_too_long_is_cut_off() {
        let limit = Duration::from_millis(10);
        assert_eq!(shutdown().carry_out(limit, std::future::pending()).await, Ending::Aborted);
    }

    #[tokio::test]
    async fn a_start_can_be_broken_off() {
        let shutdown = shutdown();
        assert_eq!(shutdown.unless_requested(async { 1 }).await, Some(1));
        shutdown.hear();
        assert_eq!(shutdown.unless_requested(std::future::pending::<u8>()).await, None);
    }
}
