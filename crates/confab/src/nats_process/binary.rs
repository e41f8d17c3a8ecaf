//! Finding a `nats-server` that is new enough.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

/// The oldest version that has what the hub uses: time to live of single messages, and schedules.
pub(crate) const MINIMUM: Version = Version(2, 15, 0);
/// Names the binary.
const VARIABLE: &str = "CONFAB_NATS_SERVER";
/// Where `cargo xtask setup` puts it.
const IN_TREE: &str = ".tools/nats-server";
const NAME: &str = "nats-server";

const REMEDY: &str = "run `cargo xtask setup` in the source tree, or get nats-server 2.15 or newer from \
    https://github.com/nats-io/nats-server/releases and name it by nats.server_binary or CONFAB_NATS_SERVER; \
    to use a server that runs already, set nats.url";

/// A version, ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(u32, u32, u32);

impl fmt::Display for Version {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}.{}.{}", self.0, self.1, self.2)
    }
}

impl Version {
    /// Reads `2.15.1`, `v2.15.1` and `v2.16.0-RC.1`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches('v');
        let mut parts = text.split(['.', '-']).map(|part| part.parse().ok());
        Some(Self(parts.next()??, parts.next()??, parts.next()??))
    }
}

/// The server to run: the configured one, the one the environment names, the one of the source tree, one on PATH.
/// A server that was named has to be good; of the others the first good one is taken.
pub(super) fn find(configured: Option<PathBuf>) -> Result<(PathBuf, Version)> {
    let named = configured.or_else(|| std::env::var_os(VARIABLE).map(PathBuf::from));
    if let Some(binary) = named {
        return match version_of(&binary) {
            Some(version) if version >= MINIMUM => Ok((binary, version)),
            Some(version) => {
                bail!("{} is version {version}, {MINIMUM} is needed: {REMEDY}", binary.display())
            }
            None => bail!("{} is no nats-server that runs here: {REMEDY}", binary.display()),
        };
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|directory| directory.join(NAME));
    choose(std::iter::once(PathBuf::from(IN_TREE)).chain(on_path), version_of)
}

fn choose(
    candidates: impl Iterator<Item = PathBuf>,
    version_of: impl Fn(&Path) -> Option<Version>,
) -> Result<(PathBuf, Version)> {
    let mut too_old = Vec::new();
    for binary in candidates {
        match version_of(&binary) {
            Some(version) if version >= MINIMUM => return Ok((binary, version)),
            Some(version) => too_old.push(format!("{} is version {version}", binary.display())),
            None => {}
        }
    }
    if too_old.is_empty() {
        bail!("there is no nats-server: {REMEDY}")
    }
    bail!("no nats-server is new enough, {MINIMUM} is needed ({}): {REMEDY}", too_old.join(", "))
}

/// What the server says of itself, if it runs.
fn version_of(binary: &Path) -> Option<Version> {
    let output = Command::new(binary).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    Version::parse(text.split_whitespace().last()?)
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
    fn the_first_that_is_new_enough_is_taken() {
        let version_of = |path: &Path| match path.to_str()? {
            "old" => Some(Version(2, 9, 0)),
            "new" => Some(Version(2, 15, 1)),
            _ => None,
        };
        let found = choose(["none", "old", "new"].map(PathBuf::from).into_iter(), version_of);
        assert_eq!(found.expect("one is new enough").0, PathBuf::from("new"));
        let error = choose(["old"].map(PathBuf::from).into_iter(), version_of).expect_err("too old");
        assert!(error.to_string().contains("old is version 2.9.0"), "{error}");
        let error = choose(std::iter::empty(), version_of).expect_err("none");
        assert!(error.to_string().contains("there is no nats-server"), "{error}");
    }

    #[test]
    fn a_named_server_that_does_not_run_is_an_error() {
        assert!(find(Some("/nowhere/nats-server".into())).is_err());
    }
}
