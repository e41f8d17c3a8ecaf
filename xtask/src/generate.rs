//! Files that are written by the code they describe. Tests in the crates concerned hold them against the code.

use std::fs;

use anyhow::{Context, Result};

use crate::workspace::Workspace;
use crate::{build, step};

/// Each file and the hub's arguments that print it.
const GENERATED: [(&str, &[&str]); 2] =
    [("docs/openapi.json", &["openapi"]), ("docs/config.schema.json", &["config", "schema"])];

/// Builds the hub and writes each file.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    build::run(workspace, build::Wanted::Hub)?;
    for (path, arguments) in GENERATED {
        let output = workspace
            .command(workspace.binaries().join("confab"))
            .args(arguments)
            .output()
            .with_context(|| format!("cannot start the hub to write {path}"))?;
        eprint!("{}", String::from_utf8_lossy(&output.stderr));
        step::expect_success(path, output.status, "read the hub's message above")?;
        let file = workspace.root.join(path);
        if fs::read(&file).is_ok_and(|before| before == output.stdout) {
            println!("{path}: unchanged");
            continue;
        }
        if let Some(directory) = file.parent() {
            fs::create_dir_all(directory)?;
        }
        fs::write(&file, &output.stdout).with_context(|| format!("cannot write {path}"))?;
        println!("{path}: written");
    }
    Ok(())
}
