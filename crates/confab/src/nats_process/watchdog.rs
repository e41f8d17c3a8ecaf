//! Ends the server when this process is killed and cannot do so itself: a shell that waits for the end of a pipe.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// Reads a line, and ends the process `$1` when there is none: the other end of the pipe is gone.
const SCRIPT: &str = "read -r _ || kill -TERM \"$1\"";
const DISMISSAL: &[u8] = b"done\n";
const LIMIT: Duration = Duration::from_secs(1);

/// Watches over one process.
#[derive(Debug)]
pub(super) struct Watchdog(Child);

impl Watchdog {
    /// Begins to watch.
    pub(super) fn over(child: &Child) -> Result<Self> {
        let pid = child.id().context("the process has ended already")?;
        let shell = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "confab-watchdog", &pid.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context("/bin/sh can't be started, which is to watch over nats-server")?;
        Ok(Self(shell))
    }

    /// The process has ended, or is ended by other means.
    pub(super) async fn dismiss(mut self) {
        if let Some(mut pipe) = self.0.stdin.take()
            && let Err(error) = pipe.write_all(DISMISSAL).await
        {
            tracing::debug!(%error, "the watchdog has gone before");
        }
        if timeout(LIMIT, self.0.wait()).await.is_err() {
            tracing::debug!("the watchdog does not end");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sleeper() -> Child {
        Command::new("sleep").arg("60").kill_on_drop(true).spawn().expect("sleep is everywhere")
    }

    #[tokio::test]
    async fn a_pipe_that_breaks_ends_the_process() {
        let mut child = sleeper();
        let mut watchdog = Watchdog::over(&child).expect("watched");
        drop(watchdog.0.stdin.take());
        let status = timeout(Duration::from_secs(10), child.wait()).await.expect("it ends").expect("reaped");
        assert!(!status.success());
        watchdog.0.wait().await.expect("reaped");
    }

    #[tokio::test]
    async fn a_dismissed_watchdog_ends_nothing() {
        let mut child = sleeper();
        let watchdog = Watchdog::over(&child).expect("watched");
        watchdog.dismiss().await;
        assert!(child.try_wait().expect("asked").is_none());
    }
}
