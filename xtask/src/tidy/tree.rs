//! The text files of the tree: those that are committed and those that would be.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// A text file.
#[derive(Debug)]
pub(super) struct SourceFile {
    /// From the top of the tree, with slashes.
    pub(super) path: String,
    pub(super) text: String,
}

impl SourceFile {
    /// Its lines, numbered from 1.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }
}

/// All text files.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) files: Vec<SourceFile>,
}

impl Tree {
    /// Reads what git knows or would add; what isn't UTF-8 is left out.
    pub(super) fn read(root: &Path) -> Result<Self> {
        let output = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(root)
            .output()
            .context("cannot start git\n  remedy: install it, the files of the tree are listed with it")?;
        ensure!(
            output.status.success(),
            "git cannot list the files of {}: {}",
            root.display(),
            String::from_utf8_lossy(&output.stderr)
        );
        let mut paths: Vec<&str> = std::str::from_utf8(&output.stdout)?.split_terminator('\0').collect();
        paths.sort_unstable();
        paths.dedup();
        let files = paths
            .into_iter()
            .filter_map(|path| {
                let text = fs::read_to_string(root.join(path)).ok()?;
                Some(SourceFile { path: path.to_owned(), text })
            })
            .collect();
        Ok(Self { files })
    }

    /// The file at a path.
    pub(super) fn file(&self, path: &str) -> Option<&SourceFile> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Files in Rust.
    pub(super) fn rust(&self) -> impl Iterator<Item = &SourceFile> {
        self.files
            .iter()
            .filter(|file| Path::new(&file.path).extension().is_some_and(|extension| extension == "rs"))
    }

    /// A tree planted by a test.
    #[cfg(test)]
    pub(super) fn planted(files: &[(&str, &str)]) -> Self {
        let files = files
            .iter()
            .map(|(path, text)| SourceFile { path: (*path).to_owned(), text: (*text).to_owned() })
            .collect();
        Self { files }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Workspace;

    #[test]
    fn this_file_is_in_the_tree_and_the_build_directory_isnt() {
        let tree = Tree::read(&Workspace::locate().unwrap().root).unwrap();
        assert!(tree.file("xtask/src/tidy/tree.rs").is_some());
        assert!(tree.files.iter().all(|file| !file.path.starts_with("target/")));
    }
}
