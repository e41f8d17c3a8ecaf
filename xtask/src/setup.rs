//! Tools that the hub and its tests need and cargo doesn't bring. Kept in the cache, so that a second clone fetches nothing.

#[cfg(test)]
mod configurations;
mod hosts;
mod nats;
mod prometheus;
mod python;
mod s3;

use std::fs::{self, File};
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::workspace::Workspace;
pub(crate) use prometheus::Prometheus;

/// Makes sure of a new enough `nats-server` and answers with its path, `.tools/nats-server`.
pub(crate) fn run(workspace: &Workspace) -> Result<PathBuf> {
    let _alone = alone(workspace)?;
    nats::provide(workspace)
}

/// Makes sure of a Python with the libraries of the tests' client, and answers with its path.
pub(crate) fn python(workspace: &Workspace) -> Result<PathBuf> {
    let _alone = alone(workspace)?;
    python::provide(workspace, python::CLIENT)
}

/// Makes sure of the programs that fault tests make hosts with.
pub(crate) fn hosts(workspace: &Workspace) -> Result<()> {
    let _alone = alone(workspace)?;
    hosts::provide()
}

/// Makes sure of an S3 server for the tests, and answers with its path.
pub(crate) fn s3(workspace: &Workspace) -> Result<PathBuf> {
    let _alone = alone(workspace)?;
    s3::provide(workspace)
}

/// Makes sure of a Python that checks Kubernetes manifests, and answers with its path.
pub(crate) fn kubernetes_python(workspace: &Workspace) -> Result<PathBuf> {
    let _alone = alone(workspace)?;
    python::provide(workspace, python::KUBERNETES)
}

/// Makes sure of Prometheus and its tool, and answers with where they are.
pub(crate) fn prometheus(workspace: &Workspace) -> Result<Prometheus> {
    let _alone = alone(workspace)?;
    prometheus::provide(workspace)
}

/// Clones share the cache: one of them writes there at a time. The lock ends with the value.
fn alone(workspace: &Workspace) -> Result<File> {
    fs::create_dir_all(&workspace.cache)
        .with_context(|| format!("cannot create {}", workspace.cache.display()))?;
    let lock = File::create(workspace.cache.join("setup.lock"))?;
    lock.lock().context("cannot lock the cache of tools")?;
    Ok(lock)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_are_one_version_with_a_hash_for_each_platform() {
        let workspace = Workspace::locate().unwrap();
        let pins = fs::read_to_string(workspace.root.join(nats::PINS)).unwrap();
        assert!(nats::pinned_version(&pins).unwrap() >= nats::MINIMUM);
        assert_eq!(pins.matches("--hash=sha256:").count(), 4);
    }
}
