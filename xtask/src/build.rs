//! Building the binaries, always with one selection of packages: another one would choose other features of shared
//! dependencies and compile the database engine a second time.

use std::time::Instant;

use anyhow::Result;

use crate::step;
use crate::workspace::Workspace;

/// Builds every binary of the workspace.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    announce(workspace);
    let begun = Instant::now();
    step::run(
        "build",
        workspace.cargo().args(["build", "--release", "--workspace"]),
        "read the compiler's message above; with no disk or memory left, free some (the build takes about 10 GB and 4 GB)",
    )?;
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
