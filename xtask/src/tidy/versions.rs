//! One table chooses versions and features for all members, and every build has the same set of them.
//! Otherwise a build of another selection would compile the database engine once more, for half an hour.

use super::Finding;
use super::members::{Dependency, Member};
use super::tree::Tree;

const ROOT: &str = "Cargo.toml";
const TEST_KIT: &str = "confab-testkit";

/// Versions or features chosen elsewhere, libraries that tests alone bring, and rows of the table nobody uses.
pub(super) fn check(members: &[Member], tree: &Tree) -> Vec<Finding> {
    let mut findings = unused(members, tree);
    for member in members {
        findings.extend(outside_the_root_table(tree, &member.manifest));
        let for_tests = member.dependencies.iter().filter(|dependency| dependency.for_tests);
        for dependency in for_tests.filter(|dependency| !always_built(members, dependency)) {
            findings.push(Finding::new(
                &member.manifest,
                member.line_of(dependency, tree),
                format!(
                    "{} is a dependency of tests alone, so builds without tests have other features",
                    dependency.name
                ),
                format!("make it a plain dependency of {TEST_KIT} too"),
            ));
        }
    }
    findings
}

/// Members are; a library is if some member depends on it outside its tests.
fn always_built(members: &[Member], dependency: &Dependency) -> bool {
    let mut named = members.iter().flat_map(|member| &member.dependencies);
    members.iter().any(|member| member.name == dependency.name)
        || named.any(|other| other.name == dependency.name && !other.for_tests)
}

/// Lines of a manifest below a heading of dependencies, without comments.
fn dependency_lines<'tree>(tree: &'tree Tree, manifest: &str) -> Vec<(usize, &'tree str)> {
    let Some(file) = tree.file(manifest) else {
        return Vec::new();
    };
    let mut section = "";
    let mut lines = Vec::new();
    for (line, text) in file.lines() {
        let text = text.split('#').next().unwrap_or_default().trim();
        if text.starts_with('[') {
            section = text;
        } else if section.ends_with("dependencies]") && text.contains('=') {
            lines.push((line, text));
        }
    }
    lines
}

/// Lines of a member's manifest that choose a version or features by themselves.
fn outside_the_root_table(tree: &Tree, manifest: &str) -> Vec<Finding> {
    dependency_lines(tree, manifest)
        .into_iter()
        .filter(|(_, text)| !text.contains("workspace = true") || text.contains("features"))
        .map(|(line, text)| {
            Finding::new(
                manifest,
                line,
                format!("`{text}` chooses a version or features by itself"),
                "write `name.workspace = true`; versions and features stand in the root Cargo.toml",
            )
        })
        .collect()
}

/// Rows of the root table that no member names.
fn unused(members: &[Member], tree: &Tree) -> Vec<Finding> {
    dependency_lines(tree, ROOT)
        .into_iter()
        .filter_map(|(line, text)| Some((line, text.split(['=', ' ', '.']).next()?)))
        .filter(|(_, name)| {
            let mut named = members.iter().flat_map(|member| &member.dependencies);
            !named.any(|dependency| dependency.name == *name)
                && !members.iter().any(|member| member.name == *name)
        })
        .map(|(line, name)| {
            Finding::new(ROOT, line, format!("no member depends on {name}"), "take the row out of the table")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::members::member;
    use super::*;

    #[test]
    fn a_library_of_tests_alone_is_found() {
        let mut members = vec![member("confab-edge", &[], &["insta", TEST_KIT]), member(TEST_KIT, &[], &[])];
        let findings = check(&members, &Tree::planted(&[]));
        assert_eq!(findings.len(), 1);
        assert!(findings[0].problem.starts_with("insta is a dependency of tests alone"));
        members[1] = member(TEST_KIT, &["insta"], &[]);
        assert_eq!(check(&members, &Tree::planted(&[])), []);
    }

    #[test]
    fn versions_and_features_of_a_members_own_are_found() {
        let manifest = "[package]\nversion.workspace = true\n[dependencies]\nserde = \"1\"\nrand.workspace = true\n\
            tokio = { workspace = true, features = [\"full\"] }\n[dev-dependencies]\ninsta = { workspace = true } # why\n";
        let tree = Tree::planted(&[("confab-edge/Cargo.toml", manifest)]);
        let findings = check(&[member("confab-edge", &[], &[])], &tree);
        assert_eq!(findings.iter().map(|found| found.line).collect::<Vec<_>>(), [4, 6]);
    }

    #[test]
    fn a_row_nobody_uses_is_found() {
        let manifest = "[workspace.dependencies]\nconfab-edge = { path = \"crates/edge\" }\nserde = \"1\" # used\nrand = \"1\"\n";
        let tree = Tree::planted(&[(ROOT, manifest)]);
        let findings = check(&[member("confab-edge", &["serde"], &[])], &tree);
        assert_eq!(findings.len(), 1);
        assert_eq!((findings[0].line, findings[0].problem.as_str()), (4, "no member depends on rand"));
    }
}
