//! The manifests of `k8s/`, the container's recipe and the composition for a laptop, as far as they can be checked without a
//! cluster and without a container engine.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::workspace::Workspace;
use crate::{setup, step};

/// Resolves every overlay and checks it, shows that the check finds mistakes, and that what the recipe copies exists.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let python = setup::kubernetes_python(workspace)?;
    let directory = workspace.root.join("k8s");
    let mut resolve = workspace.command(&python);
    resolve.args(["-B", "check.py"]).current_dir(&directory);
    step::run(
        "manifests",
        &mut resolve,
        "mend what is named above; `k8s/check.py --write` makes the alerts anew",
    )?;
    let mut mistakes = workspace.command(&python);
    mistakes.args(["-B", "-m", "unittest", "-q", "test_check"]).current_dir(&directory);
    step::run(
        "mistakes made on purpose",
        &mut mistakes,
        "mend k8s/check.py: it overlooks what is named above",
    )?;
    let recipe =
        fs::read_to_string(workspace.root.join("Dockerfile")).context("cannot read the Dockerfile")?;
    for source in sources(&recipe) {
        ensure!(workspace.root.join(source).exists(), "the Dockerfile copies {source}, which does not exist");
    }
    let ignored = fs::read_to_string(workspace.root.join(".dockerignore")).unwrap_or_default();
    for source in sources(&recipe) {
        ensure!(
            !is_ignored(&ignored, source),
            "the Dockerfile copies {source}, which .dockerignore keeps out"
        );
    }
    Ok(())
}

/// What `COPY` lines take from the tree; not what they take from other stages.
fn sources(recipe: &str) -> impl Iterator<Item = &str> {
    let copies = recipe.lines().filter_map(|line| line.strip_prefix("COPY "));
    copies.filter(|copy| !copy.contains("--from=")).flat_map(|copy| {
        let mut words: Vec<&str> = copy.split_whitespace().filter(|word| !word.starts_with("--")).collect();
        words.pop();
        words
    })
}

fn is_ignored(ignored: &str, source: &str) -> bool {
    let first = Path::new(source).components().next();
    ignored
        .lines()
        .any(|line| !line.is_empty() && Path::new(line.trim_matches('/')).components().next() == first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_recipe_copies_from_the_tree() {
        let recipe = "FROM a AS b\nCOPY Cargo.toml Cargo.lock ./\nCOPY --from=b /x /y\nCOPY --chmod=755 crates crates\n";
        assert_eq!(sources(recipe).collect::<Vec<_>>(), ["Cargo.toml", "Cargo.lock", "crates"]);
        assert!(is_ignored("/target\ncrates\n", "crates") && !is_ignored("/target\n", "crates"));
    }
}
