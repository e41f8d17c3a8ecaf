//! Files that are written by the code they describe. Tests in the crates concerned hold them against the code; the types
//! for web clients, which come from the API document alone, are held against it by `tidy`.

mod typescript;

use std::fs;

use anyhow::{Context, Result};

use crate::workspace::Workspace;
use crate::{build, step};
pub(crate) use typescript::typescript;

/// The document that describes the API and the frames.
pub(crate) const API: &str = "docs/openapi.json";
/// The same as types for web clients.
pub(crate) const TYPES: &str = "web/protocol/src/generated.ts";

/// Each file and the hub's arguments that print it.
const GENERATED: [(&str, &[&str]); 2] =
    [(API, &["openapi"]), ("docs/config.schema.json", &["config", "schema"])];

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
        write(workspace, path, &output.stdout)?;
    }
    types(workspace)
}

/// Writes the types for web clients from the API document as it lies in the tree.
pub(crate) fn types(workspace: &Workspace) -> Result<()> {
    let document =
        fs::read_to_string(workspace.root.join(API)).with_context(|| format!("cannot read {API}"))?;
    write(workspace, TYPES, typescript(&document)?.as_bytes())
}

fn write(workspace: &Workspace, path: &str, content: &[u8]) -> Result<()> {
    let file = workspace.root.join(path);
    if fs::read(&file).is_ok_and(|before| before == content) {
        println!("{path}: unchanged");
        return Ok(());
    }
    if let Some(directory) = file.parent() {
        fs::create_dir_all(directory)?;
    }
    fs::write(&file, content).with_context(|| format!("cannot write {path}"))?;
    println!("{path}: written");
    Ok(())
}
