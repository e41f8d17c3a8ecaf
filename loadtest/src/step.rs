//! One run by itself: a process group of its own with a limit of time, so that whatever happens its servers end with it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::process::Command;
use tokio::time::timeout;

use crate::result::RunResult;

/// A run of this program.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step<'a> {
    /// What its results are called.
    pub(crate) name: &'a str,
    /// Arguments of this program, without where results go.
    pub(crate) arguments: &'a str,
    /// How long it may take, in seconds.
    pub(crate) limit: u64,
}

/// Ends everything in the group when it goes out of scope.
struct Group(Pid);

impl Drop for Group {
    fn drop(&mut self) {
        // When nobody is left in it, that is how it should be.
        let _ = killpg(self.0, Signal::SIGKILL);
    }
}

impl Step<'_> {
    /// Where its results are.
    pub(crate) fn place(&self, out: &Path) -> PathBuf {
        out.join(self.name)
    }

    /// Runs it, for `left` at most; says how long it took. Objectives that are missed are no failure: the table judges.
    pub(crate) async fn run(&self, out: &Path, left: Duration) -> Result<Duration> {
        let (place, began) = (self.place(out), Instant::now());
        let limit = Duration::from_secs(self.limit).min(left);
        if left.is_zero() {
            bail!("there was no time left");
        }
        // What an earlier run left behind must not be taken for this one's.
        if place.exists() {
            fs::remove_dir_all(&place)?;
        }
        let files = place.join("files");
        fs::create_dir_all(&files)?;
        let log = File::create(place.join("log"))?;
        let child = Command::new(std::env::current_exe()?)
            .args(self.arguments.split_whitespace())
            .arg("--out")
            .arg(&place)
            .env("TMPDIR", &files)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0)
            .spawn();
        let mut child = child.context("this program can't be started once more")?;
        let id = child.id().and_then(|id| i32::try_from(id).ok()).context("the run ended at once")?;
        let group = Group(Pid::from_raw(id));
        let ended = timeout(limit, child.wait()).await;
        drop(group);
        drop(child.wait().await);
        // Directories of servers that were killed; logs of those that failed to start are of use.
        let is_whole = matches!(&ended, Ok(Ok(status)) if status.code().is_some_and(|code| code < 2));
        if is_whole {
            drop(fs::remove_dir_all(&files));
        }
        match ended {
            Err(_) => bail!("it took longer than {} s; see {}", limit.as_secs(), place.join("log").display()),
            Ok(_) if !is_whole => bail!("it could not be made; see {}", place.join("log").display()),
            Ok(_) => Ok(began.elapsed()),
        }
    }

    /// A result that it left, by the name of its file.
    pub(crate) fn result(&self, out: &Path, file: &str) -> Option<RunResult> {
        let text = fs::read(self.place(out).join(file).with_extension("json")).ok()?;
        serde_json::from_slice(&text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_takes_too_long_is_ended_and_said() {
        let out = tempfile::tempdir().expect("a directory");
        // The test program itself, which knows no such argument and ends with a code of its own.
        let step = Step { name: "wrong", arguments: "--no-such-argument", limit: 20 };
        let failed = step.run(out.path(), Duration::from_secs(20)).await.expect_err("it fails");
        assert!(failed.to_string().contains("wrong/log"), "{failed}");
        let late = step.run(out.path(), Duration::ZERO).await.expect_err("no time");
        assert!(late.to_string().contains("no time"), "{late}");
        assert!(step.result(out.path(), "steady").is_none());
    }
}
