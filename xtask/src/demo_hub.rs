//! A hub with the demo tenant for a check: on a free port, with its data in a directory of the check's own.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::thread;

use anyhow::{Result, bail};

use crate::running::Running;
use crate::workspace::Workspace;

/// Starts it with these settings; the hub and where it listens, as `host:port`.
pub(crate) fn demo_hub(
    workspace: &Workspace,
    nats_server: &Path,
    directory: &Path,
    settings: &[(&str, &str)],
) -> Result<(Running, String)> {
    let log = directory.join("hub.log");
    let mut command = workspace.command(workspace.binaries().join("confab"));
    command
        .args(["all", "--demo", "--listen", "127.0.0.1:0", "--data"])
        .arg(directory.join("hub"))
        .env("CONFAB_NATS_SERVER", nats_server)
        .envs(settings.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(File::create(&log)?);
    let mut hub = Running::start(&mut command)?;
    let Some(address) = address_of(&mut hub) else {
        drop(hub);
        bail!("the hub didn't start:\n{}", fs::read_to_string(&log).unwrap_or_default());
    };
    Ok((hub, address))
}

/// Host and port from what the hub says when it is up.
fn address_of(hub: &mut Running) -> Option<String> {
    let lines = BufReader::new(hub.0.stdout.take()?).lines();
    let mut lines = lines.map_while(Result::ok);
    let address = lines.find_map(|line| {
        let url = line.trim().strip_prefix("metrics")?.trim().strip_prefix("http://")?;
        Some(url.strip_suffix("/metrics")?.to_owned())
    });
    // What else it says is read, so that the hub never waits for a reader.
    thread::spawn(move || lines.for_each(drop));
    address
}
