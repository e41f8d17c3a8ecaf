//! Building the binaries, always with the whole workspace selected: the selection decides which features shared
//! dependencies get, and another one would compile the database engine a second time.

use std::time::Instant;

use anyhow::Result;

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
    announce(workspace);
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

/// Says so before a build that takes long.
pub(crate) fn announce(workspace: &Workspace) {
    if !workspace.binaries().join("confab").exists() {
        eprintln!(
            "The first build compiles the database engine: about 25 minutes on 2 cores. It is kept in {}.",
            workspace.target.display()
        );
    }
}
