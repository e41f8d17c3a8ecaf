//! The web clients: fetching what they need, building what the hub embeds, checking them, and their journeys in a browser.

mod browser;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result};

use crate::step;
use crate::workspace::Workspace;

/// What `npm install` writes last.
const INSTALLED: &str = "node_modules/.package-lock.json";
/// What a build writes last.
const BUILT: &str = "dist/.built";
/// Folders that hold no sources.
const NO_SOURCES: [&str; 2] = ["node_modules", "dist"];

const REMEDY: &str = "have Node 20.19 or newer with npm, and a network the first time; then try again";

/// Builds what the hub embeds, when there is npm and something changed. Without npm the hub is built without web clients.
pub(crate) fn build_if_possible(workspace: &Workspace) -> Result<()> {
    if npm(workspace).arg("--version").output().is_err() {
        eprintln!(
            "npm is missing: the hub is built without widget, console and demo page\n  remedy: {REMEDY}"
        );
        return Ok(());
    }
    build(workspace)
}

/// Builds what the hub embeds, unless nothing changed since the last time.
pub(crate) fn build(workspace: &Workspace) -> Result<()> {
    let web = folder(workspace);
    install(workspace)?;
    let built = modified(&web.join(BUILT));
    if built.is_some() && built >= newest(&web)? {
        return Ok(());
    }
    step::run(
        "web build",
        npm(workspace).args(["run", "build", "--silent"]),
        "mend what the output above names",
    )?;
    fs::write(web.join(BUILT), "").with_context(|| format!("cannot write {BUILT}"))
}

/// Types, lints and unit tests.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    install(workspace)?;
    step::run(
        "web types",
        npm(workspace).args(["run", "types", "--silent"]),
        "mend what the compiler names above",
    )?;
    step::run(
        "web lints",
        npm(workspace).args(["run", "lint", "--silent"]),
        "run `npm run format` in web/, mend the rest",
    )
}

/// Unit tests, and the client library against a real hub. The environment names the binaries.
pub(crate) fn test(mut prepare: impl FnMut(Command) -> Command, workspace: &Workspace) -> Result<()> {
    let mut command = npm(workspace);
    command.args(["test", "--silent"]);
    let remedy =
        "read the failing test's output above; one alone: `npx vitest run <part of its file's name>` in web/";
    step::run("web tests", &mut prepare(command), remedy)
}

/// What people do, in a browser, with a real hub.
pub(crate) fn journeys(mut prepare: impl FnMut(Command) -> Command, workspace: &Workspace) -> Result<()> {
    let mut command = npm(workspace);
    command.args(["run", "journeys", "--silent"]).env("CONFAB_CHROMIUM", browser::provide()?);
    let remedy = "look into web/node_modules/.cache/journeys; one alone: `npx playwright test -g <part of its name>` in web/";
    step::run("journeys", &mut prepare(command), remedy)
}

fn install(workspace: &Workspace) -> Result<()> {
    let web = folder(workspace);
    let installed = modified(&web.join(INSTALLED));
    if installed.is_some() && installed >= modified(&web.join("package-lock.json")) {
        return Ok(());
    }
    // As the lock says, like `npm ci`; but that one fails when a registry lacks a tool's build for another platform.
    let arguments = ["install", "--no-save", "--no-fund", "--no-audit", "--loglevel=error"];
    step::run("npm install", npm(workspace).args(arguments), REMEDY)
}

fn npm(workspace: &Workspace) -> Command {
    let mut command = workspace.command("npm");
    command.current_dir(folder(workspace));
    command
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.root.join("web")
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}

/// When a source was changed last. A folder's own time tells of files that are gone.
fn newest(folder: &Path) -> Result<Option<SystemTime>> {
    let mut newest = modified(folder);
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name();
        if NO_SOURCES.iter().any(|other| name == *other) {
            continue;
        }
        let of_entry =
            if entry.file_type()?.is_dir() { self::newest(&entry.path())? } else { modified(&entry.path()) };
        newest = newest.max(of_entry);
    }
    Ok(newest)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Later than the time that the folders themselves get.
    const FAR_AHEAD: Duration = Duration::from_secs(10_000_000_000);

    #[test]
    fn a_changed_source_is_newer_and_what_is_built_is_no_source() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, at: u64| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            let file = fs::File::create(&path).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + FAR_AHEAD + Duration::from_secs(at)).unwrap();
        };
        write("client/src/a.ts", 100);
        let first = newest(folder.path()).unwrap();
        write("dist/x.js", 500);
        write("node_modules/y.js", 500);
        assert_eq!(newest(folder.path()).unwrap(), first);
        write("client/src/b.ts", 200);
        assert!(newest(folder.path()).unwrap() > first);
    }
}
