//! Every metric is explained to those who operate the hub.

use super::Finding;
use super::tree::Tree;

/// The one file that names metrics.
const NAMES: &str = "crates/telemetry/src/metrics.rs";
/// The document that explains them.
const DOCUMENT: &str = "docs/OPERATIONS.md";

/// Metrics that the document doesn't name, and documents that are missing.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(names) = tree.file(NAMES) else {
        return vec![Finding::new(NAMES, 1, "the file that names every metric is missing", "write it")];
    };
    let Some(document) = tree.file(DOCUMENT) else {
        return vec![Finding::new(
            DOCUMENT,
            1,
            "the document that explains the metrics is missing",
            "write it",
        )];
    };
    let mut findings = Vec::new();
    for (line, text) in names.lines() {
        for name in literals(text) {
            if !names_word(&document.text, name) {
                findings.push(Finding::new(
                    NAMES,
                    line,
                    format!("metric {name} isn't named in {DOCUMENT}"),
                    format!("say there what `{name}` counts and when to worry"),
                ));
            }
        }
    }
    findings
}

/// Literals of the form `"confab_.."` that are names and nothing more.
fn literals(line: &str) -> impl Iterator<Item = &str> {
    line.split('"').skip(1).step_by(2).filter(|literal| {
        literal.starts_with("confab_")
            && literal.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    })
}

/// Whether the text has the name as a whole word: `confab_queue` isn't named by `confab_queue_depth`.
fn names_word(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let part = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        let bytes = text.as_bytes();
        !part(at.checked_sub(1).and_then(|before| bytes.get(before))) && !part(bytes.get(at + name.len()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONSTS: &str = "//! Names.\npub const A: &str = \"confab_queue\";\npub const B: &str =\n    \"confab_queue_depth\";\n\
        const HELP: &str = \"confab_queue is long\";\n";

    #[test]
    fn a_metric_nobody_explains_is_found() {
        let tree = Tree::planted(&[(NAMES, CONSTS), (DOCUMENT, "| `confab_queue_depth` | people waiting |")]);
        let findings = check(&tree);
        assert_eq!(findings.len(), 1);
        assert_eq!((findings[0].line, findings[0].problem.contains("metric confab_queue isn't")), (2, true));
    }

    #[test]
    fn all_explained_is_fine_and_missing_files_are_found() {
        let tree = Tree::planted(&[(NAMES, CONSTS), (DOCUMENT, "`confab_queue`, `confab_queue_depth`")]);
        assert_eq!(check(&tree), []);
        assert_eq!(check(&Tree::planted(&[(NAMES, CONSTS)]))[0].path, DOCUMENT);
        assert_eq!(check(&Tree::planted(&[]))[0].path, NAMES);
    }
}
