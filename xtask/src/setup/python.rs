//! A Python of the tests' own: the client written from the protocol document runs in it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;

/// What the client needs, pinned.
const REQUIREMENTS: &str = "crates/testkit/python/requirements.txt";

const REMEDY: &str =
    "have python3 >= 3.10 with venv and pip (on Debian: python3-venv) and a network, then try again";

/// Answers with the interpreter; makes the environment when there is none or it was made from other requirements.
pub(super) fn provide(workspace: &Workspace) -> Result<PathBuf> {
    let requirements = workspace.root.join(REQUIREMENTS);
    let wanted = fs::read_to_string(&requirements).with_context(|| format!("cannot read {REQUIREMENTS}"))?;
    let home = workspace.cache.join("python");
    let interpreter = home.join("bin/python");
    let stamp = home.join("made-from-requirements.txt");
    let made = fs::read_to_string(&stamp).is_ok_and(|made| made == wanted);
    if made
        && Command::new(&interpreter).arg("--version").output().is_ok_and(|output| output.status.success())
    {
        return Ok(interpreter);
    }
    eprintln!("making a Python environment for the tests in {}", home.display());
    run("making it", workspace.command("python3").args(["-m", "venv", "--clear"]).arg(&home))?;
    run(
        "filling it",
        workspace
            .command(&interpreter)
            .args(["-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--requirement"])
            .arg(&requirements),
    )?;
    fs::write(&stamp, wanted)?;
    Ok(interpreter)
}

fn run(what: &str, command: &mut Command) -> Result<()> {
    let output = command
        .output()
        .with_context(|| format!("cannot start {}\n  remedy: {REMEDY}", command.get_program().display()))?;
    if !output.status.success() {
        bail!(
            "the tests' Python environment: {what} failed\n{}{}  remedy: {REMEDY}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(())
}
