//! A program in namespaces of its own: network, mounts and processes. Whatever it makes and starts there ends with it,
//! because the kernel ends it, even when the program is killed.

use std::ffi::OsStr;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::{env, fs, io};

/// Tells a program that it is apart.
const VARIABLE: &str = "CONFAB_APART";
/// Names of network namespaces are files below `/run`, which the outside does not see.
const SCRIPT: &str = "mount -t tmpfs hosts /run && mkdir /run/netns && exec \"$@\"";
const REMEDY: &str = "hosts of their own need Linux with network namespaces and /dev/net/tun, and the programs `ip` (iproute2), \
                      `unshare` and `nsenter` (util-linux): run as root, or allow users to make namespaces, and \
                      `apt-get install iproute2 util-linux`";

/// Whether this program is apart.
pub fn is_apart() -> bool {
    env::var_os(VARIABLE).is_some()
}

/// Whether programs can be apart here, with network devices; the error says what to do.
pub fn check() -> Result<(), String> {
    let tried = apart(OsStr::new("ip")).args(["tuntap", "add", "dev", "trial", "mode", "tun"]).output();
    let said = match tried {
        Ok(output) if output.status.success() && Path::new("/dev/net/tun").exists() => return Ok(()),
        Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        Err(error) => format!("unshare does not start: {error}"),
    };
    Err(format!("no hosts of their own can be made here: {said}\n  remedy: {REMEDY}"))
}

/// Runs this program once more, apart, with the same arguments, until it ends.
pub fn again() -> io::Result<ExitStatus> {
    apart(env::current_exe()?.as_os_str()).args(env::args_os().skip(1)).status()
}

fn apart(program: &OsStr) -> Command {
    let mut command = Command::new("unshare");
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    if !is_root {
        command.args(["--user", "--map-root-user"]);
    }
    command
        .args([
            "--net",
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount-proc",
            "--",
            "sh",
            "-c",
            SCRIPT,
            "sh",
        ])
        .arg(program)
        .env(VARIABLE, "1");
    command
}
