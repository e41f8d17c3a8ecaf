//! A process of a test: started with its output in a file, signalled as faults would, ended when it goes out of scope.

use std::fs::{self, OpenOptions};
use std::iter::repeat_with;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::network::Host;

const POLL: Duration = Duration::from_millis(5);
/// How long a process may go on after it was told to stand still.
const FREEZE_LIMIT: Duration = Duration::from_secs(10);

/// What is run, and where its output goes.
#[derive(Debug, Clone, Default)]
pub struct Spec {
    /// What the test calls it.
    pub name: String,
    /// The binary.
    pub binary: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Variables beside those of the test.
    pub variables: Vec<(String, String)>,
    /// File for what it writes; it is continued when the process is started again.
    pub log: PathBuf,
    /// How far it steps back for others when processors are short: its niceness, 0 to 19.
    pub nice: u8,
    /// The host on which it runs; this machine when there is none.
    pub host: Option<Host>,
}

/// A process; restarts run the same command.
#[derive(Debug)]
pub struct Process {
    spec: Spec,
    child: Option<Child>,
}

impl Process {
    /// Starts it.
    ///
    /// # Panics
    /// When the binary can't be run.
    pub fn start(spec: Spec) -> Self {
        let mut process = Self { spec, child: None };
        process.run();
        process
    }

    /// What the test calls it.
    pub fn name(&self) -> &str {
        &self.spec.name
    }

    /// The process id, while it has not been ended by the test.
    pub fn id(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// What it has written.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.spec.log).unwrap_or_default()
    }

