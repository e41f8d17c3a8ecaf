//! Open files: every connection is one, in this program and in an edge.

use anyhow::{Result, bail};
use nix::sys::resource::{Resource, getrlimit, rlim_t, setrlimit};

/// Files for everything that is no connection of the load.
const OTHERS: rlim_t = 1000;

/// Raises the limit of this process, and so of those that it starts, to what so many connections need; says what to do
/// where that is not allowed.
pub(crate) fn make_room(connections: usize) -> Result<()> {
    let needed = connections as rlim_t + OTHERS;
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    if soft >= needed {
        return Ok(());
    }
    // Beyond the hard limit only the privileged get.
    if setrlimit(Resource::RLIMIT_NOFILE, needed, hard.max(needed)).is_err() {
        bail!(
            "{connections} connections need {needed} open files and only {hard} are allowed: raise the limit \
             (`ulimit -Hn {needed}` as root, `LimitNOFILE={needed}` of a service, or /etc/security/limits.conf), or \
             have fewer connections"
        );
    }
    Ok(())
}
