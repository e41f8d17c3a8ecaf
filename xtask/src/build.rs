//! Building the binaries, always with the whole workspace selected: the selection decides which features shared
//! dependencies get, and another one would compile the database engine a second time.

use std::path::Path;
use std::time::Instant;
use std::{fs, io};

use anyhow::{Context as _, Result};

use crate::step;
use crate::workspace::Workspace;

/// Which binaries are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Every one.
    All,
    /// The hub alone; leaves out the database server, which takes a quarter of the whole build.
    Hub,
}

/// Builds what is wanted.
pub(crate) fn run(workspace: &Workspace, wanted: Wanted) -> Result<()> {
    prepare(workspace)?;
    let begun = Instant::now();
    let mut command = workspace.cargo();
    command.args(["build", "--release", "--workspace"]);
    if wanted == Wanted::Hub {
        command.args(["--bin", "confab"]);
    }
    let remedy = "read the compiler's message above; if disk or memory ran out, free some: the first build takes 5 GB of each";
    step::run("build", &mut command, remedy)?;
    eprintln!("built in {} ({})", step::elapsed(begun.elapsed()), workspace.binaries().display());
    Ok(())
}

/// To be called before every build: makes the shared directory this clone's, and says so when the build takes long.
pub(crate) fn prepare(workspace: &Workspace) -> Result<()> {
    claim(&workspace.target, &workspace.root)
        .with_context(|| format!("remedy: make {} writable", workspace.target.display()))?;
    if !workspace.binaries().join("confab").exists() {
        eprintln!(
            "The first build compiles the database engine: about 25 minutes on 2 cores. It is kept in {}.",
            workspace.target.display()
        );
    }
    Ok(())
}

/// Clones share a build directory, and cargo tells their crates apart by times alone: what another clone built later
/// than this one's files were written would pass for this one's. So what other clones built of this workspace's own
/// crates is forgotten; what was built of their dependencies stays.
fn claim(target: &Path, root: &Path) -> io::Result<()> {
    let note = target.join("built-by");
    let mine = root.as_os_str().as_encoded_bytes();
    if fs::read(&note).is_ok_and(|other| other == mine) {
        return Ok(());
    }
    fs::create_dir_all(target)?;
    for profile in ["release", "debug"] {
        let Ok(built) = fs::read_dir(target.join(profile).join(".fingerprint")) else { continue };
        for crate_ in built.filter_map(Result::ok) {
            let name = crate_.file_name();
            if ["confab", "xtask"].iter().any(|own| name.as_encoded_bytes().starts_with(own.as_bytes())) {
                fs::remove_dir_all(crate_.path())?;
            }
        }
    }
    fs::write(note, mine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_clone_built_of_our_own_is_forgotten() {
        let target = tempfile::tempdir().unwrap();
        let built = target.path().join("release/.fingerprint");
        let there = |name: &str| built.join(name).exists();
        let fill = || {
            for name in ["confab-1", "confab-store-2", "xtask-3", "tokio-4"] {
                fs::create_dir_all(built.join(name)).unwrap();
            }
        };
        fill();
        claim(target.path(), Path::new("/one")).unwrap();
        assert!(there("tokio-4") && !there("confab-1") && !there("confab-store-2") && !there("xtask-3"));
        fill();
        claim(target.path(), Path::new("/one")).unwrap();
        assert!(there("confab-1"), "the same clone builds on what it has");
        claim(target.path(), Path::new("/other")).unwrap();
        assert!(there("tokio-4") && !there("confab-1"));
    }
}
