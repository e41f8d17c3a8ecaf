//! Pythons of the tests' own, one for each list of requirements.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;

/// What a Python is for: its list of pinned requirements, and the directory it is kept in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Purpose {
    requirements: &'static str,
    home: &'static str,
}

/// The client written from the protocol document.
pub(super) const CLIENT: Purpose =
    Purpose { requirements: "crates/testkit/python/requirements.txt", home: "python" };
/// The check of the Kubernetes manifests.
pub(super) const KUBERNETES: Purpose =
    Purpose { requirements: "k8s/requirements.txt", home: "python-kubernetes" };

const REMEDY: &str =
    "have python3 >= 3.10 with venv and pip (on Debian: python3-venv) and a network, then try again";

/// Answers with the interpreter; makes the environment when there is none or it was made from other requirements.
pub(super) fn provide(workspace: &Workspace, purpose: Purpose) -> Result<PathBuf> {
    let requirements = workspace.root.join(purpose.requirements);
    let wanted =
        fs::read_to_string(&requirements).with_context(|| format!("cannot read {}", purpose.requirements))?;
    let home = workspace.cache.join(purpose.home);
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
