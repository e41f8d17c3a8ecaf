//! Where things lie: the clone, the cache that several clones share, the build directory; and commands that start in them.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

/// The directories every command works with.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    /// Top of the clone.
    pub(crate) root: PathBuf,
    /// Tools and builds that outlive a clone: `$XDG_CACHE_HOME/confab`, by default `~/.cache/confab`.
    pub(crate) cache: PathBuf,
    /// Where cargo builds: `$CARGO_TARGET_DIR`, by default `target` in the cache.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// Finds the directories from the environment that cargo started this program with.
    pub(crate) fn locate() -> Result<Self> {
        let manifest = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest.parent().context("xtask lies directly below the top of the clone")?.to_path_buf();
        let cache = match set("XDG_CACHE_HOME") {
            Some(directory) => PathBuf::from(directory),
            None => PathBuf::from(set("HOME").context(
                "neither XDG_CACHE_HOME nor HOME is set: set one, tools and builds are kept there",
            )?)
            .join(".cache"),
        }
        .join("confab");
        let target = match set("CARGO_TARGET_DIR") {
            Some(directory) => env::current_dir()?.join(directory),
            None => cache.join("target"),
        };
        Ok(Self { root, cache, target })
    }

    /// Where the binaries lie once they are built.
    pub(crate) fn binaries(&self) -> PathBuf {
        self.target.join("release")
    }

    /// A command that starts at the top of the clone, without the variables that cargo set for this program alone:
    /// build scripts watch some of them, and would run again for nothing.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command.current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        for (name, _) in env::vars_os() {
            if name.to_str().is_some_and(belongs_to_this_program) {
                command.env_remove(name);
            }
        }
        match env::var_os("LD_LIBRARY_PATH").map(|paths| without_build_directories(&paths)) {
            Some(paths) if paths.is_empty() => command.env_remove("LD_LIBRARY_PATH"),
            Some(paths) => command.env("LD_LIBRARY_PATH", paths),
            None => &mut command,
        };
        command
    }

    /// The cargo that started this program, building into the shared directory.
    pub(crate) fn cargo(&self) -> Command {
        self.command(env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from))
    }
}

fn set(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

fn belongs_to_this_program(name: &str) -> bool {
    matches!(name, "CARGO" | "CARGO_CRATE_NAME" | "CARGO_PRIMARY_PACKAGE" | "OUT_DIR")
        || ["CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_BIN_"].iter().any(|prefix| name.starts_with(prefix))
}

/// `cargo run` puts its own build's directories in front of the library path.
fn without_build_directories(paths: &std::ffi::OsStr) -> OsString {
    let own = env::current_exe().ok().and_then(|program| program.parent().map(Path::to_path_buf));
    let kept = env::split_paths(paths)
        .filter(|path| !path.as_os_str().is_empty())
        .filter(|path| own.as_ref().is_none_or(|own| !path.starts_with(own)));
    env::join_paths(kept).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cargo_set_for_this_program_is_taken_away() {
        for own in ["CARGO", "CARGO_MANIFEST_DIR", "CARGO_PKG_VERSION_MAJOR", "CARGO_BIN_NAME"] {
            assert!(belongs_to_this_program(own), "{own}");
        }
        for users in
            ["CARGO_HOME", "CARGO_TARGET_DIR", "CARGO_TERM_COLOR", "CARGO_BUILD_JOBS", "RUSTFLAGS", "PATH"]
        {
            assert!(!belongs_to_this_program(users), "{users}");
        }
    }

    #[test]
    fn other_library_directories_are_kept() {
        let own = env::current_exe().unwrap().parent().unwrap().to_path_buf();
        let paths = env::join_paths([own.join("deps"), PathBuf::from("/opt/lib")]).unwrap();
        assert_eq!(without_build_directories(&paths), OsString::from("/opt/lib"));
    }
}
