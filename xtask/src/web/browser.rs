//! The browser of the journeys: Chromium, found or installed from the distribution.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::step;

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const REMEDY: &str =
    "install Chromium (on Debian and Ubuntu: `apt-get install chromium`), or name one in CONFAB_CHROMIUM";

/// Answers with a Chromium; installs Debian's where this may.
pub(super) fn provide() -> Result<PathBuf> {
    if let Some(given) = env::var_os("CONFAB_CHROMIUM") {
        return Ok(given.into());
    }
    let path = env::var_os("PATH").unwrap_or_default();
    if let Some(found) = find(&path) {
        return Ok(found);
    }
    if !is_root() {
        bail!("there is no Chromium for the browser journeys\n  remedy: {REMEDY}");
    }
    eprintln!("installing Chromium for the browser journeys");
    let apt = |arguments: &[&str]| {
        step::run(
            "apt-get",
            Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive"),
            REMEDY,
        )
    };
    let install = || apt(&["install", "--yes", "--quiet=2", "--no-install-recommends", "chromium"]);
    if install().is_err() {
        apt(&["update", "--quiet=2"])?;
        install()?;
    }
    match find(&path) {
        Some(found) => Ok(found),
        None => bail!("apt-get brought no Chromium\n  remedy: {REMEDY}"),
    }
}

/// Who owns this process, as the system shows it.
fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

fn find(path: &OsString) -> Option<PathBuf> {
    let folders: Vec<PathBuf> = env::split_paths(path).collect();
    NAMES.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|file| runs(file))
}

fn runs(file: &Path) -> bool {
    file.metadata().is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_program_that_can_run_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("chromium");
        fs::write(&file, "").unwrap();
        let path = folder.path().as_os_str().to_owned();
        assert_eq!(find(&path), None);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(find(&path), Some(file));
    }
}
