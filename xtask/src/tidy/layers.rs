//! The dependency table of the architecture: which crate may know which, and who alone names a library.
//! Dependencies for tests obey it too, but for the test kit.

use std::path::Path;

use anyhow::{Context, Result};
use cargo_metadata::{DependencyKind, MetadataCommand};

use super::Finding;
use super::tree::Tree;

const LEAVES: [&str; 2] = ["confab-config", "confab-telemetry"];
const TEST_KIT: &str = "confab-testkit";

/// Every member and the members it may depend on, the leaves aside, which everything above them may use.
const ARROWS: [(&str, &[&str]); 13] = [
    ("confab-protocol", &[]),
    ("confab-config", &[]),
    ("confab-telemetry", &[]),
    ("confab-domain", &["confab-protocol"]),
    ("confab-bus", &["confab-protocol", "confab-domain"]),
    ("confab-store", &["confab-protocol", "confab-domain"]),
    ("confab-auth", &["confab-protocol", "confab-domain"]),
    (
        "confab-edge",
        &[
            "confab-protocol",
            "confab-domain",
            "confab-bus",
            "confab-store",
            "confab-auth",
        ],
    ),
    (
        "confab-worker",
        &[
            "confab-protocol",
            "confab-domain",
            "confab-bus",
            "confab-store",
            "confab-auth",
        ],
    ),
    ("confab", &HUB),
    (TEST_KIT, &KIT),
    ("confab-surreal-server", &[]),
    ("xtask", &[]),
];
const HUB: [&str; 7] = [
    "confab-protocol",
    "confab-domain",
    "confab-bus",
    "confab-store",
    "confab-auth",
    "confab-edge",
    "confab-worker",
];
const KIT: [&str; 8] = [
    "confab-protocol",
    "confab-domain",
    "confab-bus",
    "confab-store",
    "confab-auth",
    "confab-edge",
    "confab-worker",
    "confab",
];
/// Members that stand apart from the hub: they use not even the leaves.
const APART: [&str; 6] = [
    "confab-protocol",
    "confab-domain",
    "confab-config",
    "confab-telemetry",
    "confab-surreal-server",
    "xtask",
];

/// Libraries that one crate alone may name.
const OWNED: [(&str, &str); 5] = [
    ("async-nats", "confab-bus"),
    ("surrealdb", "confab-store"),
    ("axum", "confab-edge"),
    ("fastwebsockets", "confab-edge"),
    ("surrealdb-server", "confab-surreal-server"),
];

/// A member of the workspace.
#[derive(Debug, Clone)]
pub(super) struct Member {
    name: String,
    /// Its manifest, from the top of the tree.
    manifest: String,
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Clone)]
struct Dependency {
    name: String,
    for_tests: bool,
}

