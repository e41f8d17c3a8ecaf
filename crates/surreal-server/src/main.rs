//! A SurrealDB server with the official command line, built from the same compiled engine as the hub.
//! Tests and local clusters run it where edges and workers are processes of their own. Knows nothing of the hub.

// The engine's futures nest deeper than the compiler follows by default; the library itself sets the same.
#![recursion_limit = "256"]

use std::env;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};

use mimalloc::MiMalloc;
use surrealdb_server::core::CommunityComposer;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Whether the server asks the internet for newer versions before it starts; it does unless told otherwise.
const VERSION_CHECK: &str = "SURREAL_ONLINE_VERSION_CHECK";

fn main() -> ExitCode {
    if env::var_os(VERSION_CHECK).is_none() {
        return without_version_check();
    }
    surrealdb_server::init(CommunityComposer())
}

/// Becomes itself again with the check switched off: its option can only be switched off by the environment.
fn without_version_check() -> ExitCode {
    let program = match env::current_exe() {
        Ok(program) => program,
        Err(error) => {
            eprintln!("cannot find this program's own file: {error}");
            return ExitCode::FAILURE;
        }
    };
    let error = Command::new(&program).args(env::args_os().skip(1)).env(VERSION_CHECK, "false").exec();
    eprintln!("cannot start {}: {error}", program.display());
    ExitCode::FAILURE
}
