//! Running one step of a command: its heading, a sign of life while it takes long, and what to do when it fails.
//! Knows nothing of what the steps are.

use std::env;
use std::io::{self, IsTerminal};
use std::process::{Command, ExitStatus};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// How often a long step says that it still runs, where nobody sees a progress bar.
const SIGN_OF_LIFE: Duration = Duration::from_mins(1);

/// Runs a command with its output shown; an error names the step and the remedy.
pub(crate) fn run(name: &str, command: &mut Command, remedy: &str) -> Result<()> {
    let status = while_alive(name, || command.status())
        .with_context(|| format!("{name}: cannot start {}", command.get_program().display()))?;
    expect_success(name, status, remedy)
}

/// Turns an exit status into an error that names the step and the remedy.
pub(crate) fn expect_success(name: &str, status: ExitStatus, remedy: &str) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    bail!("{name} failed ({status})\n  remedy: {remedy}")
}

/// Does the work; where no terminal shows cargo's own progress, prints a line each minute until it is done.
pub(crate) fn while_alive<T>(name: &str, work: impl FnOnce() -> T) -> T {
    if io::stderr().is_terminal() && env::var_os("CI").is_none() {
        return work();
    }
    let begun = Instant::now();
    let (done, until_done) = sync_channel::<()>(0);
    thread::scope(|scope| {
        scope.spawn(move || {
            while until_done.recv_timeout(SIGN_OF_LIFE) == Err(RecvTimeoutError::Timeout) {
                eprintln!("   ... {name}: {} so far", elapsed(begun.elapsed()));
            }
        });
        let result = work();
        drop(done);
        result
    })
}

/// A heading above a step's output.
pub(crate) fn heading(name: &str) {
    eprintln!("\n== {name}");
}

/// A duration as people say it: `0.4 s`, `12 s`, `3 min 05 s`.
pub(crate) fn elapsed(duration: Duration) -> String {
    match duration.as_secs() {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        seconds @ 10..60 => format!("{seconds} s"),
        seconds => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        assert_eq!(elapsed(Duration::from_millis(430)), "0.4 s");
        assert_eq!(elapsed(Duration::from_secs(12)), "12 s");
        assert_eq!(elapsed(Duration::from_secs(185)), "3 min 05 s");
    }

    #[test]
    fn a_failing_step_is_named_with_its_remedy() {
        let error = run("lint", &mut Command::new("false"), "mend it").unwrap_err().to_string();
        assert!(error.contains("lint failed") && error.contains("remedy: mend it"), "{error}");
        let error = run("lint", &mut Command::new("no-such-program"), "mend it").unwrap_err();
        assert!(format!("{error:#}").contains("cannot start no-such-program"), "{error:#}");
    }
}
