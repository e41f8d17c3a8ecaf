//! What peers need that is not ours: Debian's Redis and Postgres, and Socket.IO from npm. What is missing is installed
//! when that is possible; otherwise the error says what to do.

use std::env;
use std::fs::{self, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};

/// The peer's files, so that the binary of the load tests is enough to run it.
const SOCKET_IO: [(&str, &str); 3] = [
    ("package.json", include_str!("../../peers/socketio/package.json")),
    ("package-lock.json", include_str!("../../peers/socketio/package-lock.json")),
    ("server.js", include_str!("../../peers/socketio/server.js")),
];
/// Where Debian asks whether a package may start its services, and what says no.
const POLICY: &str = "/usr/sbin/policy-rc.d";
const NO_STARTS: &str = "#!/bin/sh\nexit 101\n";
/// Versions of Postgres lie side by side in here.
const POSTGRES: &str = "/usr/lib/postgresql";

/// Whether this program is run by root.
pub(super) fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// The binary of Redis.
pub(super) fn redis_binary() -> Result<PathBuf> {
    let find = || on_path("redis-server");
    find().map_or_else(|| installed("redis-server", find), Ok)
}

/// The directory with the binaries of Postgres, of the newest version if there are several.
pub(super) fn postgres_binaries() -> Result<PathBuf> {
    let find = || {
        let versions = fs::read_dir(POSTGRES).ok()?.flatten().map(|version| version.path().join("bin"));
        let number = |path: &PathBuf| path.parent()?.file_name()?.to_str()?.parse::<u32>().ok();
        versions.filter(|path| path.join("postgres").is_file()).max_by_key(number)
    };
    find().map_or_else(|| installed("postgresql", find), Ok)
}

/// The peer's script, with its packages beside it, in the user's cache.
pub(super) fn socket_io() -> Result<PathBuf> {
    for tool in ["node", "npm"] {
        if on_path(tool).is_none() {
            bail!("there is no {tool}\n  remedy: install Node.js 20 or newer");
        }
    }
    let home = cache()?.join("peers").join("socketio");
    fs::create_dir_all(&home)?;
    for (name, text) in SOCKET_IO {
        fs::write(home.join(name), text)?;
    }
    let lock = SOCKET_IO[1].1;
    let mark = home.join("node_modules").join(".installed");
    if fs::read_to_string(&mark).is_ok_and(|installed| installed == lock) {
        return Ok(home.join("server.js"));
    }
    let done = Command::new("npm")
        .args(["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(&home)
        .output()
        .context("npm can't be run")?;
    ensure!(
        done.status.success(),
        "Socket.IO can't be installed in {}: {}\n  remedy: run `npm ci` there",
        home.display(),
        String::from_utf8_lossy(&done.stderr)
    );
    fs::write(mark, lock)?;
    Ok(home.join("server.js"))
}

fn cache() -> Result<PathBuf> {
    let named = env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = named.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache")));
    Ok(cache.context("neither XDG_CACHE_HOME nor HOME is set")?.join("confab"))
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|directory| directory.join(program)).find(|candidate| candidate.is_file())
}

/// Installs a package of Debian without starting its service, and looks again.
fn installed(package: &str, find: impl Fn() -> Option<PathBuf>) -> Result<PathBuf> {
    let remedy = format!("remedy: run `apt-get install {package}`");
    if !is_root() || on_path("apt-get").is_none() {
        bail!("{package} is not installed\n  {remedy}");
    }
    eprintln!("{package} is not installed; installing it");
    let _quiet = NoStarts::begin()?;
    if apt_get(&["install", "-y", "--no-install-recommends", package]).is_err() {
        apt_get(&["update"]).context(remedy.clone())?;
        apt_get(&["install", "-y", "--no-install-recommends", package]).context(remedy.clone())?;
    }
    find().with_context(|| format!("{package} was installed and its programs are not where they should be"))
}

fn apt_get(arguments: &[&str]) -> Result<()> {
    let done = Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive").output()?;
    ensure!(
        done.status.success(),
        "apt-get {}: {}",
        arguments.join(" "),
        String::from_utf8_lossy(&done.stderr)
    );
    Ok(())
}

/// While it lives, packages that are installed don't start their services.
struct NoStarts {
    before: Option<(String, Permissions)>,
}

impl NoStarts {
    fn begin() -> Result<Self> {
        let policy = Path::new(POLICY);
        let before = match fs::read_to_string(policy) {
            Ok(text) => Some((text, fs::metadata(policy)?.permissions())),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error).with_context(|| format!("{POLICY} can't be read")),
        };
        let guard = Self { before };
        fs::write(policy, NO_STARTS)?;
        fs::set_permissions(policy, Permissions::from_mode(0o755))?;
        Ok(guard)
    }
}

impl Drop for NoStarts {
    fn drop(&mut self) {
        let restored = match &self.before {
            Some((text, permissions)) => {
                fs::write(POLICY, text).and_then(|()| fs::set_permissions(POLICY, permissions.clone()))
            }
            None => fs::remove_file(POLICY),
        };
        if let Err(error) = restored {
            eprintln!("{POLICY} could not be put back as it was: {error}");
        }
    }
}
