//! The workspace's members and what their manifests depend on.

use std::path::Path;

use anyhow::{Context, Result};
use cargo_metadata::{DependencyKind, MetadataCommand};

use super::tree::Tree;

/// A member of the workspace.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) name: String,
    /// Its manifest, from the top of the tree.
    pub(super) manifest: String,
    pub(super) dependencies: Vec<Dependency>,
}

/// What a manifest names.
#[derive(Debug, Clone)]
pub(super) struct Dependency {
    pub(super) name: String,
    pub(super) for_tests: bool,
}

impl Member {
    /// Asks cargo, without resolving anything.
    pub(super) fn read(root: &Path) -> Result<Vec<Self>> {
        let metadata = MetadataCommand::new()
            .manifest_path(root.join("Cargo.toml"))
            .no_deps()
            .exec()
            .context("cargo cannot read the workspace")?;
        let members = metadata.workspace_packages().into_iter().map(|package| Self {
            name: package.name.to_string(),
            manifest: package
                .manifest_path
                .strip_prefix(&metadata.workspace_root)
                .unwrap_or(&package.manifest_path)
                .to_string(),
            dependencies: package
                .dependencies
                .iter()
                .map(|dependency| Dependency {
                    name: dependency.name.clone(),
                    for_tests: dependency.kind == DependencyKind::Development,
                })
                .collect(),
        });
        Ok(members.collect())
    }

    /// Where its manifest names a dependency.
    pub(super) fn line_of(&self, dependency: &Dependency, tree: &Tree) -> usize {
        let names = |text: &str| {
            let rest = text.trim_start().strip_prefix(&dependency.name);
            rest.is_some_and(|rest| rest.starts_with(['.', ' ', '=']))
        };
        tree.file(&self.manifest)
            .and_then(|file| file.lines().find(|(_, text)| names(text)).map(|(line, _)| line))
            .unwrap_or(1)
    }
}

/// A member planted by a test, with plain dependencies and those for tests.
#[cfg(test)]
pub(super) fn member(name: &str, plain: &[&str], for_tests: &[&str]) -> Member {
    let dependency = |for_tests| move |name: &&str| Dependency { name: (*name).to_owned(), for_tests };
    Member {
        name: name.to_owned(),
        manifest: format!("{name}/Cargo.toml"),
        dependencies: plain
            .iter()
            .map(dependency(false))
            .chain(for_tests.iter().map(dependency(true)))
            .collect(),
    }
}
