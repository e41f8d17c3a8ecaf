//! The dependency table of the architecture: which crate may know which, and who alone names a library.
//! Dependencies for tests obey it too, but for the test kit.

use super::Finding;
use super::members::{Dependency, Member};
use super::tree::Tree;

const LEAVES: [&str; 2] = ["confab-config", "confab-telemetry"];
const TEST_KIT: &str = "confab-testkit";
const TEST_HUB: &str = "confab-testhub";
/// A bare relay that the hub is compared with. It shares nothing with the hub, or it would not be a measure of it.
const FLOOR: &str = "confab-floor";

/// Every member and the members it may depend on, the leaves aside, which everything above them may use.
const ARROWS: [(&str, &[&str]); 19] = [
    ("confab-protocol", &[]),
    ("confab-config", &[]),
    ("confab-telemetry", &[]),
    ("confab-attachments", &[]),
    ("confab-domain", &["confab-protocol"]),
    ("confab-client", &["confab-protocol"]),
    ("confab-bus", &["confab-protocol", "confab-domain"]),
    ("confab-store", &["confab-protocol", "confab-domain"]),
    ("confab-auth", &["confab-protocol", "confab-domain"]),
    ("confab-outward", &["confab-domain"]),
    ("confab-edge", &NODE),
    ("confab-worker", &NODE),
    ("confab", &HUB),
    (TEST_KIT, &[]),
    (TEST_HUB, &KIT),
    ("confab-loadtest", &LOAD),
    ("confab-surreal-server", &[]),
    (FLOOR, &[]),
    ("xtask", &[]),
];
const NODE: [&str; 7] = [
    "confab-protocol",
    "confab-domain",
    "confab-bus",
    "confab-store",
    "confab-auth",
    "confab-attachments",
    "confab-outward",
];
const HUB: [&str; 9] = [
    "confab-attachments",
    "confab-protocol",
    "confab-domain",
    "confab-client",
    "confab-bus",
    "confab-store",
    "confab-auth",
    "confab-edge",
    "confab-worker",
];
const KIT: [&str; 10] = [
    "confab-attachments",
    "confab-protocol",
    "confab-domain",
    "confab-client",
    "confab-bus",
    "confab-store",
    "confab-auth",
    "confab-edge",
    "confab-worker",
    TEST_KIT,
];
const LOAD: [&str; 6] =
    ["confab-protocol", "confab-domain", "confab-client", "confab-bus", TEST_KIT, TEST_HUB];
/// Members that stand apart from the hub: they use not even the leaves.
const APART: [&str; 9] = [
    "confab-protocol",
    "confab-attachments",
    "confab-domain",
    "confab-client",
    "confab-config",
    "confab-telemetry",
    "confab-surreal-server",
    FLOOR,
    "xtask",
];

/// Libraries that one crate alone may name.
const OWNED: [(&str, &str); 6] = [
    ("object_store", "confab-attachments"),
    ("async-nats", "confab-bus"),
    ("surrealdb", "confab-store"),
    ("axum", "confab-edge"),
    ("fastwebsockets", "confab-edge"),
    ("surrealdb-server", "confab-surreal-server"),
];
/// Those that the floor names, too: it uses the same libraries as the hub by itself, so that the comparison is fair.
const FLOORS: [&str; 2] = ["async-nats", "fastwebsockets"];

/// Arrows that point the wrong way, and libraries named by the wrong crate.
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
                wrong_owner(member, dependency)
            };
            let line = member.line_of(dependency, tree);
            if let Some((problem, remedy)) = problem {
                findings.push(Finding::new(&member.manifest, line, problem, remedy));
            }
        }
    }
    findings
}

fn wrong_arrow(member: &Member, dependency: &Dependency, arrows: &[&str]) -> Option<(String, String)> {
    let name = dependency.name.as_str();
    let leaf = LEAVES.contains(&name) && !APART.contains(&member.name.as_str());
    let own_tests = dependency.for_tests && (name == TEST_KIT || name == TEST_HUB);
    (!arrows.contains(&name) && !leaf && !own_tests).then(|| {
        (
            format!("{} may not depend on {name}", member.name),
            "move what is needed to a crate both may know, or pass it in as an argument".to_owned(),
        )
    })
}

fn wrong_owner(member: &Member, dependency: &Dependency) -> Option<(String, String)> {
    let (library, owner) = OWNED.iter().find(|(library, _)| *library == dependency.name)?;
    let is_floors = member.name == FLOOR && FLOORS.contains(library);
    (member.name != *owner && !is_floors).then(|| {
        (
            format!("{} names {library}, which only {owner} may", member.name),
            format!("have {owner} offer what is needed"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::members::member;
    use super::*;

    /// The workspace as it should be, with one member replaced.
    fn with(changed: Member) -> Vec<Member> {
        let mut members: Vec<Member> =
            ARROWS.iter().map(|(name, arrows)| member(name, arrows, &[])).collect();
        match members.iter_mut().find(|member| member.name == changed.name) {
            Some(place) => *place = changed,
            None => members.push(changed),
        }
        members
    }

    fn problems(changed: Member) -> Vec<String> {
        check(&with(changed), &Tree::planted(&[])).into_iter().map(|finding| finding.problem).collect()
    }

    #[test]
    fn the_table_itself_is_fine() {
        assert_eq!(
            problems(member("confab-bus", &["confab-domain", "confab-config", "async-nats"], &[TEST_KIT])),
            [""; 0]
        );
        assert_eq!(
            problems(member("confab", &["confab-edge", "confab-worker", "confab-telemetry"], &[])),
            [""; 0]
        );
    }

    #[test]
    fn wrong_arrows_are_found() {
        for (from, to) in [
            ("confab-protocol", "confab-domain"),
            ("confab-bus", "confab-store"),
            ("confab-edge", "confab-worker"),
            ("confab-client", "confab-domain"),
            ("confab-store", "confab-edge"),
            ("confab-config", "confab-telemetry"),
            ("confab-domain", "confab-config"),
            ("confab-edge", TEST_KIT),
            ("xtask", "confab-protocol"),
        ] {
            assert_eq!(problems(member(from, &[to], &[])), [format!("{from} may not depend on {to}")]);
        }
        assert_eq!(problems(member("confab-edge", &[], &["confab-worker"])).len(), 1);
    }

    #[test]
    fn libraries_named_by_the_wrong_crate_are_found() {
        for (library, owner) in OWNED {
            assert_eq!(problems(member(owner, &[library], &[])), [""; 0]);
            let problems = problems(member("confab", &[library], &[]));
            assert_eq!(problems, [format!("confab names {library}, which only {owner} may")]);
        }
        assert_eq!(problems(member("confab-edge", &[], &["async-nats"])).len(), 1);
    }

    #[test]
    fn the_floor_names_what_the_hub_is_made_of_and_nothing_of_the_hub() {
        assert_eq!(problems(member(FLOOR, &FLOORS, &[])), [""; 0]);
        for other in ["confab-bus", "confab-telemetry", "axum"] {
            assert_eq!(problems(member(FLOOR, &[other], &[])).len(), 1, "{other}");
        }
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
        let findings = check(&with(member("confab-edge", &["serde", "async-nats"], &[])), &tree);
        assert_eq!(findings.iter().map(|finding| finding.line).collect::<Vec<_>>(), [5]);
    }
}
