//! Every Rust file begins with what it owns.

use super::Finding;
use super::tree::Tree;

/// Files without a `//!` with words on their first line.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.rust()
        .filter(|file| {
            let first = file.text.lines().next().unwrap_or_default();
            first.strip_prefix("//!").is_none_or(|words| !words.trim().contains(' '))
        })
        .map(|file| {
            Finding::new(
                &file.path,
                1,
                "the file doesn't say what it owns",
                "begin it with one to five lines of `//!`: what it owns, what it refuses to know",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_without_a_sentence_are_found() {
        let tree = Tree::planted(&[
            ("good.rs", "//! Owns the good.\n"),
            ("none.rs", "use std::fmt;\n"),
            ("empty.rs", ""),
            ("word.rs", "//! placeholder\n"),
            ("late.rs", "\n//! Owns the late.\n"),
            ("no.md", "no Rust"),
        ]);
        let paths: Vec<String> = check(&tree).into_iter().map(|finding| finding.path).collect();
        assert_eq!(paths, ["none.rs", "empty.rs", "word.rs", "late.rs"]);
    }
}
