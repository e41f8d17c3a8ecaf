//! Which faults there are, and of which nodes; and those that can't be made, with the reason.

use anyhow::{Result, bail};
use confab_testkit::network::Clock;

/// What is done, how a run is told so, and what it is.
const FAULTS: [(&str, &str, &str); 8] = [
    ("kill", "kill", "killed, and started again"),
    ("pause", "pause", "stands still with its connections open"),
    ("restart", "restart", "stopped in good order, and started again"),
    ("partition", "partition", "cut off from all others"),
    ("delay", "delay=100ms", "100 ms later, each way"),
    ("loss", "loss=5%", "5 % of its packets are lost, each way"),
    ("disk", "fill", "its disk is full"),
    ("clock", "step=3600s", "its clock is an hour ahead"),
];

/// What it is done to, and what that is called in a run.
const NODES: [(&str, &str); 5] = [
    ("edge", "edge-1"),
    ("worker", "worker-1"),
    ("nats-leader", "nats-leader"),
    ("nats-follower", "nats-follower"),
    ("database", "database"),
];

/// A fault of a node.
#[derive(Debug, Clone)]
pub(super) struct Case {
    /// What is done: `kill`.
    pub(super) kind: &'static str,
    /// To what: `edge`.
    pub(super) node: &'static str,
    /// What that means.
    pub(super) what: &'static str,
    /// As a run is told, without when.
    pub(super) fault: String,
    /// Why it can't be made, if it can't.
    pub(super) left_out: Option<String>,
}

impl Case {
    /// `kill:edge`.
    pub(super) fn name(&self) -> String {
        format!("{}:{}", self.kind, self.node)
    }
}

/// All faults of all nodes, or those that are named, by the fault, the node, or both.
pub(super) fn wanted(only: &[String]) -> Result<Vec<Case>> {
    let all: Vec<Case> =
        FAULTS.iter().flat_map(|fault| NODES.iter().map(|node| case(*fault, *node))).collect();
    let is_meant = |case: &Case, word: &String| [case.kind, case.node, &case.name()].contains(&word.as_str());
    if let Some(unknown) = only.iter().find(|word| !all.iter().any(|case| is_meant(case, word))) {
        let names: Vec<String> = all.iter().map(Case::name).collect();
        bail!("there is no fault {unknown:?}; there are {}", names.join(", "));
    }
    let is_wanted = |case: &Case| only.is_empty() || only.iter().any(|word| is_meant(case, word));
    Ok(all.into_iter().filter(is_wanted).collect())
}

fn case(
    (kind, action, what): (&'static str, &str, &'static str),
    (node, process): (&'static str, &str),
) -> Case {
    let left_out = match (kind, node) {
        ("disk", "edge" | "worker") => Some("it keeps nothing on a disk"),
        ("clock", "nats-leader" | "nats-follower") => {
            Some("a program without a C library, whose clock can't be stepped from outside")
        }
        ("clock", _) if Clock::right().is_none() => {
            Some("libfaketime is missing: `apt-get install libfaketime`")
        }
        _ => None,
    };
    Case { kind, node, what, fault: format!("{action}:{process}"), left_out: left_out.map(str::to_owned) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(only: &[&str]) -> Vec<String> {
        let only: Vec<String> = only.iter().map(|word| (*word).to_owned()).collect();
        wanted(&only).expect("they exist").iter().map(Case::name).collect()
    }

    #[test]
    fn faults_are_chosen_by_what_is_done_and_to_what() {
        assert_eq!(names(&[]).len(), FAULTS.len() * NODES.len());
        assert_eq!(names(&["kill:edge", "loss:database"]), ["kill:edge", "loss:database"]);
        assert_eq!(names(&["pause"]).len(), NODES.len());
        assert_eq!(names(&["worker"]).len(), FAULTS.len());
        let unknown = wanted(&["flood:edge".to_owned()]).expect_err("there is none");
        assert!(unknown.to_string().contains("kill:nats-leader"), "{unknown}");
    }
}
