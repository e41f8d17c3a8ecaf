//! The `nats-server` of `confab all`: found, checked, started, started again when it dies, stopped at the end.

mod binary;
mod files;
mod watchdog;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use secrecy::SecretString;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::data_dir::DataDir;
pub(crate) use binary::{MINIMUM, Version};
pub(crate) use files::{PORT_FILE, USER};
use watchdog::Watchdog;

/// Taken when it is free, so that the address is mostly the same.
const USUAL_PORT: u16 = 4280;
/// How long the server may take until it answers: it reads its logs first.
const START_LIMIT: Duration = Duration::from_mins(1);
/// How long it may take to stop before it is killed.
const STOP_LIMIT: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(20);
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// A server that ran for this long had started well: the next pause is short again.
const GOOD_RUN: Duration = Duration::from_secs(30);

/// A running server. Dropped without [`NatsProcess::stop`] it is killed.
#[derive(Debug)]
pub(crate) struct NatsProcess {
    port: u16,
    /// Where the port is noted, as long as the server runs.
    note: PathBuf,
    password: SecretString,
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// What is run.
#[derive(Debug, Clone)]
struct Launch {
    binary: PathBuf,
    config: PathBuf,
    store: PathBuf,
    log: PathBuf,
    port: u16,
}

/// A server that runs, and what ends it when this process is killed.
struct Running {
    child: Child,
    watchdog: Watchdog,
}

impl NatsProcess {
    /// Starts a server whose files lie in the data directory, and waits until it answers.
    pub(crate) async fn start(
        data: &DataDir,
        configured_binary: Option<PathBuf>,
        configured_port: Option<u16>,
    ) -> Result<Self> {
        let (binary, version) = binary::find(configured_binary)?;
        files::end_stale_server(data).await?;
        let port = choose_port(configured_port)?;
        let password = data.nats_password()?;
        let launch = Launch {
            binary,
            config: files::write_config(data, &password)?,
            store: data.file("nats"),
            log: data.file(files::LOG),
            port,
        };
        let running = launch.run().await?;
        let note = data.write_private(PORT_FILE, &format!("{port}\n"))?;
        tracing::info!(nats.port = port, nats.version = %version, "started nats-server");
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        tasks.spawn(supervise(launch, running, stop.clone()));
        tasks.close();
        Ok(Self { port, note, password, tasks, stop })
    }

    /// Where clients connect.
    pub(crate) fn url(&self) -> String {
        format!("nats://{}:{}", Ipv4Addr::LOCALHOST, self.port)
    }

    /// The password of [`USER`].
    pub(crate) fn password(&self) -> &SecretString {
        &self.password
    }

    /// Stops the server in good order, or kills it when that takes too long.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.tasks.wait().await;
        if let Err(error) = std::fs::remove_file(&self.note) {
            tracing::debug!(%error, "the note of the port stays");
        }
    }
}

impl Drop for NatsProcess {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Launch {
    /// Starts the process and waits until it greets clients.
    async fn run(&self) -> Result<Running> {
        let mut child = Command::new(&self.binary)
            .arg("--config")
            .arg(&self.config)
            .arg("--port")
            .arg(self.port.to_string())
            .env(files::STORE_VARIABLE, &self.store)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Signals of a terminal go to this process, which ends the server in its turn.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} can't be started", self.binary.display()))?;
        let watchdog = Watchdog::over(&child)?;
        let deadline = Instant::now() + START_LIMIT;
        while !greets(self.port).await {
            if let Some(status) = child.try_wait()? {
                bail!("nats-server ended with {status}; the end of its log:\n{}", files::tail(&self.log));
            }
            if Instant::now() >= deadline {
                bail!("nats-server does not answer; the end of its log:\n{}", files::tail(&self.log));
            }
            sleep(POLL).await;
        }
        Ok(Running { child, watchdog })
    }
}

/// Starts the server again whenever it dies.
async fn supervise(launch: Launch, mut running: Running, stop: CancellationToken) {
    let mut pause = FIRST_PAUSE;
    loop {
        let begun = Instant::now();
        tokio::select! {
            () = stop.cancelled() => return end(running).await,
            status = running.child.wait() => {
                let status = status.map_or_else(|error| error.to_string(), |status| status.to_string());
                tracing::error!(nats.status = status, "nats-server died and is started again");
            }
        }
        running.watchdog.dismiss().await;
        if begun.elapsed() >= GOOD_RUN {
            pause = FIRST_PAUSE;
        }
        running = loop {
            if stop.run_until_cancelled(sleep(pause)).await.is_none() {
                return;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
            match launch.run().await {
                Ok(running) => break running,
                Err(error) => tracing::error!("{error:#}"),
            }
        };
    }
}

async fn end(Running { mut child, watchdog }: Running) {
    if let Some(pid) = child.id().and_then(|pid| i32::try_from(pid).ok())
        && let Err(error) = kill(Pid::from_raw(pid), Signal::SIGTERM)
    {
        tracing::debug!(%error, "nats-server had ended before");
    }
    if timeout(STOP_LIMIT, child.wait()).await.is_err() {
        tracing::warn!("nats-server does not stop and is killed");
        drop(child.kill().await);
    }
    watchdog.dismiss().await;
    tracing::info!("stopped nats-server");
}

async fn greets(port: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let greeted = async {
        let mut greeting = [0; 4];
        TcpStream::connect(address).await?.read_exact(&mut greeting).await?;
        std::io::Result::Ok(greeting == *b"INFO")
    };
    matches!(timeout(Duration::from_secs(1), greeted).await, Ok(Ok(true)))
}

fn choose_port(configured: Option<u16>) -> Result<u16> {
    let free = |port: u16| {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()?;
        Some(listener.local_addr().ok()?.port())
    };
    match configured {
        Some(port) => free(port).with_context(|| {
            format!("port {port} is taken: set nats.start_port to a free one, or leave it out")
        }),
        None => free(USUAL_PORT).or_else(|| free(0)).context("no port is free on 127.0.0.1"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configured_port_that_is_taken_is_no_guess() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = taken.local_addr().expect("an address").port();
        assert!(choose_port(Some(port)).expect_err("taken").to_string().contains(&port.to_string()));
        assert_ne!(choose_port(None).expect("some port"), port);
    }
}
