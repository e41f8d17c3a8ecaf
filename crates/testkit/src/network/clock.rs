//! A clock that can be stepped, for processes that ask the C library for the time: Debian's libfaketime stands between.
//! Time that only measures how long something takes goes on as it is.

use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

use tempfile::TempDir;

/// Names the library.
const VARIABLE: &str = "CONFAB_FAKETIME";
/// Where Debian's package has it, below the directory of each platform.
const LIBRARY: &str = "faketime/libfaketime.so.1";

/// A clock. It ends when it goes out of scope; processes then keep the time they have.
#[derive(Debug)]
pub struct Clock {
    library: PathBuf,
    home: TempDir,
}

impl Clock {
    /// A clock that is right; nothing where the library is missing.
    ///
    /// # Panics
    /// When there is no room for its file.
    pub fn right() -> Option<Self> {
        let clock =
            Self { library: library()?, home: TempDir::with_prefix("confab-clock-").expect("a directory") };
        clock.step(0);
        Some(clock)
    }

    /// From now on it is so many seconds ahead of the right time, or behind.
    ///
    /// # Panics
    /// When its file can't be written.
    pub fn step(&self, seconds: i64) {
        let (next, file) = (self.home.path().join("next"), self.file());
        fs::write(&next, format!("{seconds:+}s\n")).expect("the step is written");
        fs::rename(next, file).expect("the step is put in place");
    }

    pub(super) fn wear(&self, command: &mut Command) {
        command
            .env("LD_PRELOAD", &self.library)
            .env("FAKETIME_TIMESTAMP_FILE", self.file())
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .env("FAKETIME_DONT_RESET", "1");
    }

    fn file(&self) -> PathBuf {
        self.home.path().join("step")
    }
}

/// The library: the one that the environment names, else that of Debian's package.
fn library() -> Option<PathBuf> {
    if let Some(named) = env::var_os(VARIABLE) {
        return Some(named.into());
    }
    let platforms = fs::read_dir("/usr/lib").ok()?.filter_map(Result::ok);
    platforms.map(|platform| platform.path().join(LIBRARY)).find(|library| library.is_file())
}