    /// Ends it as a power cut would.
    ///
    /// # Panics
    /// When it can't be signalled.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("SIGKILL is sent");
            child.wait().expect("the process is reaped");
        }
    }

    /// Asks it to come to an end.
    ///
    /// # Panics
    /// When it can't be signalled.
    pub fn terminate(&self) {
        self.signal(Signal::SIGTERM);
    }

    /// Freezes it: connections stay open and nothing answers any more.
    ///
    /// # Panics
    /// When it can't be signalled, or goes on.
    pub fn pause(&self) {
        if let Some(child) = &self.child {
            freeze(child.id());
        }
    }

    /// Lets a frozen process go on.
    ///
    /// # Panics
    /// When it can't be signalled.
    pub fn resume(&self) {
        self.signal(Signal::SIGCONT);
    }

    /// Kills it if it runs and starts the same command again.
    ///
    /// # Panics
    /// When the binary can't be run.
    pub fn restart(&mut self) {
        self.kill();
        self.run();
    }

    /// How it ended, once it has within `limit`.
    ///
    /// # Panics
    /// When the process can't be asked.
    pub fn wait(&mut self, limit: Duration) -> Option<ExitStatus> {
        let begun = Instant::now();
        loop {
            let child = self.child.as_mut()?;
            if let Some(status) = child.try_wait().expect("the process can be asked") {
                self.child = None;
                return Some(status);
            }
            if begun.elapsed() >= limit {
                return None;
            }
            thread::sleep(POLL);
        }
    }

    /// Whether it still runs.
    ///
    /// # Panics
    /// When the process can't be asked.
    pub fn is_running(&mut self) -> bool {
        match &mut self.child {
            Some(child) => child.try_wait().expect("the process can be asked").is_none(),
            None => false,
        }
    }

    fn run(&mut self) {
        let Spec { name, binary, arguments, variables, log, nice, host } = &self.spec;
        let output = OpenOptions::new().create(true).append(true).open(log).expect("a file for its output");
        let errors = output.try_clone().expect("the file once more");
        let on_host = |program: &Path| match host {
            Some(host) => host.command(program),
            None => Command::new(program),
        };
        let mut command = if *nice == 0 {
            on_host(binary)
        } else {
            // It becomes the process, under the same id.
            let mut nicely = on_host(Path::new("nice"));
            nicely.arg("-n").arg(nice.to_string()).arg(binary);
            nicely
        };
        let child = command
            .args(arguments)
            .envs(variables.iter().cloned())
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .spawn()
            .unwrap_or_else(|error| panic!("{name} does not start from {}: {error}", binary.display()));
        self.child = Some(child);
    }

    fn signal(&self, signal: Signal) {
        if let Some(child) = &self.child {
            send(child.id(), signal);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

/// Signals a process.
///
/// # Panics
/// When it can't be signalled.
pub(crate) fn send(process: u32, signal: Signal) {
    let id = i32::try_from(process).expect("process ids are small");
    kill(Pid::from_raw(id), signal).expect("the signal is sent");
}

/// Stops a process and waits until all its threads stand still: those on other processors go on for a while after the
/// signal.
///
/// # Panics
/// When it can't be signalled, or goes on.
pub(crate) fn freeze(process: u32) {
    send(process, Signal::SIGSTOP);
    let begun = Instant::now();
    while !stands_still(process) {
        assert!(begun.elapsed() < FREEZE_LIMIT, "process {process} goes on in spite of SIGSTOP");
        thread::sleep(POLL);
    }
}

/// Whether each thread of a process is stopped, as field 3 of proc(5) says.
fn stands_still(process: u32) -> bool {
    let threads = fs::read_dir(format!("/proc/{process}/task")).expect("a process has threads");
    threads.flatten().all(|thread| {
        let stat = fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        stat.rsplit_once(") ").is_none_or(|(_, state)| state.starts_with('T'))
    })
}

/// A port that nobody listens on. It is none of those that the system gives to whoever asks for any, so that no other
/// server gets it meanwhile; and processes that run at once begin to look at different ones.
///
/// # Panics
/// When the machine has none left.
pub fn free_port() -> u16 {
    const FIRST: u16 = 10_000;
    /// Where Linux begins with ports of its own choice, as ip(7) says of `ip_local_port_range`.
    const END: u16 = 32_768;
    /// Ports of one process before it comes to those of the next.
    const OWN: u32 = 32;
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let count = u32::from(END - FIRST);
    let begin = std::process::id().wrapping_mul(OWN);
    let port = repeat_with(|| NEXT.fetch_add(1, Ordering::Relaxed))
        .take(END.into())
        .filter_map(|number| u16::try_from(begin.wrapping_add(number) % count).ok())
        .map(|offset| FIRST + offset)
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok());
    port.expect("a free port")
}

/// Processor time that a process has used, user and system, in seconds; `None` when there is no such process.
pub fn cpu_seconds(process: u32) -> Option<f64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // Fields 14 and 15 of proc(5), in ticks of 10 ms. The name in field 2 may hold spaces and brackets.
    let mut fields = stat.get(stat.rfind(')')? + 1..)?.split_ascii_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<u32>().ok();
    let ticks = next()? + next()?;
    Some(f64::from(ticks) / 100.0)
}

/// Memory of a process that is in RAM, in bytes; `None` when there is no such process.
pub fn resident_bytes(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kibibytes| kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Process {
        let directory = tempfile::tempdir().expect("a directory").keep();
        Process::start(Spec {
            name: "shell".into(),
            binary: "/bin/sh".into(),
            arguments: vec!["-c".into(), script.into()],
            variables: vec![("GREETING".into(), "hello".into())],
            log: directory.join("log"),
            ..Spec::default()
        })
    }

    #[test]
    fn output_and_end_are_seen() {
        let mut process = shell("echo $GREETING; exit 3");
        let status = process.wait(Duration::from_secs(5)).expect("it ends");
        assert_eq!((status.code(), process.log().as_str()), (Some(3), "hello\n"));
        assert!(!process.is_running());
    }

    #[test]
    fn a_restart_runs_the_same_again() {
        let mut process = shell("echo $GREETING; sleep 60");
        let first = process.id();
        process.restart();
        assert_ne!(process.id(), first);
        assert!(process.is_running());
        assert!(process.id().and_then(cpu_seconds).is_some());
        assert!(process.id().and_then(resident_bytes).is_some_and(|bytes| bytes > 0));
        process.kill();
        assert_eq!(process.id(), None);
    }
}
