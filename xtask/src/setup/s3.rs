//! An S3 server for the tests, which checks signatures and knows nothing of the hub: built once, into the cache, apart from
//! the workspace, so that what it needs changes nothing there.

use std::fs;
use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::step;
use crate::workspace::Workspace;

const CRATE: &str = "s3s-fs";
const VERSION: &str = "0.14.1";
const REMEDY: &str = "have a network, or an `s3s-fs` of this version in the cache, and try again";

/// Answers with the program; builds it when it isn't there, which takes some minutes.
pub(super) fn provide(workspace: &Workspace) -> Result<PathBuf> {
    let home = workspace.cache.join(format!("tools/{CRATE}-{VERSION}"));
    let program = home.join("bin").join(CRATE);
    if program.is_file() {
        return Ok(program);
    }
    eprintln!("building {CRATE} {VERSION}, an S3 server for the tests, once");
    let work = workspace.cache.join(format!("tools/{CRATE}.part"));
    let mut install = workspace.cargo();
    install
        .args(["install", CRATE, "--version", VERSION, "--locked", "--features", "binary", "--no-track"])
        .arg("--root")
        .arg(&home)
        .arg("--target-dir")
        .arg(&work);
    let built = step::run(CRATE, &mut install, REMEDY);
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    built?;
    if !program.is_file() {
        bail!("{CRATE} {VERSION} has no program {}\n  remedy: {REMEDY}", program.display());
    }
    Ok(program)
}
