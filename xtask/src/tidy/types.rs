//! The types for web clients are those of the API document.

use super::Finding;
use super::tree::Tree;
use crate::generate::{API, TYPES, typescript};

/// A file of types that isn't what the document gives.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(document) = tree.file(API) else { return Vec::new() };
    let fresh = match typescript(&document.text) {
        Ok(fresh) => fresh,
        Err(error) => {
            let remedy =
                "describe the body with types that TypeScript has, or teach xtask/src/generate/typescript.rs";
            return vec![Finding::new(API, 1, format!("{error:#}"), remedy)];
        }
    };
    let kept = tree.file(TYPES).map_or("", |file| file.text.as_str());
    if kept == fresh {
        return Vec::new();
    }
    let same = kept.lines().zip(fresh.lines()).take_while(|(kept, fresh)| kept == fresh).count();
    vec![Finding::new(
        TYPES,
        same + 1,
        "not what docs/openapi.json gives",
        "run `cargo xtask generate-types`",
    )]
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r#"{"components":{"schemas":{"Id":{"type":"string"}}}}"#;

    #[test]
    fn a_stale_file_is_found_with_its_first_line() {
        let fresh = typescript(DOCUMENT).unwrap();
        assert_eq!(check(&Tree::planted(&[(API, DOCUMENT), (TYPES, &fresh)])), []);
        let stale = fresh.replace("string", "number");
        let findings = check(&Tree::planted(&[(API, DOCUMENT), (TYPES, &stale)]));
        assert_eq!(findings.len(), 1);
        assert_eq!(stale.lines().nth(findings[0].line - 1), Some("export type Id = number;"));
        assert_eq!(check(&Tree::planted(&[(API, DOCUMENT)])).len(), 1);
    }
}
