//! Finding or fetching Prometheus. Debian's package is unpacked into the cache, not installed: that needs no rights,
//! and no service starts that nobody asked for.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::workspace::Workspace;

const PACKAGE: &str = "prometheus";
const REMEDY: &str = "put `prometheus` and `promtool` (2.40 or newer) on PATH; on Debian and Ubuntu `apt-get update` as \
    an administrator once lets this program fetch the package by itself";

/// Where its programs lie.
#[derive(Debug, Clone)]
pub(crate) struct Prometheus {
    /// The server.
    pub(crate) server: PathBuf,
    /// Checks rules and asks a server.
    pub(crate) tool: PathBuf,
}

impl Prometheus {
    fn in_directory(directory: &Path) -> Option<Self> {
        let found = Self { server: directory.join("prometheus"), tool: directory.join("promtool") };
        (runs(&found.server) && runs(&found.tool)).then_some(found)
    }
}

/// Takes those on PATH, or the package's from the cache, or fetches the package.
pub(super) fn provide(workspace: &Workspace) -> Result<Prometheus> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if let Some(found) =
        std::env::split_paths(&path).find_map(|directory| Prometheus::in_directory(&directory))
    {
        return Ok(found);
    }
    let home = workspace.cache.join("tools/prometheus");
    let programs = home.join("usr/bin");
    if let Some(found) = Prometheus::in_directory(&programs) {
        return Ok(found);
    }
    eprintln!("fetching Prometheus (Debian's package {PACKAGE}, unpacked and not installed)");
    let work = workspace.cache.join("tools/prometheus.part");
    for directory in [&work, &home] {
        if directory.exists() {
            fs::remove_dir_all(directory)?;
        }
    }
    fs::create_dir_all(&work)?;
    let archive = download(&work)?;
    apt(Command::new("dpkg-deb").arg("--extract").arg(&archive).arg(&home))?;
    fs::remove_dir_all(&work)?;
    Prometheus::in_directory(&programs)
        .with_context(|| format!("{} doesn't run\n  remedy: {REMEDY}", programs.display()))
}

/// The package's archive; where its address isn't known yet, lists are fetched first, which needs an administrator.
fn download(into: &Path) -> Result<PathBuf> {
    let fetch = || apt(Command::new("apt-get").args(["download", "--quiet=2", PACKAGE]).current_dir(into));
    fetch().or_else(|_| {
        apt(Command::new("apt-get").args(["update", "--quiet=2"]))?;
        fetch()
    })?;
    for entry in fs::read_dir(into)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "deb") {
            return Ok(path);
        }
    }
    bail!("apt-get fetched no package\n  remedy: {REMEDY}")
}

/// Runs a command and shows what it said only when it failed.
fn apt(command: &mut Command) -> Result<()> {
    let program = command.get_program().display().to_string();
    let output = command.output().with_context(|| format!("cannot start {program}\n  remedy: {REMEDY}"))?;
    ensure!(
        output.status.success(),
        "{program} failed\n{}  remedy: {REMEDY}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

fn runs(program: &Path) -> bool {
    program.is_file()
        && Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_without_both_programs_has_no_prometheus() {
        let directory = tempfile::tempdir().unwrap();
        assert!(Prometheus::in_directory(directory.path()).is_none());
        std::os::unix::fs::symlink("/bin/true", directory.path().join("prometheus")).unwrap();
        assert!(Prometheus::in_directory(directory.path()).is_none());
        std::os::unix::fs::symlink("/bin/true", directory.path().join("promtool")).unwrap();
        assert!(Prometheus::in_directory(directory.path()).is_some());
    }
}
