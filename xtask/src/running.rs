//! A program that runs beside this one and is ended with the value that stands for it: asked first, then made to.

use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// How long it may take to end by itself.
const PATIENCE: Duration = Duration::from_secs(15);
const POLL: Duration = Duration::from_millis(20);

/// The running program.
#[derive(Debug)]
pub(crate) struct Running(pub(crate) Child);

impl Running {
    /// Starts it.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let child =
            command.spawn().with_context(|| format!("cannot start {}", command.get_program().display()))?;
        Ok(Self(child))
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        matches!(self.0.try_wait(), Ok(Some(_)))
    }

    fn asked_to_end(&mut self) -> bool {
        let asked =
            i32::try_from(self.0.id()).is_ok_and(|id| kill(Pid::from_raw(id), Signal::SIGTERM).is_ok());
        let begun = Instant::now();
        while asked && begun.elapsed() < PATIENCE {
            if self.has_ended() {
                return true;
            }
            thread::sleep(POLL);
        }
        false
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.has_ended() || self.asked_to_end() {
            return;
        }
        // It may have ended just now; then there is nothing to do.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends_with_the_value() {
        let running = Running::start(Command::new("sleep").arg("60")).unwrap();
        let id = Pid::from_raw(i32::try_from(running.0.id()).unwrap());
        let begun = Instant::now();
        drop(running);
        assert!(begun.elapsed() < PATIENCE);
        assert!(kill(id, None).is_err(), "nobody has that id any more");
    }
}
