//! Rules of the house that compilers don't hold: each finding says where, what, and how to mend it.
//! The checks are pure functions over the files of the tree and the workspace's members; only this file reads them.

mod features;
mod headers;
mod layers;
mod members;
mod metrics;
mod sizes;
mod tree;
mod types;
mod versions;
mod words;

use std::fmt;
use std::path::Path;

use anyhow::{Result, bail};

use crate::workspace::Workspace;
use members::Member;
use tree::Tree;

/// One thing to mend.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    path: String,
    line: usize,
    problem: String,
    remedy: String,
}

impl Finding {
    fn new(path: &str, line: usize, problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, problem: problem.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}\n    remedy: {}", self.path, self.line, self.problem, self.remedy)
    }
}

/// Prints every finding; fails when there is one.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let findings = check(&workspace.root)?;
    for finding in &findings {
        eprintln!("{finding}");
    }
    match findings.len() {
        0 => Ok(()),
        1 => bail!("the tree isn't tidy: 1 finding, each with its remedy above"),
        count => bail!("the tree isn't tidy: {count} findings, each with its remedy above"),
    }
}

/// Every check over the tree at `root`.
fn check(root: &Path) -> Result<Vec<Finding>> {
    let tree = Tree::read(root)?;
    let members = Member::read(root)?;
    let mut findings = [
        layers::check(&members, &tree),
        versions::check(&members, &tree),
        headers::check(&tree),
        sizes::check(&tree),
        metrics::check(&tree),
        words::check(&tree),
        types::check(&tree),
        features::check(&tree),
    ]
    .concat();
    findings.sort();
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_tidy() {
        let findings = check(&Workspace::locate().unwrap().root).unwrap();
        let listed: Vec<String> = findings.iter().map(ToString::to_string).collect();
        assert!(findings.is_empty(), "\n{}\n", listed.join("\n"));
    }

    #[test]
    fn a_finding_says_where_what_and_how_to_mend_it() {
        let finding = Finding::new("src/lib.rs", 3, "too long", "split it");
        assert_eq!(finding.to_string(), "src/lib.rs:3: too long\n    remedy: split it");
    }
}
