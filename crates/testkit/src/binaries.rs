//! Where the hub's own binaries are: in the directory the environment names, else beside the running test.

use std::env;
use std::path::PathBuf;

/// Names the directory with the hub's binaries.
pub const DIRECTORY_VARIABLE: &str = "CONFAB_BIN_DIR";

/// The path of a binary of this workspace.
///
/// # Panics
/// When it has not been built: a test of processes has nothing to say without them.
pub fn find(name: &str) -> PathBuf {
    let directories = env::var_os(DIRECTORY_VARIABLE).map(PathBuf::from).into_iter().chain(beside_this_one());
    let candidates: Vec<PathBuf> = directories.map(|directory| directory.join(name)).collect();
    candidates
        .iter()
        .find(|candidate| candidate.is_file())
        .unwrap_or_else(|| {
            panic!("{name} is not built; looked for {candidates:?}. Run `cargo build --release --workspace`")
        })
        .clone()
}

/// A test lies in `<target>/<profile>/deps`, a binary one above.
fn beside_this_one() -> Vec<PathBuf> {
    let this = env::current_exe().unwrap_or_default();
    this.ancestors().skip(1).take(2).map(PathBuf::from).collect()
}
