//! Words that have no place in the tree: one machine's paths, and promises instead of work.

use super::Finding;
use super::tree::Tree;

/// A word and what to do about it.
struct Word {
    /// In two halves, so that this file doesn't contain it.
    halves: (&'static str, &'static str),
    /// Whether it is the beginning of a path instead of a word by itself.
    path: bool,
    remedy: &'static str,
}

const PATH: &str = "take the path from an argument, the environment or the tree's own top";
const PROMISE: &str = "do it now, or say as a plain sentence what is the case";

const WORDS: [Word; 7] = [
    Word { halves: ("/ro", "ot/"), path: true, remedy: PATH },
    Word { halves: ("/ho", "me/"), path: true, remedy: PATH },
    Word { halves: ("/wo", "rk/"), path: true, remedy: PATH },
    Word { halves: ("TO", "DO"), path: false, remedy: PROMISE },
    Word { halves: ("FIX", "ME"), path: false, remedy: PROMISE },
    Word { halves: ("to", "do!"), path: false, remedy: PROMISE },
    Word { halves: ("unimple", "mented!"), path: false, remedy: PROMISE },
];

/// Files whose text others wrote or tools keep.
const SKIPPED: [&str; 4] = ["LICENSE", "Cargo.lock", "package-lock.json", "pnpm-lock.yaml"];

/// Lines that contain one of the words.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let files = tree.files.iter().filter(|file| {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        !SKIPPED.contains(&name)
    });
    for file in files {
        for word in &WORDS {
            let needle = [word.halves.0, word.halves.1].concat();
            if !file.text.contains(&needle) {
                continue;
            }
            for (line, text) in file.lines().filter(|(_, text)| contains(text, &needle, word.path)) {
                let problem = format!("`{needle}` in `{}`", text.trim());
                findings.push(Finding::new(&file.path, line, problem, word.remedy));
            }
        }
    }
    findings
}

/// A path begins where no other path goes on; a word stands where no other word does.
fn contains(line: &str, needle: &str, path: bool) -> bool {
    line.match_indices(needle).any(|(at, _)| {
        let goes_on =
            |symbol: char| symbol.is_alphanumeric() || symbol == '_' || (path && "-.}~*".contains(symbol));
        let before = line[..at].chars().next_back();
        let after = line[at + needle.len()..].chars().next();
        !before.is_some_and(goes_on) && (path || needle.ends_with('!') || !after.is_some_and(goes_on))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_found_with_its_line() {
        for word in &WORDS {
            let needle = [word.halves.0, word.halves.1].concat();
            let text = format!("fine\nhere: \"{needle}\"\n");
            let findings = check(&Tree::planted(&[("crates/x/src/lib.rs", &text)]));
            assert_eq!(findings.len(), 1, "{needle}");
            assert_eq!(findings[0].line, 2, "{needle}");
            assert_eq!(check(&Tree::planted(&[("web/package-lock.json", &text)])), [], "{needle}");
        }
    }

    #[test]
    fn what_only_looks_like_one_is_left_alone() {
        let path = ["/wo", "rk/"].concat();
        let word = ["TO", "DO"].concat();
        for line in [
            format!("crates/bus/src{path}queue.rs"),
            format!("${{HOME}}{path}x"),
            format!("MAS{word}N"),
            format!("{word}S_OF_OTHERS"),
        ] {
            assert_eq!(check(&Tree::planted(&[("a.md", &line)])), [], "{line}");
        }
    }
}
