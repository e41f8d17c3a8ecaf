//! A hub with people who write to each other, and a Prometheus that reads it every second.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::demo_hub::demo_hub;
use crate::prometheus::{self, Pace, Prometheus};
use crate::running::Running;
use crate::workspace::Workspace;

/// Customers who write all the time. The demo's agents have room for them and a few more.
const CUSTOMERS: usize = 4;
/// Agents of the demo tenant.
const AGENTS: [&str; 2] = ["sam", "ram"];
/// Between two lines of everybody.
const BEAT: Duration = Duration::from_millis(250);
/// Lines between two passers-by, so that conversations start, are assigned and wait all the while.
const PASSER_BY: usize = 8;
/// Lines between two who don't know the password.
const STRANGER: usize = 20;
/// How long Prometheus may take to start.
const PATIENCE: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(200);

/// All of it; ends with the value.
pub(super) struct Scene {
    /// Prometheus.
    pub(super) url: String,
    // In the order in which they end.
    _load: Load,
    _prometheus: Running,
    _hub: Running,
    _directory: TempDir,
}

impl Scene {
    /// Starts everything.
    pub(super) fn start(workspace: &Workspace, programs: &Prometheus, nats_server: &Path) -> Result<Self> {
        let directory = TempDir::with_prefix("confab-dashboards-")?;
        let binary = workspace.binaries().join("confab");
        let (hub, address) = demo_hub(workspace, nats_server, directory.path(), &[])?;

        let configuration = directory.path().join("prometheus");
        prometheus::copy_configuration(
            workspace,
            &configuration,
            std::slice::from_ref(&address),
            Pace::EverySecond,
        )?;
        let listen = prometheus::free_address()?;
        let url = format!("http://{listen}");
        let mut command =
            prometheus::server(programs, &configuration, &directory.path().join("series"), listen);
        let log = directory.path().join("prometheus.log");
        let mut server = Running::start(command.stderr(File::create(&log)?))?;
        if let Err(error) = await_prometheus(programs, &url, &mut server) {
            drop(server);
            return Err(error.context(fs::read_to_string(&log).unwrap_or_default()));
        }
        let load = Load::start(workspace, binary, format!("http://{address}"));
        Ok(Self { url, _load: load, _prometheus: server, _hub: hub, _directory: directory })
    }
}

fn await_prometheus(programs: &Prometheus, url: &str, server: &mut Running) -> Result<()> {
    let begun = Instant::now();
    loop {
        match prometheus::ask(programs, url, "up") {
            Ok(_) => return Ok(()),
            Err(error) if begun.elapsed() > PATIENCE => {
                return Err(error).context("Prometheus doesn't answer");
            }
            Err(_) if server.has_ended() => bail!("Prometheus didn't start"),
            Err(_) => thread::sleep(POLL),
        }
    }
}

/// People who write, in a thread of their own.
struct Load {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Load {
    fn start(workspace: &Workspace, binary: PathBuf, url: String) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let until = Arc::clone(&stop);
        let workspace = workspace.clone();
        let chat = move |arguments: &[&str]| {
            let mut command = workspace.command(&binary);
            command.args(["chat", "--url", &url, "--tenant", "demo"]).args(arguments);
            command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
            command
        };
        Self { stop, thread: Some(thread::spawn(move || write_until(&until, chat))) }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // If it panicked, panels without data say so.
            let _ = thread.join();
        }
    }
}

/// Somebody at a terminal.
struct Person {
    lines: ChildStdin,
    _program: Running,
}

impl Person {
    fn start(mut command: Command) -> Option<Self> {
        let mut program = Running::start(&mut command).ok()?;
        let lines = program.0.stdin.take()?;
        Some(Self { lines, _program: program })
    }
}

fn write_until(stop: &AtomicBool, chat: impl Fn(&[&str]) -> Command) {
    let agents = AGENTS.iter().map(|login| chat(&["--as", login]));
    let customers = (0..CUSTOMERS).map(|number| chat(&["--anonymous", &format!("Customer {number}")]));
    let mut people: Vec<Person> = agents.chain(customers).filter_map(Person::start).collect();
    let mut others: Vec<Running> = Vec::new();
    let mut beats = 0_usize;
    while !stop.load(Ordering::Relaxed) {
        thread::sleep(BEAT);
        beats += 1;
        // Who has gone has nothing to say; the panels tell.
        people.retain_mut(|person| writeln!(person.lines, "line {beats}").is_ok());
        if beats.is_multiple_of(PASSER_BY) {
            others.extend(Running::start(&mut chat(&[
                "--anonymous",
                "Guest",
                "--send",
                "hello",
                "--wait",
                "2",
            ])));
        }
        if beats.is_multiple_of(STRANGER) {
            others.extend(Running::start(&mut chat(&["--as", "sam", "--password", "wrong", "--wait", "1"])));
        }
        others.retain_mut(|program| !program.has_ended());
    }
}
