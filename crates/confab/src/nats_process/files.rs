//! The files of the server that `confab all` starts: its configuration, its log, the traces of one left behind.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use nix::errno::Errno;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::sleep;

use crate::data_dir::DataDir;

/// The configuration of a single server; this file adds what belongs to one data directory.
const SINGLE: &str = include_str!("../../../../nats/single.conf");
/// Says where the server keeps its streams; `nats/single.conf` asks for it.
pub(super) const STORE_VARIABLE: &str = "CONFAB_NATS_STORE";
/// The only user of the server.
pub(crate) const USER: &str = "confab";
/// Where the port is noted, for other commands.
pub(crate) const PORT_FILE: &str = "nats.port";
pub(super) const LOG: &str = "nats.log";
const CONFIG: &str = "nats.conf";
const PID_FILE: &str = "nats.pid";
/// How much of the log goes into an error.
const TAIL_LINES: usize = 12;
const STALE_LIMIT: Duration = Duration::from_secs(10);

/// Writes the server's configuration.
pub(super) fn write_config(data: &DataDir, password: &SecretString) -> Result<PathBuf> {
    data.write_private(CONFIG, &config(data.path(), password.expose_secret()))
}

fn config(home: &Path, password: &str) -> String {
    let quoted = |name: &str| {
        let path = home.join(name).display().to_string();
        format!("\"{}\"", path.replace('\\', "\\\\").replace('"', "\\\""))
    };
    format!(
        "{SINGLE}\n# Added by `confab all` for this directory.\n\
         authorization {{ user: {USER}, password: \"{password}\" }}\n\
         pid_file: {}\nlog_file: {}\nlogfile_size_limit: 16MB\nlogfile_max_num: 2\n",
        quoted(PID_FILE),
        quoted(LOG),
    )
}

/// Ends the server that a killed process left behind. Only one that was started with this directory's configuration.
pub(super) async fn end_stale_server(data: &DataDir) -> Result<()> {
    let text = fs::read_to_string(data.file(PID_FILE)).unwrap_or_default();
    let Ok(number) = text.trim().parse::<i32>() else { return Ok(()) };
    let config = data.file(CONFIG).display().to_string();
    if number <= 1 || !command_line(number).is_some_and(|line| line.contains(&config)) {
        return Ok(());
    }
    let pid = Pid::from_raw(number);
    tracing::warn!(
        nats.pid = number,
        "a nats-server was left behind by a process that was killed; ending it"
    );
    for signal in [Signal::SIGTERM, Signal::SIGKILL] {
        let deadline = Instant::now() + STALE_LIMIT;
        if kill(pid, signal) == Err(Errno::ESRCH) {
            return Ok(());
        }
        while Instant::now() < deadline {
            if command_line(number).is_none_or(|line| !line.contains(&config)) {
                return Ok(());
            }
            sleep(Duration::from_millis(50)).await;
        }
    }
    bail!("the nats-server with process id {number} does not end: end it and start again")
}

/// How a process was started; `None` when it doesn't run.
fn command_line(pid: i32) -> Option<String> {
    if Path::new("/proc/self/cmdline").exists() {
        let line = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        return Some(line).filter(|line| !line.trim().is_empty());
    }
    let output = Command::new("ps").args(["-o", "command=", "-p", &pid.to_string()]).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The last lines of the server's log.
pub(super) fn tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_else(|error| format!("{}: {error}", log.display()));
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_is_the_single_servers_with_a_password() {
        let text = config(Path::new("/data of/hub"), "secret");
        assert!(text.contains("sync_interval: always"), "{text}");
        assert!(text.contains("store_dir: $CONFAB_NATS_STORE"), "{text}");
        assert!(text.contains("pid_file: \"/data of/hub/nats.pid\""), "{text}");
        assert!(text.contains("authorization { user: confab, password: \"secret\" }"), "{text}");
    }

    #[tokio::test]
    async fn processes_of_others_are_left_alone() {
        let home = tempfile::tempdir().expect("a directory");
        let data = DataDir::create(home.path()).expect("there");
        fs::write(data.file(PID_FILE), std::process::id().to_string()).expect("written");
        end_stale_server(&data).await.expect("nothing to do");
        fs::write(data.file(PID_FILE), "nonsense").expect("written");
        end_stale_server(&data).await.expect("nothing to do");
    }

    #[test]
    fn the_log_is_shown_from_its_end() {
        let home = tempfile::tempdir().expect("a directory");
        let log = home.path().join("log");
        let text: Vec<String> = (0..100).map(|line| format!("line {line}")).collect();
        fs::write(&log, text.join("\n")).expect("written");
        assert!(tail(&log).starts_with("line 88\n") && tail(&log).ends_with("line 99"));
    }
}
