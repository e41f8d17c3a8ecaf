//! Programs with which fault tests make hosts of their own. Nearly every Linux has them; where they are missing Debian's
//! packages are installed, which needs an administrator.

use std::env;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// A program, and the package that has it.
const PROGRAMS: [(&str, &str); 3] =
    [("ip", "iproute2"), ("unshare", "util-linux"), ("nsenter", "util-linux")];

/// Installs what is missing.
pub(super) fn provide() -> Result<()> {
    let path = env::var_os("PATH").unwrap_or_default();
    let missing = missing(&path);
    if missing.is_empty() {
        return Ok(());
    }
    let remedy = format!(
        "as an administrator: `apt-get install {}`, or the packages of your system that have these programs; or set \
         CONFAB_WITHOUT_NAMESPACES=1 to do without the tests that need them",
        missing.join(" ")
    );
    if env::var_os("CONFAB_WITHOUT_NAMESPACES").is_some_and(|value| value == "1") {
        eprintln!("{} missing; faults between hosts are not tested", missing.join(" "));
        return Ok(());
    }
    eprintln!("installing {} for the fault tests", missing.join(" "));
    let installed = Command::new("apt-get").args(["install", "--yes", "--quiet=2"]).args(&missing).output();
    let output = installed.with_context(|| format!("cannot start apt-get\n  remedy: {remedy}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "apt-get failed\n{said}  remedy: {remedy}");
    Ok(())
}

/// Packages of which a program is missing.
fn missing(path: &std::ffi::OsStr) -> Vec<&'static str> {
    let is_there = |program: &str| {
        // Where it isn't on the path of users, it is there for administrators.
        let also = ["/usr/sbin", "/sbin"].map(Path::new).map(Path::to_owned);
        env::split_paths(path).chain(also).any(|directory| directory.join(program).is_file())
    };
    let mut packages: Vec<&str> =
        PROGRAMS.iter().filter(|(program, _)| !is_there(program)).map(|(_, package)| *package).collect();
    packages.dedup();
    packages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_on_the_path_is_not_missing() {
        let directory = tempfile::tempdir().unwrap();
        for (program, _) in PROGRAMS {
            std::fs::write(directory.path().join(program), "").unwrap();
        }
        assert!(missing(directory.path().as_os_str()).is_empty());
        std::fs::remove_file(directory.path().join("unshare")).unwrap();
        let packages = missing(directory.path().as_os_str());
        assert!(packages.iter().all(|package| *package == "util-linux") && packages.len() <= 1);
    }
}