impl Member {
    /// Asks cargo, without resolving anything.
    pub(super) fn read(root: &Path) -> Result<Vec<Self>> {
        let metadata = MetadataCommand::new()
            .manifest_path(root.join("Cargo.toml"))
            .no_deps()
            .exec()
            .context("cargo cannot read the workspace")?;
        let members = metadata
            .workspace_packages()
            .into_iter()
            .map(|package| Self {
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
}

/// Arrows that point the wrong way, libraries named by the wrong crate, and versions or features outside the root table.
pub(super) fn check(members: &[Member], tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for member in members {
        let Some((_, arrows)) = ARROWS.iter().find(|(name, _)| *name == member.name) else {
            let problem = format!("crate {} isn't in the dependency table", member.name);
            findings.push(Finding::new(
                &member.manifest,
                1,
                problem,
                "give it a row in xtask/src/tidy/layers.rs",
            ));
            continue;
        };
        for dependency in &member.dependencies {
            let problem = if members.iter().any(|other| other.name == dependency.name) {
                wrong_arrow(member, dependency, arrows)
            } else {
                wrong_owner(member, dependency).or_else(|| only_for_tests(members, dependency))
            };
            let line = line_of(tree, &member.manifest, &dependency.name);
            if let Some((problem, remedy)) = problem {
                findings.push(Finding::new(&member.manifest, line, problem, remedy));
            }
        }
        findings.extend(outside_the_root_table(tree, &member.manifest));
    }
    findings
}

fn wrong_arrow(
    member: &Member,
    dependency: &Dependency,
    arrows: &[&str],
) -> Option<(String, String)> {
    let name = dependency.name.as_str();
    let leaf = LEAVES.contains(&name) && !APART.contains(&member.name.as_str());
    let own_tests = dependency.for_tests && name == TEST_KIT;
    (!arrows.contains(&name) && !leaf && !own_tests).then(|| {
        (
            format!("{} may not depend on {name}", member.name),
            "move what is needed to a crate both may know, or pass it in as an argument".to_owned(),
        )
    })
}

fn wrong_owner(member: &Member, dependency: &Dependency) -> Option<(String, String)> {
    let (library, owner) = OWNED
        .iter()
        .find(|(library, _)| *library == dependency.name)?;
    (member.name != *owner).then(|| {
        (
            format!("{} names {library}, which only {owner} may", member.name),
            format!("have {owner} offer what is needed"),
        )
    })
}

/// A library that tests alone bring would give builds with tests other features than builds without.
fn only_for_tests(members: &[Member], dependency: &Dependency) -> Option<(String, String)> {
    let built_always = || {
        let mut all = members.iter().flat_map(|member| &member.dependencies);
        all.any(|other| other.name == dependency.name && !other.for_tests)
    };
    (dependency.for_tests && !built_always()).then(|| {
        (
            format!(
                "{} is a dependency of tests alone, which may compile the engine twice",
                dependency.name
            ),
            format!("make it a plain dependency of {TEST_KIT} too"),
        )
    })
}

/// Lines of a manifest that choose a version or features by themselves.
fn outside_the_root_table(tree: &Tree, manifest: &str) -> Vec<Finding> {
    let Some(file) = tree.file(manifest) else {
        return Vec::new();
    };
    let mut section = "";
    let mut findings = Vec::new();
    for (line, text) in file.lines() {
        let text = text.split('#').next().unwrap_or_default().trim();
        if text.starts_with('[') {
            section = text;
        } else if section.ends_with("dependencies]") && text.contains('=') {
            let from_root = text.contains(".workspace = true") || text.contains("workspace = true");
            if !from_root || text.contains("features") {
                findings.push(Finding::new(
                    manifest,
                    line,
                    format!("`{text}` chooses a version or features by itself"),
                    "write `name.workspace = true`; versions and features stand in the root Cargo.toml, one set for all",
                ));
            }
        }
    }
    findings
}

/// Where a manifest names a dependency.
fn line_of(tree: &Tree, manifest: &str, dependency: &str) -> usize {
    let names = |text: &str| {
        let rest = text.trim_start().strip_prefix(dependency);
        rest.is_some_and(|rest| rest.starts_with(['.', ' ', '=']))
    };
    tree.file(manifest)
        .and_then(|file| {
            file.lines()
                .find(|(_, text)| names(text))
                .map(|(line, _)| line)
        })
        .unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(name: &str, plain: &[&str], for_tests: &[&str]) -> Member {
        let dependency = |for_tests| {
            move |name: &&str| Dependency {
                name: (*name).to_owned(),
                for_tests,
            }
        };
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

    /// The workspace as it should be, with one member replaced.
    fn with(changed: Member) -> Vec<Member> {
        let mut members: Vec<Member> = ARROWS
            .iter()
            .map(|(name, arrows)| member(name, arrows, &[]))
            .collect();
        match members
            .iter_mut()
            .find(|member| member.name == changed.name)
        {
            Some(place) => *place = changed,
            None => members.push(changed),
        }
        members
    }

    fn problems(changed: Member) -> Vec<String> {
        check(&with(changed), &Tree::planted(&[]))
            .into_iter()
            .map(|finding| finding.problem)
            .collect()
    }

    #[test]
    fn the_table_itself_is_fine() {
        assert_eq!(
            problems(member(
                "confab-bus",
                &["confab-domain", "confab-config", "async-nats"],
                &[TEST_KIT]
            )),
            [""; 0]
        );
        assert_eq!(
            problems(member(
                "confab",
                &["confab-edge", "confab-worker", "confab-telemetry"],
                &[]
            )),
            [""; 0]
        );
    }

    #[test]
    fn wrong_arrows_are_found() {
        for (from, to) in [
            ("confab-protocol", "confab-domain"),
            ("confab-bus", "confab-store"),
            ("confab-edge", "confab-worker"),
            ("confab-store", "confab-edge"),
            ("confab-config", "confab-telemetry"),
            ("confab-domain", "confab-config"),
            ("confab-edge", TEST_KIT),
            ("xtask", "confab-protocol"),
        ] {
            assert_eq!(
                problems(member(from, &[to], &[])),
                [format!("{from} may not depend on {to}")]
            );
        }
        assert_eq!(
            problems(member("confab-edge", &[], &["confab-worker"])).len(),
            1
        );
    }

    #[test]
    fn libraries_named_by_the_wrong_crate_are_found() {
        for (library, owner) in OWNED {
            assert_eq!(problems(member(owner, &[library], &[])), [""; 0]);
            let problems = problems(member("confab", &[library], &[]));
            assert_eq!(
                problems,
                [format!("confab names {library}, which only {owner} may")]
            );
        }
        assert_eq!(
            problems(member("confab-edge", &[], &["async-nats"])).len(),
            1
        );
    }

    #[test]
    fn a_library_of_tests_alone_is_found() {
        assert_eq!(problems(member("confab-edge", &[], &["insta"])).len(), 1);
        let mut members = with(member("confab-edge", &[], &["insta"]));
        members.push(member(TEST_KIT, &["insta"], &[]));
        assert_eq!(check(&members, &Tree::planted(&[])), []);
    }

    #[test]
    fn a_crate_without_a_row_is_found() {
        assert_eq!(
            problems(member("confab-new", &[], &[])),
            ["crate confab-new isn't in the dependency table"]
        );
    }

    #[test]
    fn a_finding_names_the_line_of_the_manifest() {
        let manifest = "[package]\nname = \"confab-edge\"\n[dependencies]\nserde.workspace = true\nasync-nats.workspace = true\n";
        let tree = Tree::planted(&[("confab-edge/Cargo.toml", manifest)]);
        let findings = check(
            &with(member("confab-edge", &["serde", "async-nats"], &[])),
            &tree,
        );
        assert_eq!(
            findings
                .iter()
                .map(|finding| finding.line)
                .collect::<Vec<_>>(),
            [5]
        );
    }

    #[test]
    fn versions_and_features_of_a_members_own_are_found() {
        let manifest = "[package]\nversion.workspace = true\n[dependencies]\nserde = \"1\"\nrand.workspace = true\n\
            tokio = { workspace = true, features = [\"full\"] }\n[dev-dependencies]\ninsta = { workspace = true } # why\n";
        let tree = Tree::planted(&[("confab-edge/Cargo.toml", manifest)]);
        let lines: Vec<usize> = outside_the_root_table(&tree, "confab-edge/Cargo.toml")
            .iter()
            .map(|found| found.line)
            .collect();
        assert_eq!(lines, [4, 6]);
    }
}
