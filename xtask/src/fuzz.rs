//! Schemathesis against a hub that runs: it makes requests that `docs/openapi.json` allows, and such that it doesn't, and
//! holds every answer against the document. A server error, an undocumented answer and bad input that is taken all fail.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use tempfile::TempDir;

use crate::demo_hub::demo_hub;
use crate::workspace::Workspace;
use crate::{build, setup, step, web};

const CONFIGURATION: &str = "crates/testkit/python/fuzz/schemathesis.toml";
const HOOKS: &str = "crates/testkit/python/fuzz/hooks.py";
const DOCUMENT: &str = "docs/openapi.json";
/// The demo's people, one of each role. The admin comes last: they can shut the others out.
const PEOPLE: [&str; 4] = ["mohan", "sam", "rosa", "adam"];
/// The hub's limits would end the fuzzing, and are checked elsewhere.
const SETTINGS: [(&str, &str); 7] = [
    ("CONFAB_LIMITS__REQUESTS_PER_SECOND_PER_ADDRESS", "1000000"),
    ("CONFAB_LIMITS__REQUESTS_PER_SECOND_PER_USER", "1000000"),
    ("CONFAB_LIMITS__REQUESTS_BURST", "1000000"),
    ("CONFAB_LIMITS__LOGINS_PER_MINUTE_PER_ADDRESS", "1000000"),
    ("CONFAB_LIMITS__MESSAGES_PER_SECOND_PER_USER", "1000000"),
    ("CONFAB_LIMITS__STARTS_PER_MINUTE_PER_ADDRESS", "1000000"),
    ("CONFAB_AUTH__ACCESS_TOKEN_SECONDS", "86400"),
];

/// How long it goes on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    /// Seconds for each role.
    seconds: u32,
    /// Requests of each kind for each operation.
    examples: u32,
    /// What the requests are made from.
    seed: u64,
}

/// As part of all tests.
pub(crate) const USUAL: Effort = Effort { seconds: 30, examples: 5, seed: 1 };

/// Options of `fuzz`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Seconds for each of the four roles.
    #[arg(long, default_value_t = USUAL.seconds)]
    seconds: u32,
    /// Requests of each kind for each operation.
    #[arg(long, default_value_t = USUAL.examples)]
    examples: u32,
    /// What the requests are made from; the same seed makes the same requests.
    #[arg(long, default_value_t = USUAL.seed)]
    seed: u64,
}

/// Sets up, builds, and fuzzes.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let (nats_server, python) = (setup::run(workspace)?, setup::python(workspace)?);
    web::build_if_possible(workspace)?;
    build::run(workspace, build::Wanted::Hub)?;
    let Options { seconds, examples, seed } = *options;
    check(workspace, &nats_server, &python, Effort { seconds, examples, seed })
}

/// Fuzzes a hub of its own, which is built, as somebody of each role.
pub(crate) fn check(workspace: &Workspace, nats_server: &Path, python: &Path, effort: Effort) -> Result<()> {
    let directory = TempDir::with_prefix("confab-fuzz-")?;
    let (hub, address) = demo_hub(workspace, nats_server, directory.path(), &SETTINGS)?;
    let url = format!("http://{address}");
    let mut failed = Vec::new();
    for login in PEOPLE {
        eprintln!("   as {login}");
        let program = schemathesis(python);
        let mut command = workspace.command(&program);
        command
            .arg("--config-file")
            .arg(workspace.root.join(CONFIGURATION))
            .args(["--no-color", "run", "--workers", "1", "--no-shrink", "--url", &url])
            .args(["--seed", &effort.seed.to_string()])
            .args(["--max-examples", &effort.examples.to_string()])
            .args(["--max-time", &effort.seconds.to_string()])
            .arg(workspace.root.join(DOCUMENT))
            .env("FUZZ_HOOKS", workspace.root.join(HOOKS))
            .envs([("FUZZ_URL", url.as_str()), ("FUZZ_LOGIN", login)])
            .current_dir(directory.path());
        let remedy = "each failure above names the request; `curl` it against `cargo xtask up`";
        if let Err(error) = step::run("fuzz", &mut command, remedy) {
            eprintln!("{error:#}");
            failed.push(login);
        }
    }
    drop(hub);
    let log = fs::read_to_string(directory.path().join("hub.log")).unwrap_or_default();
    let faults: Vec<&str> = log.lines().filter(|line| line.contains(" ERROR ")).take(20).collect();
    if !faults.is_empty() {
        bail!("the hub logged faults while it was fuzzed:\n{}", faults.join("\n"));
    }
    if !failed.is_empty() {
        let warnings: Vec<&str> = log.lines().filter(|line| line.contains(" WARN ")).take(20).collect();
        eprintln!("the hub warned meanwhile:\n{}", warnings.join("\n"));
        bail!("answers to {} differ from {DOCUMENT}; see above", failed.join(", "));
    }
    Ok(())
}

/// Beside the interpreter that it was installed for.
fn schemathesis(python: &Path) -> PathBuf {
    python.with_file_name("schemathesis")
}
