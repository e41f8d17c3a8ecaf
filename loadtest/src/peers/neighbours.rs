//! Redis and Postgres, each started for a run on a free port with its files in a directory of its own, with the
//! settings it comes with. The packaged services are never touched.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use confab_testkit::process::{Process, Spec, free_port};
use tempfile::TempDir;

use super::packages::{is_root, postgres_binaries, redis_binary};

/// How long a server may take until it answers.
const START_LIMIT: Duration = Duration::from_secs(30);
/// How long a server may take to come to an end.
const END_LIMIT: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(20);
/// Who runs Postgres when this program is run by root, whom it refuses.
const POSTGRES_USER: &str = "postgres";

/// A running Redis. It keeps nothing: an adapter only publishes.
#[derive(Debug)]
pub(super) struct Redis {
    process: Process,
    port: u16,
    _home: TempDir,
}

impl Redis {
    pub(super) fn start() -> Result<Self> {
        let (binary, home, port) = (redis_binary()?, TempDir::with_prefix("confab-redis-")?, free_port());
        let arguments =
            ["--port", &port.to_string(), "--bind", "127.0.0.1", "--dir", &home.path().display().to_string()];
        let mut process = Process::start(Spec {
            name: "redis".to_owned(),
            binary,
            arguments: arguments.map(str::to_owned).to_vec(),
            log: home.path().join("redis.log"),
            ..Spec::default()
        });
        is_up(&mut process, |_| answers_ping(port).unwrap_or(false))?;
        Ok(Self { process, port, _home: home })
    }

    pub(super) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(super) fn process_id(&self) -> Option<u32> {
        self.process.id()
    }
}

fn answers_ping(port: u16) -> std::io::Result<bool> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_millis(200))?;
    stream.set_read_timeout(Some(Duration::from_secs(1)))?;
    stream.write_all(b"PING\r\n")?;
    let mut answer = [0; 5];
    stream.read_exact(&mut answer)?;
    Ok(&answer == b"+PONG")
}

/// A running Postgres with an empty database. It brings every commit to the disk, as it does by itself.
#[derive(Debug)]
pub(super) struct Postgres {
    process: Process,
    port: u16,
    _home: TempDir,
}

impl Postgres {
    pub(super) fn start() -> Result<Self> {
        let binaries = postgres_binaries()?;
        let (home, port) = (TempDir::with_prefix("confab-postgres-")?, free_port());
        let data = home.path().join("data");
        let user = if is_root() { Some(Account::find(POSTGRES_USER)?) } else { None };
        if let Some(Account { user, group }) = user {
            chown(home.path(), Some(user), Some(group)).context("the directory can't be handed over")?;
        }
        let (program, arguments) = as_user(user, &binaries.join("initdb"));
        let made = Command::new(program)
            .args(arguments)
            .arg("--pgdata")
            .arg(&data)
            .args(["--username", POSTGRES_USER, "--auth", "trust", "--encoding", "UTF8", "--no-locale"])
            .current_dir(home.path())
            .output()
            .context("initdb can't be run")?;
        ensure!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));

        let (binary, mut arguments) = as_user(user, &binaries.join("postgres"));
        arguments.extend(["-D".to_owned(), data.display().to_string()]);
        for setting in
            [format!("port={port}"), "listen_addresses=127.0.0.1".into(), "unix_socket_directories=".into()]
        {
            arguments.extend(["-c".to_owned(), setting]);
        }
        let mut process = Process::start(Spec {
            name: "postgres".to_owned(),
            binary,
            arguments,
            log: home.path().join("postgres.log"),
            ..Spec::default()
        });
        let ask = binaries.join("pg_isready");
        is_up(&mut process, |_| {
            let asked = Command::new(&ask).args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()]).status();
            asked.is_ok_and(|status| status.success())
        })?;
        Ok(Self { process, port, _home: home })
    }

    pub(super) fn url(&self) -> String {
        format!("postgres://{POSTGRES_USER}@127.0.0.1:{}/postgres", self.port)
    }

    pub(super) fn process_id(&self) -> Option<u32> {
        self.process.id()
    }
}

impl Drop for Postgres {
    /// In good order: it would leave shared memory behind otherwise. Nobody is connected any more.
    fn drop(&mut self) {
        self.process.terminate();
        self.process.wait(END_LIMIT);
    }
}

/// Whom a program is run as.
#[derive(Debug, Clone, Copy)]
struct Account {
    user: u32,
    group: u32,
}

impl Account {
    fn find(name: &str) -> Result<Self> {
        let accounts = fs::read_to_string("/etc/passwd")?;
        let line = accounts.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let mut fields = line.with_context(|| format!("there is no user {name}"))?.split(':').skip(1);
        let mut next = || fields.next().and_then(|id| id.parse().ok());
        next()
            .zip(next())
            .map(|(user, group)| Self { user, group })
            .context("/etc/passwd can't be understood")
    }
}

/// A program and its first arguments, so that it is run as somebody else; it becomes the process under the same id.
fn as_user(account: Option<Account>, program: &Path) -> (PathBuf, Vec<String>) {
    let Some(Account { user, group }) = account else { return (program.to_owned(), Vec::new()) };
    let arguments = [
        format!("--reuid={user}"),
        format!("--regid={group}"),
        "--clear-groups".to_owned(),
        program.display().to_string(),
    ];
    ("setpriv".into(), arguments.to_vec())
}

/// Waits until a process is ready.
pub(super) fn is_up(process: &mut Process, ready: impl Fn(&Process) -> bool) -> Result<()> {
    let begun = Instant::now();
    while !ready(process) {
        if !process.is_running() {
            bail!("{} ended:\n{}", process.name(), process.log());
        }
        ensure!(begun.elapsed() < START_LIMIT, "{} doesn't answer:\n{}", process.name(), process.log());
        thread::sleep(POLL);
    }
    Ok(())
}
